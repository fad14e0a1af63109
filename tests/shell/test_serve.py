"""The command ``serve`` as an operator runs it: started, told of edits, given another configuration, stopped."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from product import MAIN, TOKENS, Shop, begin, environment, spawn
from trackersync.sandbox.jira.premises import Hook

SECRET = "a-secret-of-the-tests"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@dataclass
class Serving:
    """The program while it serves."""

    child: subprocess.Popen[str]
    address: str
    said: list[str]
    log: Path

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.address + path, timeout=5)

    def until(self, so: Callable[[], bool], seconds: float = 15.0) -> None:
        """Wait for something; what was logged is shown where it does not come."""
        end = time.monotonic() + seconds
        while not so():
            assert self.child.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.02)

    def stop(self) -> int:
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(15)


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Serving]:
    log = folder / "serve.log"
    with log.open("a") as errors:
        child = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
            [sys.executable, "-c", MAIN, "serve", "--port", "0", *arguments],
            cwd=folder, env=environment(**TOKENS), stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
        try:
            assert child.stdout is not None
            said: list[str] = []
            for line in child.stdout:
                said.append(line)
                if line.startswith("store"):
                    break
            found = re.search(r"http://127\.0\.0\.1:\d+", "".join(said))
            assert found is not None, log.read_text()
            yield Serving(child, found[0], said, log)
        finally:
            if child.poll() is None:
                child.kill()
            child.wait(10)
            assert child.stdout is not None
            child.stdout.close()


@pytest.fixture
def told(shop: Shop) -> Shop:
    """The shop in step, its trackers with webhooks that can be told from forgeries."""
    for name in ("github", "jira"):
        shop.tracker(name, webhook_secrets=[SECRET])
    shop.settings["limits"] = {"changes": 10_000, "share": "100%", "adoptions": 10_000}
    shop.settings["service"] = {"schedule": {"sync": "off", "full_scan": "off", "check": "off"}}
    shop.configure()
    assert spawn(shop.folder, "sync", "--yes").code == 0
    return shop


def register(shop: Shop, address: str) -> None:
    """Let both stand-ins tell the service of every edit."""
    config = {"url": f"{address}/webhooks/github", "content_type": "json", "secret": SECRET}
    repository = str(shop.sandbox.github.repository_id)
    shop.sandbox.github.hub.hooks[repository] = {1: {"id": 1, "active": True, "events": ["issues"], "config": config}}
    events = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted")
    shop.sandbox.jira.premises.hooks.append(Hook("t", f"{address}/webhooks/jira", events=events, secret=SECRET))


def owner(shop: Shop, key: str) -> str | None:
    """Who has a Jira issue, as the people are called."""
    found = shop.sandbox.jira.issue(key).assignee
    people = shop.settings["people"]
    return next((one["name"] for one in people if found in one["jira"]), None)


def owned_pair(shop: Shop) -> tuple[int, str, str]:
    """An open pair in step: its number, its key, and somebody else than owns it on both sides."""
    for issue in shop.sandbox.github.issues.values():
        found = re.match(r"\[?(SHOP-\d+)", issue.title)
        if found and issue.state == "open" and issue.assignees and [*issue.assignees] == [owner(shop, found[1])]:
            return issue.number, found[1], next(name for name in ("ada-l", "grace-h") if name not in issue.assignees)
    raise AssertionError


def test_it_is_told_of_edits_and_writes_them_and_stops_in_order(told: Shop) -> None:
    number, key, other = owned_pair(told)
    with serving(told.folder) as it:
        register(told, it.address)
        it.until(lambda: it.get("/readyz").status_code == 200)
        assert it.get("/healthz").status_code == 200
        told.sandbox.github.edit(number, assignees=[other], by="ada-l")
        it.until(lambda: owner(told, key) == other)
        metrics = it.get("/metrics").text
        assert re.search(r'trackersync_deliveries_total\{outcome="accepted",tracker="github"\} [1-9]', metrics)
        assert it.stop() == 0
        log = it.log.read_text()
        assert "Traceback" not in log
        assert SECRET not in log + "".join(it.said)
    record = spawn(told.folder, "status", "--format", "json")
    assert record.code == 0


def test_another_configuration_is_read_at_sighup_once_it_is_sound(told: Shop) -> None:
    number, key, other = owned_pair(told)
    with serving(told.folder) as it:
        register(told, it.address)
        it.until(lambda: it.get("/readyz").status_code == 200)
        sound = told.file.read_text()
        told.file.write_text(sound.replace("build:", "biuld:"))
        it.child.send_signal(signal.SIGHUP)
        it.until(lambda: "biuld" in it.log.read_text())
        assert "stays as it was" in it.log.read_text()
        it.until(lambda: "last_reload_successful 0.0" in it.get("/metrics").text)
        # Still at work, by what it knows.
        told.sandbox.github.edit(number, assignees=[other], by="ada-l")
        it.until(lambda: owner(told, key) == other)
        told.tracker("github", webhook_secrets=["another-secret-of-the-tests"])
        it.child.send_signal(signal.SIGHUP)
        it.until(lambda: "another configuration holds" in it.log.read_text())
        it.until(lambda: "last_reload_successful 1.0" in it.get("/metrics").text)
        before = told.sandbox.post.answers[401]
        told.sandbox.github.edit(number, assignees=["alan-t"], by="ada-l")
        it.until(lambda: told.sandbox.post.answers[401] > before)
        assert it.stop() == 0


def test_what_is_under_way_at_the_end_is_finished(told: Shop) -> None:
    number, key, other = owned_pair(told)
    with serving(told.folder) as it:
        register(told, it.address)
        it.until(lambda: it.get("/readyz").status_code == 200)
        told.sandbox.github.latency = told.sandbox.jira.latency = 250
        told.sandbox.github.edit(number, assignees=[other], by="ada-l")
        it.until(lambda: told.sandbox.post.answers[202] > 0)
        time.sleep(0.4)
        assert it.stop() == 0
        assert owner(told, key) == other


def test_a_second_one_on_the_same_file_is_refused(told: Shop) -> None:
    with serving(told.folder):
        child = begin(told.folder, "serve", "--port", "0")
        out, err = child.communicate(timeout=30)
        assert child.returncode == 75
        assert "in use by serve" in " ".join((out + err).split())


def test_other_commands_go_on_beside_it(told: Shop) -> None:
    with serving(told.folder) as it:
        it.until(lambda: it.get("/readyz").status_code == 200)
        assert spawn(told.folder, "sync").code == 0
        assert spawn(told.folder, "check", "--fail-on", "never").code == 0


def test_a_port_that_is_taken_is_said(told: Shop) -> None:
    with serving(told.folder) as it:
        told.settings["store"] = "sqlite:///another.db"
        told.configure()
        port = it.address.rpartition(":")[2]
        ended = spawn(told.folder, "serve", "--port", port)
        assert ended.code == 2
        assert f"port {port}" in ended.said


def test_a_proxy_that_is_no_address_is_refused(told: Shop) -> None:
    ended = spawn(told.folder, "serve", "--port", "0", "--forwarded-allow-ips", "127.0.0.1, nonsense")
    assert ended.code == 2
    assert '"nonsense" is no address' in ended.said


def test_what_is_lacking_is_said_at_the_start(shop: Shop) -> None:
    shop.settings["service"] = {"schedule": {"sync": "off"}}
    shop.configure()
    with serving(shop.folder) as it:
        it.until(lambda: it.get("/healthz").status_code == 200)
        it.stop()
        assert it.child.stdout is not None
        rest = " ".join("".join([*it.said, it.child.stdout.read()]).split())
    assert "deaf github and jira: no `webhook_secrets`" in rest
    assert "trackersync serve --yes" in rest
