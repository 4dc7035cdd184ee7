"""Secrets are found by their shapes, whole and alone, and what only looks like one is left."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.govern.secrets import CHARACTER, find_secrets, mask

#: Each with the secret between bars.
SECRETS = (
    ("aws_access_key_id", "use |AKIAIOSFODNN7QWERTYU| for the bucket"),
    ("github_token", "|ghp_0123456789abcdefghijABCDEFGHIJ012345|"),
    ("stripe_key", '{"key": "|sk_live_4eC39HqLyjWDarjtT1zdp7dc|"}'),
    ("slack_token", "token xoxb: |xoxb-123456789012-123456789012-abcdefghijklmnopqrstuvwx|."),
    ("telegram_token", "|110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1|"),
    ("json_web_token", "|eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk|"),
    ("private_key", "the key:\n|-----BEGIN RSA PRIVATE KEY-----\nMIIE0\nabc=\n-----END RSA PRIVATE KEY-----|\nbye"),
    ("private_key", "cut: |-----BEGIN PRIVATE KEY-----\nMIIE0abc|"),
    ("card_number", "pay with |4111 1111 1111 1111|, please"),
    ("card_number", "amex |3782-822463-10005|"),
    ("iban", "to |DE89 3704 0044 0532 0130 00| by Friday"),
    ("iban", "|GB29NWBK60161331926819|"),
    ("connection_string", "postgres://ada:|s3cr3t|@db.local/app"),
    ("connection_string", "redis://:|s3cr3t|@cache:6379"),
    ("bearer_token", "Authorization: Bearer |9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c|"),
    ("basic_credentials", "Authorization: Basic |YWRhOmh1bnRlcjI=|"),
    ("password", "password: |hunter2|"),
    ("password", "my password is: |Tiger?63|"),
    ("password", "PASSWORD='|correct horse battery|'"),
    ("password", "Passwort: |geheim|, danke"),
    ("password", "the wifi password is |Blue-Sky42!|"),
    ("password", '{"password": "|swordfish|"}'),
    ("password", "DB_PASSWORD=|swordfish|"),
    ("assigned_secret", "api_key: |0123456789abcdef0123456789abcdef|"),
    ("assigned_secret", "token: |9fceb02d0ae598e95dc970b74767f19372d61af8|"),
)
NONE = (
    "",
    "Hey Mel! Good to see you! How have you been?",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "request 123e4567-e89b-12d3-a456-426614174000 failed",
    "call +49 170 1234567",
    "order 4111111111111112",
    "order 4111 1111 1111 1112",
    "1234567890123456",
    "the password is wrong",
    "Password: required",
    "password: must be at least 8 characters",
    "password: ********",
    "password: <your password>",
    "password = os.environ['PASSWORD']",
    "User(username=username, password=hashed_password)",
    "api_key: YOUR_API_KEY_GOES_HERE",
    "new WebClient('xoxb-your-slack-token')",
    "postgres://user:password@localhost/db",
    "https://example.org:8080/path@x",
    "DE00 0000 0000 0000 0000 00",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjAN\n-----END PUBLIC KEY-----",
    "Basic understanding of things",
    "eyJhbGciOi.not.atoken",
    "a passport: yes",
)


@pytest.mark.parametrize(("kind", "text"), SECRETS)
def test_a_secret_is_found_whole_and_alone(kind: str, text: str) -> None:
    before, secret, after = text.split("|")
    (found,) = find_secrets(before + secret + after)
    assert (found.kind, (before + secret + after)[found.start : found.end]) == (kind, secret)
    assert mask(before + secret + after, (found,)) == f"{before}[masked: {kind}]{after}"
    assert mask(before + secret + after, (found,), keeps_places=True) == before + CHARACTER * len(secret) + after


@pytest.mark.parametrize("text", NONE)
def test_what_only_looks_like_a_secret_is_left(text: str) -> None:
    assert find_secrets(text) == ()


@pytest.mark.parametrize(("kind", "text"), SECRETS)
def test_what_was_masked_holds_none_any_more(kind: str, text: str) -> None:
    del kind
    plain = text.replace("|", "")
    masked = mask(plain, find_secrets(plain))
    assert find_secrets(masked) == ()
    assert mask(masked, find_secrets(masked)) == masked


@given(st.text(max_size=200), st.sampled_from(SECRETS))
def test_secrets_stand_in_order_and_none_in_another(noise: str, planted: tuple[str, str]) -> None:
    text = noise + planted[1].replace("|", "") + noise
    found = find_secrets(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    "piece", ["password: ", "a" * 50, "4" * 40, "://", "-----BEGIN PRIVATE KEY-----", "eyJ", "AKIA"]
)
def test_no_text_takes_long(piece: str) -> None:
    find_secrets(piece * (200_000 // len(piece)))
