"""What somebody might try with the receiver, and what comes of it; ``docs/security.md`` has the same as a table."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from taking import (
    BEARER,
    BODY,
    SECRET,
    Taking,
    from_github,
    from_jira,
    listeners,
    request,
    signature,
    taking,
)

from trackersync.connector import BadDeliveryError, Delivery, Lately, These
from trackersync.store import Sorted

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Taking]:
    with taking(tmp_path) as running:
        yield running
        assert running.post(headers=from_github(id="afterwards")).status == 202, "and then it does its work"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taking]:
    with taking(tmp_path_factory.mktemp("odd")) as running:
        yield running


# Who it is from.

JIRA = b'{"issue": {"id": "10001", "key": "SHOP-1"}}'
SIGNATURES: list[tuple[str, str, dict[str, str]]] = [
    ("missing", "github", {}),
    ("another secret's", "github", {"x-hub-signature-256": signature(BODY, "another")}),
    ("another body's", "github", {"x-hub-signature-256": signature(BODY + b" ")}),
    ("truncated", "github", {"x-hub-signature-256": signature(BODY)[:-1]}),
    ("empty", "github", {"x-hub-signature-256": ""}),
    ("an older method", "github", {"x-hub-signature": signature(BODY, method="sha1")}),
    ("an older method in the new header", "github", {"x-hub-signature-256": signature(BODY, method="sha1")}),
    ("under no secret", "github", {"x-hub-signature-256": signature(BODY, "")}),
    ("not ASCII", "github", {"x-hub-signature-256": "sha256=" + "é" * 64}),
    ("the other tracker's header", "jira", {"x-hub-signature-256": signature(JIRA)}),
    ("Jira's by an older method", "jira", {"x-hub-signature": signature(JIRA, method="sha1")}),
    ("Jira's, bad, beside a good secret", "jira", {"x-hub-signature": "sha256=" + "0" * 64, "x-our-secret": BEARER}),
    ("another secret in the header", "jira", {"x-our-secret": "another"}),
]


@pytest.mark.parametrize(
    ("tracker", "headers"), [case[1:] for case in SIGNATURES], ids=[case[0] for case in SIGNATURES]
)
def test_signatures_that_do_not_fit(odd: Taking, tracker: str, headers: dict[str, str]) -> None:
    body = BODY if tracker == "github" else JIRA
    before = odd.counted(tracker).get("unsigned", 0)
    assert odd.post(body, headers, tracker).status == 401
    assert odd.counted(tracker)["unsigned"] == before + 1
    assert odd.inbox() == 0


def test_a_signature_that_comes_twice(one: Taking) -> None:
    """A proxy may have looked at the other one."""
    twice = request(BODY, from_github() | {"X-Hub-Signature-256": signature(BODY)}, "/webhooks/github")
    assert one.raw(twice).status == 401
    assert one.inbox() == 0


def test_a_delivery_that_is_replayed(one: Taking) -> None:
    """The same id: nothing is done. The same body under another id: a hint, and looks at one issue are one look."""
    assert [one.post().status for _ in range(3)] == [202] * 3
    assert one.inbox() == 1
    assert one.counted() == {"accepted": 1, "duplicate": 2}
    assert one.post(headers=from_github(id="another")).status == 202
    first, second = one.store.unsorted()
    known = listeners()["github"]
    asked = {known.scope_of(Delivery(each.received.headers, each.received.body)) for each in (first, second)}
    assert len(asked) == 1


def test_an_id_that_is_very_long(one: Taking) -> None:
    assert one.post(headers=from_github(id="x" * 5000)).status == 202
    assert len(one.store.unsorted()[0].received.id) < 40


# What is in it.

DEEP: list[tuple[str, bytes]] = [
    ("100,000 levels", b"[" * 100_000 + b"]" * 100_000),
    ("100,000 levels of members", b'{"issue":' * 100_000 + b"1" + b"}" * 100_000),
    ("levels that do not end", b"[" * 1_000_000),
    ("levels in a member nobody reads", b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b', "webhookEvent": 3}'),
    ("no UTF-8", b'{"webhookEvent": "\xff\xfe"}'),
    ("a half of a pair", b'{"webhookEvent": 1, "x": "\\ud800"}'),
    ("not a number", b'{"issue": NaN, "repository": NaN}'),
    ("a huge number", b'{"issue": {"number": 1e999999, "id": 1e999999}, "repository": {"id": 1}}'),
    ("very many digits", b'{"issue": {"number": ' + b"9" * 100_000 + b', "id": ' + b"9" * 100_000 + b"}}"),
    ("a member twice", b'{"issue": {"number": 1, "number": -1, "id": []}, "issue": 3}'),
    ("nothing", b""),
    ("a null byte", b"\x00"),
]


@pytest.mark.parametrize("body", [case[1] for case in DEEP], ids=[case[0] for case in DEEP])
def test_json_that_would_break_a_reader(odd: Taking, body: bytes) -> None:
    """Accepted, since nothing is parsed; then set aside, by either connector."""
    before = odd.inbox()
    assert odd.post(body, from_github(body, id=f"g{hash(body)}")).status == 202
    assert odd.post(body, from_jira(body, id=f"j{hash(body)}"), "jira").status == 202
    known = listeners()
    for delivered in odd.store.unsorted()[before:]:
        received = delivered.received
        with pytest.raises(BadDeliveryError) as caught:
            known[received.tracker].scope_of(Delivery(received.headers, received.body))
        assert len(str(caught.value)) < 300
    odd.store.forget_deliveries(delivered.received.at)
    _empty(odd)


FOREIGN = "http://169.254.169.254/latest/meta-data"


def test_ids_and_urls_that_point_elsewhere(one: Taking) -> None:
    """The connectors' wire raises when it is touched; what comes of a delivery is ids, and no address."""
    told = json.loads(BODY)
    told["issue"] |= {"url": FOREIGN, "repository_url": FOREIGN, "html_url": FOREIGN, "number": 7}
    told["repository"] |= {"url": FOREIGN, "issues_url": FOREIGN}
    body = json.dumps(told).encode()
    assert one.post(body, from_github(body, id="u1")).status == 202
    work = {"webhookEvent": "jira:issue_updated", "issue": {"id": "10001", "key": "SHOP-1", "self": FOREIGN}}
    body = json.dumps(work).encode()
    assert one.post(body, from_jira(body, id="u2"), "jira").status == 202
    known = listeners()
    scopes: list[Any] = []
    for delivered in one.store.unsorted():
        received = delivered.received
        scopes.append(known[received.tracker].scope_of(Delivery(received.headers, received.body)))
    for scope in scopes:
        assert isinstance(scope, These | Lately)
        assert "169.254" not in repr(scope)
    _empty(one)


