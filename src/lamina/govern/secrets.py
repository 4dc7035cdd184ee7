"""Secrets: keys, passwords and the like, found in a text by their shape.

Shapes are those that the vendors publish, with their checksums where there are any (cards, IBANs, tokens of JSON);
where a shape alone says little, words beside it have to (`password: …`), and the value must not look like a word, a
placeholder or a reference. What is found is where the secret itself stands, so that a mark can take its place.
`benchmarks/secrets.py` measures what is found and what is taken for a secret wrongly.
"""

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

#: What stands in the place of a secret.
MARK = "[masked: {kind}]"
#: What stands in the place of each of its characters, where nothing may move.
CHARACTER = "•"


@dataclass(frozen=True, slots=True, order=True)
class Secret:
    """Where a text holds what looks like a secret, in code points, and of which kind."""

    start: int
    end: int
    kind: str


#: No letter, digit or sign of base64 stands before or after.
_BEFORE, _AFTER = r"(?<![A-Za-z0-9+/_-])", r"(?![A-Za-z0-9+/_-])"
#: The shapes of vendors' keys, none of which another text has by chance.
_VENDORS = {
    "aws_access_key_id": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    "github_token": r"gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    "gitlab_token": r"gl(?:pat|dt|rt|ptt)-[A-Za-z0-9_-]{20,}",
    "slack_token": r"xox[abeoprs]-(?=[A-Za-z-]*\d)[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{20,}",
    "stripe_key": r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}",
    "anthropic_key": r"sk-ant-[A-Za-z0-9_-]{20,}",
    "openai_key": r"sk-(?!ant-)(?:proj-|svcacct-|admin-|or-v1-)?(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{32,}",
    "google_key": r"AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{28}",
    "huggingface_token": r"hf_[A-Za-z0-9]{30,}",
    "npm_token": r"npm_[A-Za-z0-9]{36}",
    "pypi_token": r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
    "sendgrid_key": r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "twilio_key": r"SK[0-9a-f]{32}",
    "mailgun_key": r"key-[0-9a-f]{32}",
    "digitalocean_token": r"do[opr]_v1_[0-9a-f]{64}",
    "shopify_token": r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "square_token": r"sq0(?:atp|csp)-[A-Za-z0-9_-]{22,43}|EAAA[A-Za-z0-9_-]{60}",
    "telegram_token": r"\d{8,10}:AA[A-Za-z0-9_-]{33}",
    "discord_token": r"[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}",
    "age_key": r"AGE-SECRET-KEY-1[A-Z0-9]{58}",
}
_VENDOR = re.compile("|".join(f"(?P<{kind}>{_BEFORE}(?:{shape}){_AFTER})" for kind, shape in _VENDORS.items()))
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:.*?-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|(?:[\sA-Za-z0-9+/=:,.-]|\\[nr])*)",
    re.DOTALL,
)
_JWT = re.compile(_BEFORE + r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{8,}" + _AFTER)
_CARD = re.compile(r"(?<![\w.+/-])(?<!\d[ ,])(?:\d[ -]?){12,18}\d(?![\w/+-]|[.,]\d)")
#: Lengths by the first digits of a card's number, the longest beginning first.
_CARDS = (
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"), (16,)),
    (re.compile(r"6(?:011|4[4-9]|5)"), (16, 19)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16, 17, 18, 19)),
    (re.compile(r"3(?:0[0-5]|[689])"), (14, 16)),
    (re.compile(r"62"), (16, 17, 18, 19)),
)
#: How cards are printed: in one piece, by four, or 4-6-5 and 4-6-4.
_GROUPS = re.compile(r"\d+|\d{4}(?:([ -])\d{4}(?:\1\d{4}){1,2}(?:\1\d{1,4})?|([ -])\d{6}\2\d{4,5})")
_IBAN = re.compile(_BEFORE + r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?" + _AFTER)
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28,
    "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24,
    "TR": 26, "UA": 29, "VG": 24, "XK": 20,
}  # fmt: skip
_URL = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s:/@\"'<>]*:([^\s@/\"'<>]+)@[\w.\[-]")
_ACCOUNT_KEY = re.compile(r"\b(?:Account|SharedAccess)Key=([A-Za-z0-9+/]{43,}={0,2})")
_BEARER = re.compile(r"\b[Bb]earer\s+([A-Za-z0-9._~+/-]{20,}=*)")
_BASIC = re.compile(r"\bBasic\s+([A-Za-z0-9+/]{8,}={0,2})" + r"(?![A-Za-z0-9+/=])")
_VALUE = r"(?:\"([^\"\n]{3,128})\"|'([^'\n]{3,128})'|`([^`\n]{3,128})`|([^\s\"'`,;]{3,128}))"
_PASSWORD = re.compile(
    r"(?:\b|_)(?:pass(?:word|wd|phrase|code)?|pwd|passwort|kennwort|contrase(?:ñ|n)a|mot de passe|senha|wachtwoord)"
    r"[\"'`]?(?:\s(?:is|was|ist|es))?\s{0,3}(?::=|=>|[:=])\s{0,3}" + _VALUE,
    re.IGNORECASE,
)
_PASSWORD_IS = re.compile(
    r"\b(?:password|passphrase|passcode|passwort|kennwort|contrase(?:ñ|n)a)\b[^\n.!?:=]{0,40}?\s(?:is|was|ist|es|to)\s+"
    + _VALUE,
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"(?:\b|_)(?:api[ _-]?key|access[ _-]?key|secret(?:[ _-]?(?:access[ _-]?)?key)?|client[ _-]?secret|auth[ _-]?key|"
    r"private[ _-]?key|(?:access|auth|api|refresh|bot|session)[ _-]?token|token)"
    r"[\"'`]?\s{0,3}(?::=|=>|[:=]|\bis\b)\s{0,3}[\"'`]?([A-Za-z0-9+/=_.~-]{16,256})",
    re.IGNORECASE,
)
#: What stands for a secret, and is none.
_PLACEHOLDER = re.compile(
    r"[<{$%\[(].*|[*•x.#_?-]+|.*(?:\*{3,}|\.{3,}|…|xxxx|<[^>]*>|\$\{|\{\{).*"
    r"|(?:your|my|the|some|example|sample|dummy|test|change)[_-]?.*|.*(?:example|placeholder|changeme|redacted|masked).*"
    r"|pass(?:word|wd|phrase)?|pwd|secret|none|null|nil|true|false|undefined|required|optional|string|str|text|hidden"
    r"|(?:os|process|self|config|settings|env|args|request|params|form|data|user|this)\b[.\[(].*"
    r"|[A-Za-z_][\w.]*[(\[].*|.+(?:password|passwd|passphrase).*|[/~].*|\.{1,2}/.*",
    re.IGNORECASE | re.DOTALL,
)
_ENOUGH_BITS = 3.0
#: What a token and a number of an account need at least.
_LONG = re.compile(r"\S{16}")
_DIGITS = re.compile(r"(?:\d[ -]?){8}|[A-Z]{2}\d{2}")
_PASSWORD_WORDS = ("pass", "pwd", "kennwort", "contrase", "senha", "wachtwoord")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def find_secrets(text: str) -> tuple[Secret, ...]:
    """Give what looks like secrets, in their order; none lies in another."""
    found: list[Secret] = []
    for secret in sorted(_candidates(text), key=lambda one: (one.start, -one.end)):
        if not found or secret.start >= found[-1].end:
            found.append(secret)
    return tuple(found)


