"""What the stand-ins post: to whom, of what, and what goes wrong on the way, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import httpx
import pytest

from trackersync.sandbox import GitHub, Jira, Post, Posting
from trackersync.sandbox.jira.premises import Hook
from trackersync.sandbox.posting import reachable
from trackersync.sandbox.sent import Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def listening(answer: Callable[[], int] = lambda: 202) -> Iterator[tuple[str, list[bytes]]]:
    """A receiver, and the bodies that came in their order."""
    got: list[bytes] = []

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(answer())
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hooks", got
    server.shutdown()
    server.server_close()


def carried(number: int, **trouble: float) -> tuple[list[int], Post]:
    """So many numbered deliveries, posted one at a time; those that arrived, in their order."""
    post = Post(abreast=1)
    post.trouble(**trouble)  # type: ignore[arg-type]  # a number each
    with listening() as (url, got):
        for at in range(number):
            post.send(Posting("github", "", "issues", url, Sent({}, b"%d" % at)))
        assert post.drain()
        post.close()
    return [int(body) for body in got], post


def test_by_itself_everything_arrives_once_and_in_order() -> None:
    got, post = carried(50)
    assert got == list(range(50))
    assert (post.lost, post.answers) == ([], Counter({202: 50}))


def test_what_goes_wrong_is_the_same_for_the_same_seed() -> None:
    got, post = carried(200, lose=0.3, double=0.2, shuffle=20, seed=7)
    again, _ = carried(200, lose=0.3, double=0.2, shuffle=20, seed=7)
    other, _ = carried(200, lose=0.3, double=0.2, shuffle=20, seed=8)
    assert got == again
    assert got != other
    times = Counter(got)
    assert {int(one.sent.body) for one in post.lost} == set(range(200)) - set(times)
    assert 40 < len(post.lost) < 80
    assert 15 < sum(number == 2 for number in times.values()) < 45
    assert set(times.values()) == {1, 2}
    assert got != sorted(got)
    assert max(abs(at - place) for place, at in enumerate(dict.fromkeys(got))) < 100, "nothing waits for ever"


def test_a_kind_of_trouble_does_not_change_another() -> None:
    alone, _ = carried(60, lose=0.3, seed=3)
    beside, _ = carried(60, lose=0.3, double=0.5, seed=3)
    assert list(dict.fromkeys(beside)) == alone


def test_no_answer_counts_as_none() -> None:
    post = Post()
    post.send(Posting("jira", "", "jira:issue_updated", "http://127.0.0.1:9/", Sent({}, b"{}")))
    assert post.drain()
    assert post.answers == Counter({0: 1})
    post.close()


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("http://127.0.0.1:8484/webhooks/code", True),
        ("http://[::1]:8484/", True),
        ("http://localhost/", True),
        ("http://sync.acme.example/", False),
        ("http://10.0.0.7/", False),
        ("http://localhost.acme.example/", False),
        ("http://127.0.0.1.acme.example/", False),
        ("https://127.0.0.1/", False),
        ("no address", False),
    ],
)
def test_nothing_is_posted_beyond_this_machine(url: str, there: bool) -> None:
    assert reachable(url) is there
    if not there:
        with pytest.raises(ValueError, match="loopback"):
            Post().send(Posting("github", "", "ping", url, Sent({}, b"")))


async def test_a_hook_of_github_is_pinged_told_and_told_again(github: GitHub, hub: httpx.AsyncClient) -> None:
    answers = [202, 503]
    with listening(lambda: answers.pop(0) if answers else 202) as (url, got):
        config = {"url": url, "content_type": "json", "secret": "sesame"}
        asked = {"name": "web", "config": config, "events": ["issues"]}
        made = (await hub.post("/repos/acme/shop/hooks", json=asked)).json()
        post = github.hub.notices.post
        assert post.drain()
        github.edit(9, title="Another", by="ada-l")
        assert post.drain()
        path = f"/repos/acme/shop/hooks/{made['id']}/deliveries"
        failed, ping = (await hub.get(path)).json()
        assert (ping["event"], ping["status_code"], ping["status"]) == ("ping", 202, "OK")
        assert (failed["event"], failed["status_code"], failed["redelivery"]) == ("issues", 503, False)
        assert [one["id"] for one in (await hub.get(path, params={"status": "failure"})).json()] == [failed["id"]]

        assert (await hub.post(f"{path}/{failed['id']}/attempts")).status_code == 202
        assert post.drain()
        again = (await hub.get(path)).json()[0]
        assert (again["guid"], again["redelivery"], again["status_code"]) == (failed["guid"], True, 202)
        assert got[-1] == got[-2]
        assert (await hub.post(f"{path}/12/attempts")).status_code == 404

        for change in ({"active": False}, {"active": True, "events": ["label"]}):
            await hub.patch(f"/repos/acme/shop/hooks/{made['id']}", json=change)
            github.edit(9, title=f"Not told {change}", by="ada-l")
        assert post.drain()
        assert len(got) == 3
        post.close()


def test_a_hook_of_jira_tells_of_what_its_filter_shows(jira: Jira) -> None:
    events = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted")
    with listening() as (url, got):
        jira.premises.hooks = [
            Hook("ours", url, events=events, secret="sesame", jql="project = SHOP AND labels = told"),
            Hook("off", f"{url}/off", enabled=False, events=events),
            Hook("elsewhere", "https://sync.acme.example/", events=events),
        ]
        jira.edit("SHOP-42", summary="Not told", by="ada-l")
        jira.edit("SHOP-42", labels=["told"], by="ada-l")
        jira.create("New", labels=["told"], by="ada-l")
        jira.delete("SHOP-42")
        post = jira.premises.post
        assert post.drain()
        assert [(one.event, one.about) for one in post.made] == [
            ("jira:issue_updated", "SHOP-42"),
            ("jira:issue_created", post.made[1].about),
            ("jira:issue_deleted", "SHOP-42"),
        ]
        assert len(got) == 3
        assert all("x-hub-signature" in one.sent.headers for one in post.made)
        post.close()