def test_log_lines_of_somebody_else_s(one: Taking, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing that was sent stands in the log: not the path, no header, no body, and no address that is none."""
    caplog.set_level(logging.DEBUG)
    sent = {"x-forwarded-for": "1.2.3.4 all is well", "user-agent": "forged-agent", "x-github-delivery": "forged-id"}
    one.post(b"forged-body", sent | {"x-hub-signature-256": "forged-signature"})
    one.get("/forged-path%0d%0aERROR%20forged")
    one.raw(b"POST /webhooks/github HTTP/1.1\r\nx-a: forged\rb\r\n\r\n")
    said = "\n".join(record.getMessage() for record in caplog.records if record.name != "asyncio")
    assert "from an unknown address" in said
    assert "forged" not in said.replace("it is forged or was changed", "")
    assert "all is well" not in said
    assert SECRET not in said


def test_a_log_that_is_to_be_filled(one: Taking, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(30):
        one.post(b"forged", from_github())
        one.raw(b"no request\r\n\r\n")
    assert len([record for record in caplog.records if record.name != "asyncio"]) == 1
    assert one.counted() == {"unsigned": 30}


def test_trackers_that_nobody_configured_are_not_counted(one: Taking) -> None:
    """A label for each would let anybody fill the memory of whoever keeps the metrics."""
    for number in range(20):
        one.post(to=f"made-up-{number}")
    assert b"made-up" not in one.metrics.exposition()


def test_every_row_of_the_document_names_a_test_that_is_there() -> None:
    rows = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("|")][2:]
    named = [re.findall(r"`(test_\w+)`", row) for row in rows]
    assert all(named)
    there = {
        name
        for file in Path(__file__).parent.glob("test_webhook_attacks*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
    }
    there.remove("test_every_row_of_the_document_names_a_test_that_is_there")
    assert {name for names in named for name in names} == there


def _empty(one: Taking) -> None:
    """Be done with all that waits."""
    waiting = one.store.unsorted(1000)
    one.store.sort([Sorted(delivered.number) for delivered in waiting], waiting[0].received.at)