def mask(text: str, secrets: tuple[Secret, ...], *, keeps_places: bool = False) -> str:
    """Give a text with a mark in the place of each secret; of the same length where places must be kept."""
    parts, place = [], 0
    for secret in secrets:
        mark = CHARACTER * (secret.end - secret.start) if keeps_places else MARK.format(kind=secret.kind)
        parts += [text[place : secret.start], mark]
        place = secret.end
    return "".join((*parts, text[place:]))


def _candidates(text: str) -> Iterator[Secret]:
    # Most texts hold nothing that any of these could begin with, which is seen in a tenth of the time.
    if "PRIVATE KEY" in text:
        yield from (Secret(*found.span(), "private_key") for found in _PRIVATE_KEY.finditer(text))
    if _LONG.search(text):
        yield from _tokens(text)
    if _DIGITS.search(text):
        yield from _numbers(text)
    if ("://" in text and "@" in text) or "Basic" in text:
        yield from _valued(text, _SHORT_VALUED)
    lowered = text.lower()
    if any(word in lowered for word in _PASSWORD_WORDS):
        yield from _passwords(text)


def _tokens(text: str) -> Iterator[Secret]:
    for found in _VENDOR.finditer(text):
        yield Secret(*found.span(), str(found.lastgroup))
    for found in _JWT.finditer(text):
        if _is_jwt(found[0]):
            yield Secret(*found.span(), "json_web_token")
    yield from _valued(text, _LONG_VALUED)


