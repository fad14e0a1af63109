"""Genuine deliveries of Jira: what is let in, signed or by a header of its own; and what a refusal says."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jira_bodies import SECRET, delivery, listening
from pydantic import ValidationError

from trackersync.connector import BadSignatureError, Delivery

HELLO = b"Hello World!"
RIGHT = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
"""Atlassian, "Webhooks", "Secure admin webhooks": its own example, of the secret ``SECRET``."""
HEX = RIGHT.removeprefix("sha256=")
HEADER = "X-Acme-Token"


def signed(signature: str | None, body: bytes = HELLO, **more: str) -> Delivery:
    return Delivery(more | ({} if signature is None else {"x-hub-signature": signature}), body)


def bearing(value: str, header: str = HEADER, **more: str) -> Delivery:
    return Delivery({header.lower(): value} | more, HELLO)


def by(method: str, secret: str = SECRET, body: bytes = HELLO) -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


def test_the_documented_example_is_genuine() -> None:
    listening().verify(signed(RIGHT))


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_the_method_is_read_from_the_header(method: str) -> None:
    listening().verify(signed(by(method)))
    with pytest.raises(BadSignatureError, match="does not fit"):
        listening().verify(signed(by(method, "another")))


def test_capitals_are_the_same_digest() -> None:
    listening().verify(signed(f"sha256={HEX.upper()}"))


@pytest.mark.parametrize("secrets", [["new", SECRET], [SECRET, "old"], ["", SECRET], [SECRET, ""]])
@pytest.mark.parametrize("it", [signed(RIGHT), bearing(SECRET)], ids=["signed", "by header"])
def test_while_one_secret_replaces_another_either_will_do(secrets: list[str], it: Delivery) -> None:
    listening(webhook_secrets=secrets, webhook_header=HEADER).verify(it)


def test_the_body_is_taken_as_it_came() -> None:
    """Not decoded and written anew: spaces, order and escapes are part of what was signed."""
    listening().verify(delivery(b'{ "b":1 ,\r\n"a" : "\\u00e9", "a":2}\n'))
    listening().verify(delivery(b"no JSON \xff"))


REFUSED: list[tuple[str, Mapping[str, str], str]] = [
    ("unsigned", {}, "not signed"),
    ("empty", {"x-hub-signature": ""}, "not of the form"),
    ("no digest", {"x-hub-signature": "sha256="}, "not of the form"),
    ("no method", {"x-hub-signature": HEX}, "not of the form"),
    ("too short", {"x-hub-signature": RIGHT[:-1]}, "not of the form"),
    ("too long", {"x-hub-signature": RIGHT + "0"}, "does not fit"),
    ("a line behind it", {"x-hub-signature": RIGHT + "\n"}, "not of the form"),
    ("other digits", {"x-hub-signature": "sha256=" + "\u0661" * 64}, "not of the form"),
    ("two", {"x-hub-signature": f"{RIGHT}, {RIGHT}"}, "not of the form"),
    ("a method of its own", {"x-hub-signature": f"none={HEX}"}, "not of the form"),
    ("a method that is not safe", {"x-hub-signature": by("sha1")}, "not safe any more"),
    ("another method's digest", {"x-hub-signature": f"sha512={HEX}"}, "does not fit"),
    ("zeros", {"x-hub-signature": "sha256=" + "0" * 64}, "does not fit"),
    ("another secret's", {"x-hub-signature": by("sha256", "other")}, "does not fit"),
    ("without a secret", {"x-hub-signature": "sha256=" + hashlib.sha256(HELLO).hexdigest()}, "does not fit"),
    ("of an empty secret", {"x-hub-signature": by("sha256", "")}, "does not fit"),
    ("of another body", {"x-hub-signature": by("sha256", body=b"Hello")}, "does not fit"),
    ("GitHub's header", {"x-hub-signature-256": RIGHT}, "not signed"),
    ("the secret in a header nobody configured", {"x-acme-token": SECRET}, "not signed"),
]


@pytest.mark.parametrize("secrets", [[SECRET], ["new", SECRET], [SECRET, ""]], ids=["one", "two", "one and none"])
@pytest.mark.parametrize(("headers", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_not_signed_by_us_is_refused(headers: Mapping[str, str], words: str, secrets: list[str]) -> None:
    with pytest.raises(BadSignatureError, match=words) as caught:
        listening(webhook_secrets=secrets).verify(Delivery(headers, HELLO))

    said = str(caught.value)
    assert said.startswith("work: ")
    assert SECRET not in said
    assert HEX[:16] not in said.lower(), "what would be right must not be told to whoever guesses"
    assert caught.value.__cause__ is None


# A webhook that cannot sign.


def test_the_configured_header_bears_the_secret() -> None:
    listening(webhook_header=HEADER).verify(bearing(SECRET))
    listening(webhook_header="Authorization", webhook_secrets=["Basic aG9vazpzZXNhbWU="]).verify(
        bearing("Basic aG9vazpzZXNhbWU=", "Authorization")
    )


@pytest.mark.parametrize("value", ["", " ", SECRET[:-1], SECRET + "x", SECRET.lower(), f"{SECRET}, {SECRET}", "\udcff"])
def test_another_value_of_it_is_refused(value: str) -> None:
    with pytest.raises(BadSignatureError, match="header X-Acme-Token bears none of `webhook_secrets`") as caught:
        listening(webhook_header=HEADER).verify(bearing(value))
    assert SECRET not in str(caught.value)


def test_an_unsigned_delivery_without_it_is_refused() -> None:
    with pytest.raises(BadSignatureError, match="not signed and bears no header X-Acme-Token"):
        listening(webhook_header=HEADER).verify(signed(None, other=SECRET))


def test_one_that_can_sign_need_not_bear_it() -> None:
    listening(webhook_header=HEADER).verify(signed(RIGHT))


def test_a_bad_signature_is_not_made_good_by_it() -> None:
    """Whoever reads the secret in the one webhook's header could otherwise change what the other one says."""
    with pytest.raises(BadSignatureError, match="does not fit"):
        listening(webhook_header=HEADER).verify(bearing(SECRET, **{"x-hub-signature": by("sha256", "other")}))


