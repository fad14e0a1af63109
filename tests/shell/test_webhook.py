"""The receiver over a socket: what is accepted, what is stored of it, and what the other pages say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from taking import BEARER, BODY, CLOCK, Taking, from_github, from_jira, listeners, request, taking

from trackersync.connector import Delivery, Listener, Scope
from trackersync.store import Received, open_store
from trackersync.webhook.limits import Limits


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Taking]:
    with taking(tmp_path) as running:
        yield running


def test_a_delivery_is_in_the_inbox_when_it_is_answered(one: Taking) -> None:
    assert one.post().status == 202
    (delivered,) = one.store.unsorted()
    received = delivered.received
    assert (received.tracker, received.id, received.body) == ("github", "72d3162e", BODY)
    assert one.counted() == {"accepted": 1}


def test_what_is_stored_says_what_it_is_and_holds_no_secret(one: Taking) -> None:
    body = b'{"webhookEvent": "jira:issue_updated", "issue": {"id": "10001", "key": "SHOP-1"}}'
    ours = {"X-Our-Secret": BEARER, "Authorization": "Basic c2VjcmV0", "Cookie": "a=b"}
    assert one.post(body, ours | {"X-Atlassian-Webhook-Retry": "1"}, "jira").status == 202
    assert one.post(headers=from_github() | ours).status == 202
    first, second = (delivered.received.headers for delivered in one.store.unsorted())
    assert first == {"x-atlassian-webhook-retry": "1"}
    assert sorted(second) == ["content-type", "user-agent", "x-github-delivery", "x-github-event", "x-github-hook-id"]


def test_a_plug_in_may_heed_headers_of_its_own(tmp_path: Path) -> None:
    class Heeds:
        heeded = frozenset({"x-gitlab-event"})

        def verify(self, delivery: Delivery) -> None:
            """Everybody is let in."""

        def delivery_id(self, delivery: Delivery) -> str:
            return ""

        def scope_of(self, delivery: Delivery) -> Scope:
            raise NotImplementedError

    plugged: Listener = Heeds()
    with taking(tmp_path, trackers=lambda: {"lab": plugged}) as one:
        assert one.post(b"{}", {"X-Gitlab-Event": "Issue Hook", "X-Gitlab-Token": "secret"}, "lab").status == 202
        assert one.store.unsorted()[0].received.headers == {"x-gitlab-event": "Issue Hook"}


def test_two_without_an_id_are_two_even_if_they_are_alike(one: Taking) -> None:
    """An automation rule says the same of every edit of an issue."""
    body = b'{"issue": {"id": "10001", "key": "SHOP-1"}}'
    for _ in range(2):
        assert one.post(body, {"X-Our-Secret": BEARER}, "jira").status == 202
    assert one.inbox() == 2
    assert one.counted("jira") == {"accepted": 2}


def test_an_event_nobody_has_heard_of_is_accepted(one: Taking) -> None:
    assert one.post(b"no JSON \xff", from_github(b"no JSON \xff", event="no_such_event")).status == 202


def test_an_id_is_a_tracker_s_own(one: Taking) -> None:
    body = b"{}"
    assert one.post(body, from_github(body, id="same")).status == 202
    assert one.post(body, from_jira(body, id="same"), "jira").status == 202
    assert one.inbox() == 2


def test_what_is_committed_together_is_counted_by_tracker(tmp_path: Path) -> None:
    def received(tracker: str, id_: str) -> Received:
        return Received(tracker, id_, CLOCK.now(), {}, b"{}")

    with open_store(str(tmp_path / "inbox.db")) as store:
        assert store.take_in([received("a", "1"), received("b", "1"), received("a", "1")]) == {"a": 1, "b": 1}
        assert store.take_in([received("a", "1"), received("b", "2"), received("b", "3")]) == {"a": 0, "b": 2}
        assert store.take_in([]) == {}


def test_a_connection_serves_many_deliveries(one: Taking) -> None:
    with one.connect() as connection:
        file = connection.makefile("rb")
        for number in range(3):
            connection.sendall(request(BODY, from_github(id=f"n{number}"), "/webhooks/github"))
            assert file.readline() == b"HTTP/1.1 202 Accepted\r\n"
            while file.readline() != b"\r\n":
                pass
            assert file.read(len("accepted\n")) == b"accepted\n"
    assert one.inbox() == 3


def test_recorded_deliveries_are_accepted_and_give_their_scope(one: Taking, shared: Path) -> None:
    """Every body of ``shared/data/webhooks``, signed, over a socket; what each asks for is what the connector says."""
    sent: list[tuple[str, bytes, str]] = []
    for path in sorted((shared / "data" / "webhooks" / "github").glob("*.json")):
        told = json.loads(path.read_bytes())
        sent += [("github", json.dumps(body).encode(), told["event"]) for body in told["examples"]]
    sent += [("jira", path.read_bytes(), "") for path in sorted((shared / "data" / "webhooks" / "jira").glob("*.json"))]
    assert len(sent) > 70
    for number, (tracker, body, event) in enumerate(sent):
        headers = from_github(body, f"r{number}", event) if tracker == "github" else from_jira(body, f"r{number}")
        assert one.post(body, headers, tracker).status == 202
    stored = one.store.unsorted(1000)
    assert [delivered.received.body for delivered in stored] == [body for _, body, _ in sent]
    known = listeners()
    for delivered, (tracker, body, event) in zip(stored, sent, strict=True):
        whole = Delivery(from_github(body, "x", event) if tracker == "github" else from_jira(body), body)
        kept = Delivery(delivered.received.headers, delivered.received.body)
        assert known[tracker].scope_of(kept) == known[tracker].scope_of(whole)


def test_two_receivers_on_one_database_take_a_delivery_in_once(tmp_path: Path, postgres_url: str) -> None:
    with (
        taking(tmp_path, store=open_store(postgres_url)) as one,
        taking(tmp_path, store=open_store(postgres_url)) as another,
    ):
        for number in range(20):
            asked = [each.post(headers=from_github(id=f"p{number // 2}")) for each in (one, another)]
            assert [answer.status for answer in asked] == [202, 202]
        assert one.inbox() == 10
        assert one.counted()["accepted"] + another.counted().get("accepted", 0) == 10
        assert one.store.unsorted()[0].received.body == BODY


# What else it shows.


def test_it_says_that_it_lives_and_is_ready(one: Taking) -> None:
    assert one.get("/healthz").body == b"ok\n"
    assert (one.get("/readyz").status, one.get("/readyz").body) == (200, b"ready\n")
    one.why_not.append("what happened before it began\nis being read")
    assert (one.get("/readyz").status, one.get("/readyz").body) == (
        503,
        b"what happened before it began is being read\n",
    )
    assert one.get("/healthz").status == 200


def test_metrics_show_what_was_counted(one: Taking) -> None:
    one.post()
    shown = one.get("/metrics")
    assert shown.headers["content-type"].startswith("text/plain")
    assert b'trackersync_deliveries_total{outcome="accepted",tracker="github"} 1.0' in shown.body


def test_answers_say_nothing_of_what_stands_behind_them(one: Taking) -> None:
    for answer in (one.get("/healthz"), one.get("/nowhere"), one.post(), one.post(b"forged")):
        assert "server" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
        assert len(answer.body) < 80


# The store's troubles.


def test_a_store_that_cannot_write_is_503_and_heals(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Never 4xx, which Jira would not repeat; said once, and once more when it is over."""
    store = open_store(str(tmp_path / "inbox.db"), wait=0.05)
    with taking(tmp_path, store=store) as one, open_store(str(tmp_path / "inbox.db")) as other:
        with other.write():
            for number in range(3):
                answer = one.post(headers=from_github(id=f"b{number}"))
                assert (answer.status, answer.headers["retry-after"]) == (503, "30")
            assert one.get("/readyz").status == 503
            assert one.counted() == {"unavailable": 3}
        assert one.post().status == 202
        assert one.inbox() == 1
    said = [record.message for record in caplog.records if record.name == "trackersync.webhook"]
    assert len(said) == 2
    assert "refused until they can" in said[0]
    assert said[1] == "the store takes deliveries again"


def test_before_it_knows_its_trackers_it_asks_to_send_again(tmp_path: Path) -> None:
    with taking(tmp_path, trackers=dict) as one:
        assert one.post().status == 503


def test_a_configuration_may_change_while_it_runs(tmp_path: Path) -> None:
    known: dict[str, Listener] = {"jira": listeners()["jira"]}
    with taking(tmp_path, trackers=lambda: known) as one:
        assert one.post().status == 404
        known["github"] = listeners()["github"]
        assert one.post().status == 202


def test_more_than_may_wait_is_503(tmp_path: Path) -> None:
    with taking(tmp_path, replace(Limits(), waiting=0)) as one:
        assert one.post().status == 503
        assert one.counted() == {"unavailable": 1}