def _numbers(text: str) -> Iterator[Secret]:
    for found in _CARD.finditer(text):
        if _is_card(found[0]):
            yield Secret(*found.span(), "card_number")
    for found in _IBAN.finditer(text):
        # What follows an IBAN may look like one more group.
        length = _IBAN_LENGTHS.get(found[0][:2], 0)
        end = _end_of(found[0], length)
        if length and _is_iban(found[0][:end]):
            yield Secret(found.start(), found.start() + end, "iban")


def _valued(text: str, shapes: "Sequence[_Valued]") -> Iterator[Secret]:
    for shape, kind, is_one in shapes:
        for found in shape.finditer(text):
            value = found[1].rstrip(".")
            if is_one(value):
                yield Secret(found.start(1), found.start(1) + len(value), kind)


def _passwords(text: str) -> Iterator[Secret]:
    for shape, is_asked in ((_PASSWORD, _is_password), (_PASSWORD_IS, _is_no_word)):
        for found in shape.finditer(text):
            group = next(place for place in (1, 2, 3, 4) if found[place] is not None)
            value = found[group] if group < 4 else found[group].rstrip(".)]}")
            rest = text[found.start(group) + len(value) :]
            # A sign at the end may be the sentence's or the password's: it goes with it, and does not make it one.
            if is_asked(value.rstrip("!?") if group == 4 else value, rest, is_quoted=group < 4):
                yield Secret(found.start(group), found.start(group) + len(value), "password")


def _is_password(value: str, rest: str, *, is_quoted: bool) -> bool:
    """Say whether what follows `password:` is one: a lone word only where nothing goes on after it."""
    if len(value) < 3 or _PLACEHOLDER.fullmatch(value):
        return False
    if is_quoted or not _WORD.fullmatch(value) or value[1:] != value[1:].lower():
        return True
    return len(value) >= 5 and not re.match(r"[ \t]+[^\s,;.)]", rest)


def _is_no_word(value: str, rest: str, *, is_quoted: bool) -> bool:
    """Say whether what follows `password is` is one: no word, unless it is quoted."""
    del rest
    if len(value) < 4 or _PLACEHOLDER.fullmatch(value):
        return False
    if is_quoted:
        return " " not in value
    return bool(re.search(r"\d", value) and re.search(r"[^\W\d]", value)) or bool(re.search(r"[^\w\s'’-]", value))


def _looks_random(value: str) -> bool:
    """Say whether a text is one that nobody would say: letters and digits mixed, and hardly any twice."""
    if _PLACEHOLDER.fullmatch(value) or not (re.search(r"\d", value) and re.search(r"[A-Za-z]", value)):
        return False
    return _bits(value) >= _ENOUGH_BITS


def _bits(value: str) -> float:
    """Give the entropy of a character of a text by how often each stands in it."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values())


def _is_jwt(text: str) -> bool:
    """Say whether the head of a token is JSON that names an algorithm."""
    head = text.partition(".")[0]
    try:
        read = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except ValueError:
        return False
    return isinstance(read, dict) and "alg" in read


def _is_basic(text: str) -> bool:
    """Say whether base64 is a user and a password."""
    try:
        user, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return False
    return bool(user and colon and password) and (user + password).isprintable()


def _is_card(text: str) -> bool:
    """Say whether digits are a card's number: its groups, its length, its check digit."""
    digits = re.sub(r"\D", "", text)
    if not _GROUPS.fullmatch(text) or len(set(digits)) < 2:
        return False
    lengths = next((lengths for begins, lengths in _CARDS if begins.match(digits)), ())
    return len(digits) in lengths and _passes_luhn(digits)


def _passes_luhn(digits: str) -> bool:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)) % 10 == 0


def _is_iban(text: str) -> bool:
    """Say whether the check digits of an account's number are right."""
    plain = text.replace(" ", "")
    if len(plain) != _IBAN_LENGTHS[plain[:2]]:
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _end_of(text: str, length: int) -> int:
    """Give where the first `length` characters end that are no blanks."""
    count = 0
    for place, character in enumerate(text):
        count += character != " "
        if count == length and character != " ":
            return place + 1
    return len(text)


#: A shape whose first group is the secret, its kind, and what it must be.
_Valued = tuple[re.Pattern[str], str, Callable[[str], bool]]
_SHORT_VALUED: tuple[_Valued, ...] = (
    (_URL, "connection_string", lambda value: not _PLACEHOLDER.fullmatch(value)),
    (_BASIC, "basic_credentials", _is_basic),
)
_LONG_VALUED: tuple[_Valued, ...] = (
    (_ACCOUNT_KEY, "connection_string", bool),
    (_BEARER, "bearer_token", _looks_random),
    (_ASSIGNED, "assigned_secret", _looks_random),
)
