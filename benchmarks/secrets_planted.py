"""Secrets of every kind planted in sentences, and what only looks like one: what is found, and what is taken for one.

    .venv/bin/python benchmarks/secrets_planted.py 400 7 ../shared/data/locomo_dev

As many of each kind as the first argument says, from a seed, in the shapes that the vendors document; folders after
them hold real turns, in none of which a secret stands. A secret is found where exactly its own characters are marked:
what is left of one that is marked in part would still be on the disk. `false` counts texts in which something is marked
that is none. Times are for a text, in the same process.
"""

import base64
import hashlib
import hmac
import json
import random
import string
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from publishing import tell

from lamina.govern.secrets import find_secrets, mask

DIGITS, LOWER, UPPER = string.digits, string.ascii_lowercase, string.ascii_uppercase
ALNUM = LOWER + UPPER + DIGITS
URL64 = ALNUM + "-_"
HEX = "0123456789abcdef"
UPPER32 = UPPER + "234567"

Make = Callable[[random.Random], str]


def of(random_: random.Random, letters: str, count: int) -> str:
    """Give so many random letters."""
    return "".join(random_.choices(letters, k=count))


def luhn(digits: str) -> str:
    """Give digits with their check digit."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return digits + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def card(random_: random.Random) -> str:
    """Give a card's number as one of the common brands has it, printed in one of the common ways."""
    begin, length = random_.choice(
        (("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16))
    )
    number = luhn(begin + of(random_, DIGITS, length - len(begin) - 1))
    sign = random_.choice(("", " ", "-"))
    cuts = (4, 10) if length == 15 else (4, 8, 12)
    return sign.join(number[begin:end] for begin, end in zip((0, *cuts), (*cuts, length), strict=True))


def iban(random_: random.Random) -> str:
    """Give the number of an account with its check digits, with blanks or without."""
    country, shape = random_.choice(
        (
            ("DE", "9" * 18),
            ("GB", "AAAA" + "9" * 14),
            ("FR", "9" * 23),
            ("NL", "AAAA" + "9" * 10),
            ("IT", "A" + "9" * 22),
        )
    )
    body = "".join(random_.choice(DIGITS if sign == "9" else UPPER) for sign in shape)
    number = int("".join(str(int(sign, 36)) for sign in body + country + "00"))
    plain = f"{country}{98 - number % 97:02}{body}"
    return plain if random_.random() < 0.5 else " ".join(plain[place : place + 4] for place in range(0, len(plain), 4))


def json_web_token(random_: random.Random) -> str:
    """Give a signed token of JSON."""

    def packed(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    head = packed(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = packed(json.dumps({"sub": str(random_.getrandbits(32)), "iat": 1_700_000_000}).encode())
    return f"{head}.{body}.{packed(hmac.new(random_.randbytes(16), (head + body).encode(), hashlib.sha256).digest())}"


def private_key(random_: random.Random) -> str:
    """Give the block of a private key."""
    name = random_.choice(("RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", ""))
    lines = "\n".join(base64.b64encode(random_.randbytes(48)).decode() for _ in range(random_.randint(4, 14)))
    return f"-----BEGIN {name}PRIVATE KEY-----\n{lines}\n-----END {name}PRIVATE KEY-----"


def a_password(random_: random.Random) -> str:
    """Give a password as people choose them: words with figures and signs, or one word, or random letters."""
    word = random_.choice(
        ("blue", "tiger", "Summer", "dragon", "kitchen", "Berlin", "monkey", "coffee", "Pass", "hunter")
    )
    shapes = (
        f"{word}{random_.randint(0, 9999)}",
        f"{word.capitalize()}{random_.choice('!?$%&')}{random_.randint(1, 99)}",
        f"{word}-{random_.choice(('river', 'stone', 'cloud'))}-{random_.randint(1, 99)}",
        of(random_, ALNUM, random_.randint(8, 20)),
        word + random_.choice(("fish", "house", "green")),
    )
    return random_.choice(shapes)


VENDORS: dict[str, Make] = {
    "aws_access_key_id": lambda r: random_choice(r, "AKIA", "ASIA") + of(r, UPPER32, 16),
    "github_token": lambda r: r.choice(
        (f"ghp_{of(r, ALNUM, 36)}", f"github_pat_{of(r, ALNUM, 22)}_{of(r, ALNUM, 59)}")
    ),
    "gitlab_token": lambda r: f"glpat-{of(r, URL64, 20)}",
    "slack_token": lambda r: f"xox{r.choice('bp')}-{of(r, DIGITS, 12)}-{of(r, DIGITS, 12)}-{of(r, ALNUM, 24)}",
    "stripe_key": lambda r: f"{r.choice('sr')}k_live_{of(r, ALNUM, 24)}",
    "anthropic_key": lambda r: f"sk-ant-api03-{of(r, URL64, 93)}AA",
    "openai_key": lambda r: f"sk-{r.choice(('', 'proj-'))}{of(r, ALNUM, 48)}",
    "google_key": lambda r: f"AIza{of(r, URL64, 35)}",
    "huggingface_token": lambda r: f"hf_{of(r, (LOWER + UPPER), 34)}",
    "npm_token": lambda r: f"npm_{of(r, ALNUM, 36)}",
    "sendgrid_key": lambda r: f"SG.{of(r, URL64, 22)}.{of(r, URL64, 43)}",
    "twilio_key": lambda r: f"SK{of(r, HEX, 32)}",
    "telegram_token": lambda r: f"{r.randint(10**8, 10**10 - 1)}:AA{of(r, URL64, 33)}",
    "digitalocean_token": lambda r: f"dop_v1_{of(r, HEX, 64)}",
    "shopify_token": lambda r: f"shpat_{of(r, HEX, 32)}",
}


def random_choice(random_: random.Random, *texts: str) -> str:
    """Give one of the texts."""
    return random_.choice(texts)


#: By kind: how one is made, and the sentences in which it stands.
PLAIN = (
    "here it is: {} thanks", "I use {} for that", "{}", "try with {}, it works on my machine",
    "oh no, I pushed {} to the repo", "the new one is {}.", "export KEY={}", '{{"key": "{}"}}', "key={} ok?",
)  # fmt: skip
NUMBERS = ("pay with {} please", "my number is {}, expires in May", "{}", "it's {}.", "charge {} again")
PASSWORDS = (
    "password: {}", "Password: {}", "my password is: {}", "user ada, password: {}, host db1", "pwd={}",
    "login ada\npass: {}\nsee you", 'password = "{}"', "DB_PASSWORD={}", '{{"password": "{}"}}', "passwd: '{}'",
)  # fmt: skip
SPOKEN = ("the wifi password is {}", "password for the router is {}, don't share it", "I set the password to {}")
URLS = ("postgres://ada:{}@db.local:5432/app", "use mysql://root:{}@10.0.0.5/shop", "redis://:{}@cache:6379 is up",
        "https://bot:{}@git.example.org/repo.git", "mongodb+srv://app:{}@cluster0.mongodb.net")  # fmt: skip
ASSIGNED = (
    "api_key: {}",
    "API key = {}",
    "client_secret={}",
    '{{"access_token": "{}"}}',
    "SECRET_KEY='{}'",
    "token: {}",
)
BEARERS = ("Authorization: Bearer {}", "curl -H 'Authorization: Bearer {}' https://api.example.org")
PLANTED: dict[str, tuple[Make, tuple[str, ...]]] = {
    **{kind: (make, PLAIN) for kind, make in VENDORS.items()},
    "json_web_token": (json_web_token, PLAIN),
    "private_key": (private_key, ("{}", "the key:\n{}\nkeep it safe", "here:\n{}")),
    "card_number": (card, NUMBERS),
    "iban": (iban, NUMBERS),
    "password": (a_password, PASSWORDS),
    "password, spoken": (lambda r: f"{a_password(r)}{r.randint(0, 9)}!", SPOKEN),
    "connection_string": (lambda r: of(r, ALNUM, r.randint(8, 20)), URLS),
    "assigned_secret": (lambda r: of(r, r.choice((HEX, ALNUM)), r.choice((32, 40))), ASSIGNED),
    "bearer_token": (lambda r: of(r, ALNUM, 40), BEARERS),
    "basic_credentials": (
        lambda r: base64.b64encode(f"ada:{a_password(r)}".encode()).decode(), ("Authorization: Basic {}",),
    ),
}  # fmt: skip
HARD: dict[str, Make] = {
    "sha1": lambda r: f"commit {of(r, HEX, 40)} broke it",
    "short sha": lambda r: f"fixed in {of(r, HEX, 7)}, see {of(r, HEX, 10)}",
    "sha256": lambda r: f"sha256:{of(r, HEX, 64)}",
    "md5": lambda r: f"the checksum is {of(r, HEX, 32)}",
    "uuid": lambda r: f"request {uuid.UUID(int=r.getrandbits(128))} failed",
    "ulid": lambda r: f"record {of(r, '0123456789ABCDEFGHJKMNPQRSTVWXYZ', 26)} is gone",
    "phone": lambda r: f"call me at +{r.randint(1, 99)} {of(r, DIGITS, 3)} {of(r, DIGITS, 3)} {of(r, DIGITS, 4)}",
    "phone, plain": lambda r: f"my number: {of(r, DIGITS, 10)}",
    "order": lambda r: f"order #{of(r, DIGITS, r.randint(8, 18))} has not come",
    "order, as cards are printed": lambda r: f"order {unlike_a_card(r)} is late",
    "tracking": lambda r: f"tracking 1Z{of(r, DIGITS + UPPER, 16)}",
    "image": lambda r: f"data:image/png;base64,{base64.b64encode(r.randbytes(600)).decode()}",
    "numbers": lambda r: " ".join(of(r, DIGITS, r.randint(1, 6)) for _ in range(12)),
    "timestamps": lambda r: f"{r.randint(10**12, 2 * 10**12)} {r.randint(10**15, 2 * 10**15)} 2026-11-30T10:00:00Z",
    "coordinates": lambda r: f"at {r.uniform(-90, 90):.12f}, {r.uniform(-180, 180):.12f}",
    "isbn": lambda r: f"ISBN 978-{r.randint(0, 9)}-{of(r, DIGITS, 4)}-{of(r, DIGITS, 4)}-{r.randint(0, 9)}",
    "no iban": lambda r: f"{r.choice(('DE', 'GB', 'FR'))}{of(r, DIGITS, 2)} {of(r, DIGITS, 4)} {of(r, DIGITS, 4)}",
    "url": lambda r: f"https://example.org/{of(r, URL64, 24)}?v={of(r, ALNUM, 11)}&t={r.randint(1, 999)}",
    "path": lambda r: f"/home/ada/.cache/{of(r, HEX, 16)}/{of(r, URL64, 20)}.json",
    "import": lambda r: f"from package_{of(r, LOWER, 6)}.module import {of(r, (LOWER + UPPER), 20)}",
    "css": lambda r: f"border: #{of(r, HEX, 6)}; background: url({of(r, ALNUM, 12)}.png)",
    "package lock": lambda r: f'"integrity": "sha512-{base64.b64encode(r.randbytes(64)).decode()}"',
}  # fmt: skip
#: What speaks of secrets and holds none.
TALK = (
    "I forgot my password again", "the password is wrong", "Password: required", "password: must be at least 8 long",
    "password: ********", "password: <your password>", "password = os.environ['DB_PASSWORD']", "pwd: /home/ada",
    "api_key: YOUR_API_KEY_GOES_HERE", "api_key = settings.api_key_for_the_service", "the token is expired",
    "postgres://user:password@localhost/db", "https://example.org:8080/a@b", "reset your password: click here",
    "what is the password to the wifi?", "password: see the vault", "the password was changed yesterday",
    "a passport: yes, a visa: no", "pass: the exam went well", "compass: north", "token: none", "secret = None",
    "the secret is out", "my secret: I love pineapple on pizza", "client_secret: ${CLIENT_SECRET}", "key: value",
    "Basic authentication is enough", "a bearer of good news arrived at the station this morning",
    "password=getpass.getpass()", "password: str = ''", "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQ\n",
    "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQ\n-----END CERTIFICATE-----", "sk-learn is sklearn's name",
    "bypass: the road around the town", "my password is the name of my dog", "passing: 12 tests", "pin: 3 on the map",
)  # fmt: skip


def unlike_a_card(random_: random.Random) -> str:
    """Give a number printed as a card's that does not pass its check."""
    number = luhn("4" + of(random_, DIGITS, 14))
    wrong = number[:-1] + str((int(number[-1]) + random_.randint(1, 9)) % 10)
    return " ".join(wrong[place : place + 4] for place in range(0, 16, 4))


def measure(arguments: list[str]) -> dict[str, Any]:
    """Plant, look, and count."""
    count, seed, *folders = (*arguments, *("400", "7")[len(arguments) :])
    count, random_ = int(count), random.Random(int(seed))
    recall, marked, found_all = {}, 0, 0
    for kind, (make, sentences) in PLANTED.items():
        found = 0
        for _ in range(count):
            secret = make(random_)
            text = random_.choice(sentences).format(secret)
            begin = text.index(secret)
            spans = [(one.start, one.end) for one in find_secrets(text)]
            found += spans == [(begin, begin + len(secret))]
            marked += len(spans)
            found_all += (begin, begin + len(secret)) in spans
        recall[kind] = found / count
    false = {kind: sum(bool(find_secrets(make(random_))) for _ in range(count)) for kind, make in HARD.items()}
    talk = [text for text in TALK if find_secrets(text)]
    negatives = count * len(HARD) + len(TALK)
    wrong = sum(false.values()) + len(talk)
    real = {Path(folder).name: _real(Path(folder)) for folder in folders}
    planted = count * len(PLANTED)
    return {
        "planted": planted,
        "recall": round(found_all / planted, 4),
        "recall_by_kind": recall,
        "negatives": negatives,
        "false": wrong,
        "false_by_kind": {kind: number for kind, number in false.items() if number},
        "false_talk": talk,
        "precision": round(found_all / (marked + wrong), 4),
        "real": real,
    }


def _real(folder: Path) -> dict[str, Any]:
    texts = [json.loads(line)["text"] for line in (folder / "docs.jsonl").read_text("utf-8").split("\n") if line]
    began = time.process_time()
    found = [(text, find_secrets(text)) for text in texts]
    spent_us = (time.process_time() - began) / len(texts) * 1e6
    kinds = Counter(one.kind for _, secrets in found for one in secrets)
    shown = [mask(text, secrets)[:160] for text, secrets in found if secrets][:20]
    return {
        "texts": len(texts),
        "false": sum(bool(one) for _, one in found),
        "kinds": kinds,
        "us": round(spent_us, 1),
        "shown": shown,
    }


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    tell("secrets", measure)
