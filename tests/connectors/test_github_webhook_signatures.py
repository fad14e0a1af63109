"""Signatures of webhook deliveries: what is let in, what is not, and what a refusal says."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import pytest
from github_bodies import SECRET, delivery, listening
from hypothesis import given
from hypothesis import strategies as st

from trackersync.connector import BadSignatureError, Delivery

HEADER = "x-hub-signature-256"
HELLO = b"Hello, World!"
RIGHT = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
"""GitHub, "Validating webhook deliveries", "Testing the webhook payload validation"."""


def signed(signature: str | None, body: bytes = HELLO, **more: str) -> Delivery:
    return Delivery(more | ({} if signature is None else {HEADER: signature}), body)


def test_the_documented_example_is_genuine() -> None:
    listening().verify(signed(RIGHT))


def test_any_event_and_no_event_may_be_signed() -> None:
    """Whether it is genuine comes before what it says."""
    listening().verify(delivery("no_such_event", b"no JSON \xff"))


@pytest.mark.parametrize("secrets", [["new", SECRET], [SECRET, "old"], ["", SECRET], [SECRET, ""]])
def test_while_one_secret_replaces_another_either_will_do(secrets: list[str]) -> None:
    listening(webhook_secrets=secrets).verify(signed(RIGHT))


def test_a_secret_is_utf_8() -> None:
    secret = "schlüssel 鍵 🔑"
    raw = hmac.new(secret.encode(), HELLO, hashlib.sha256).hexdigest()
    listening(webhook_secrets=[secret]).verify(signed(f"sha256={raw}"))


def test_the_body_is_taken_as_it_came() -> None:
    """Not decoded and written anew: spaces, order and escapes are part of what was signed."""
    listening().verify(delivery("issues", b'{ "b":1 ,\r\n"a" : "\\u00e9", "a":2}\n'))


HEX = RIGHT.removeprefix("sha256=")
REFUSED: list[tuple[str, str | None, str]] = [
    ("unsigned", None, "not signed"),
    ("empty", "", "not of the form"),
    ("no digest", "sha256=", "not of the form"),
    ("no name", HEX, "not of the form"),
    ("another name", f"sha1={HEX}", "not of the form"),
    ("too short", RIGHT[:-1], "not of the form"),
    ("too long", RIGHT + "0", "not of the form"),
    ("a line behind it", RIGHT + "\n", "not of the form"),
    ("capitals", f"sha256={HEX.upper()}", "not of the form"),
    ("other digits", "sha256=" + "\u0661" * 64, "not of the form"),
    ("no letters of ours", "sha256=\udcff" + HEX[1:], "not of the form"),
    ("two", f"{RIGHT}, {RIGHT}", "not of the form"),
    ("zeros", "sha256=" + "0" * 64, "does not fit"),
    ("another secret's", "sha256=" + hmac.new(b"other", HELLO, hashlib.sha256).hexdigest(), "does not fit"),
    ("without a secret", "sha256=" + hashlib.sha256(HELLO).hexdigest(), "does not fit"),
    ("of an empty secret", "sha256=" + hmac.new(b"", HELLO, hashlib.sha256).hexdigest(), "does not fit"),
    ("of another body", "sha256=" + hmac.new(SECRET.encode(), b"Hello", hashlib.sha256).hexdigest(), "does not fit"),
]


@pytest.mark.parametrize("secrets", [[SECRET], ["new", SECRET], [SECRET, ""]], ids=["one", "two", "one and none"])
@pytest.mark.parametrize(("signature", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_not_signed_by_us_is_refused(signature: str | None, words: str, secrets: list[str]) -> None:
    with pytest.raises(BadSignatureError, match=words) as caught:
        listening(webhook_secrets=secrets).verify(signed(signature))

    said = str(caught.value)
    assert said.startswith("code: ")
    assert SECRET not in said
    assert HEX[:16] not in said.lower(), "what would be right must not be told to whoever guesses"
    assert not signature or signature == "sha256=" or signature not in said
    assert caught.value.__cause__ is None


def test_the_older_signature_is_not_enough() -> None:
    """SHA-1 is kept "for legacy purposes"; whoever strips the better one must gain nothing."""
    it = delivery("ping", b"{}")
    only = Delivery({name: value for name, value in it.headers.items() if name != HEADER}, it.body)
    with pytest.raises(BadSignatureError, match="only the older"):
        listening().verify(only)


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]], ids=["none", "empty", "empty ones"])
def test_without_a_secret_nothing_is_let_in(secrets: list[str]) -> None:
    """A variable set to nothing would otherwise be a secret that everybody knows."""
    forged = hmac.new(b"", HELLO, hashlib.sha256).hexdigest()
    with pytest.raises(BadSignatureError, match="set `webhook_secrets` of tracker code"):
        listening(webhook_secrets=secrets).verify(signed(f"sha256={forged}"))


@pytest.mark.parametrize("secret", ["\udcff", "key\ud800"])
def test_a_secret_that_is_no_utf_8_fits_nothing_and_breaks_nothing(secret: str) -> None:
    with pytest.raises(BadSignatureError, match="does not fit"):
        listening(webhook_secrets=[secret]).verify(signed(RIGHT))


@given(st.binary(max_size=200), st.text(min_size=1, max_size=20), st.data())
def test_one_bit_of_difference_is_refused(body: bytes, secret: str, data: st.DataObject) -> None:
    github = listening(webhook_secrets=[secret])
    it = delivery("issues", body, secret=secret)
    github.verify(it)

    place = data.draw(st.integers(0, len(body) * 8 + len(RIGHT) * 8 - 1))
    header = bytearray(it.headers[HEADER].encode())
    changed = bytearray(body)
    target, bit = (changed, place) if place < len(body) * 8 else (header, place - len(body) * 8)
    target[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadSignatureError):
        github.verify(Delivery({HEADER: header.decode("latin-1")}, bytes(changed)))


@given(st.text(max_size=80), st.binary(max_size=50))
def test_whatever_stands_in_the_header_is_refused_by_name(header: str, body: bytes) -> None:
    with pytest.raises(BadSignatureError):
        listening().verify(signed(header, body))


def test_every_secret_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timing cannot be seen from here; that the comparison made for it decides, and never stops early, can."""
    seen: list[object] = []

    def watched(verdict: Callable[[], bool]) -> Callable[[object, object], bool]:
        def compare(one: object, other: object) -> bool:
            seen.append((one, other))
            return verdict()

        return compare

    github = listening(webhook_secrets=[SECRET, "old"])
    monkeypatch.setattr(hmac, "compare_digest", watched(lambda: True))
    github.verify(signed("sha256=" + "0" * 64))
    assert len(seen) == 2, "the first one that fits would tell by the time it takes which secret it was"

    monkeypatch.setattr(hmac, "compare_digest", watched(lambda: False))
    with pytest.raises(BadSignatureError):
        github.verify(signed(RIGHT))