def test_a_secret_is_utf_8_on_the_way_too() -> None:
    secret = "schlüssel 鍵 🔑"
    jira = listening(webhook_secrets=[secret], webhook_header=HEADER)
    jira.verify(signed(by("sha256", secret)))
    # Servers read headers as Latin-1.
    jira.verify(bearing(secret.encode().decode("latin-1")))


@pytest.mark.parametrize("name", ["X Acme", "X-Acme:", "", "X-Größe", "X\n", "a" * 101])
def test_what_is_no_name_of_a_header_is_refused_at_once(name: str) -> None:
    with pytest.raises(ValidationError, match="webhook_header"):
        listening(webhook_header=name)


# Without a secret.


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]], ids=["none", "empty", "empty ones"])
@pytest.mark.parametrize("it", [signed(by("sha256", "")), bearing(""), signed(None)], ids=["signed", "header", "not"])
def test_without_a_secret_nothing_is_let_in(secrets: list[str], it: Delivery) -> None:
    """A variable set to nothing would otherwise be a secret that everybody knows."""
    with pytest.raises(BadSignatureError, match="set `webhook_secrets` of tracker work"):
        listening(webhook_secrets=secrets, webhook_header=HEADER).verify(it)


@pytest.mark.parametrize("secret", ["\udcff", "key\ud800"])
def test_a_secret_that_is_no_utf_8_fits_nothing_and_breaks_nothing(secret: str) -> None:
    with pytest.raises(BadSignatureError, match="does not fit"):
        listening(webhook_secrets=[secret]).verify(signed(RIGHT))


# Anything at all.


@given(st.binary(max_size=200), st.text(min_size=1, max_size=20), st.data())
def test_one_bit_of_the_body_is_refused(body: bytes, secret: str, data: st.DataObject) -> None:
    jira = listening(webhook_secrets=[secret])
    it = delivery(body, secret)
    jira.verify(it)
    changed = bytearray(body + b"\0")
    place = data.draw(st.integers(0, len(changed) * 8 - 1))
    changed[place // 8] ^= 1 << place % 8
    with pytest.raises(BadSignatureError):
        jira.verify(Delivery(it.headers, bytes(changed)))


@given(st.text(max_size=80), st.binary(max_size=50), st.sampled_from(["x-hub-signature", HEADER.lower()]))
def test_whatever_stands_in_the_header_is_refused_by_name(value: str, body: bytes, header: str) -> None:
    with pytest.raises(BadSignatureError):
        listening(webhook_header=HEADER).verify(Delivery({header: value}, body))


@pytest.mark.parametrize("it", [signed("sha256=" + "0" * 64), bearing("guess")], ids=["signed", "by header"])
def test_every_secret_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch, it: Delivery) -> None:
    """Timing cannot be seen from here; that the comparison made for it decides, and never stops early, can."""
    seen: list[object] = []

    def watched(verdict: bool) -> Callable[[object, object], bool]:
        def compare(one: object, other: object) -> bool:
            seen.append((one, other))
            return verdict

        return compare

    jira = listening(webhook_secrets=[SECRET, "old"], webhook_header=HEADER)
    monkeypatch.setattr(hmac, "compare_digest", watched(verdict=True))
    jira.verify(it)
    assert len(seen) == 2, "the first one that fits would tell by the time it takes which secret it was"

    monkeypatch.setattr(hmac, "compare_digest", watched(verdict=False))
    with pytest.raises(BadSignatureError):
        jira.verify(signed(RIGHT))
    with pytest.raises(BadSignatureError):
        jira.verify(bearing(SECRET))
