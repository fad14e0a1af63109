"""Waiting is shown: which limit, and how long; a line that goes on a terminal, with ``--verbose`` one that stays."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from trackersync.cli import progress
from trackersync.cli.progress import Bars, Lines
from trackersync.config import load
from trackersync.pipeline.opening import opened
from trackersync.registry import discover
from trackersync.sandbox import answer

if TYPE_CHECKING:
    from product import Shop

LIMIT = "900 points a minute are used up"


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    shown = io.StringIO()
    monkeypatch.setattr(
        progress, "Console", lambda **_: Console(file=shown, force_terminal=True, width=120, color_system=None)
    )
    return shown


def lines(bars: Bars) -> list[str]:
    return [task.description for task in bars._bars.tasks]


def test_a_terminal_shows_a_wait_while_it_lasts(screen: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    time = 100.0
    # Not `time.monotonic` itself: the event loops of stand-ins in this process would wait by a clock that stands.
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: time))
    with Bars() as bars:
        bars.waiting("github", LIMIT, 41.0)
        assert lines(bars) == [f"github   waits 41 s: {LIMIT}"]
        bars._bars.refresh()
        assert f"github   waits 41 s: {LIMIT}" in screen.getvalue()

        time = 120.0
        bars.observed("github", "acme/shop", 100, None)
        assert lines(bars) == [f"github   waits 41 s: {LIMIT}", "reading github acme/shop"]

        time = 141.0
        bars.observed("github", "acme/shop", 200, None)
        assert lines(bars) == ["reading github acme/shop"]


def test_of_the_waits_of_a_tracker_the_longest_is_shown(screen: io.StringIO) -> None:
    with Bars() as bars:
        bars.waiting("github", LIMIT, 41.0)
        bars.waiting("github", "its rate limit is used up", 7.0)
        bars.waiting("jira", "it answered 503", 2.0)
        bars.waiting("jira", "it answered 503", 0.2)
        bars.waiting("github", "its secondary limit is reached", 120.0)
        assert lines(bars) == [
            "jira   waits 2 s: it answered 503",
            "github   waits 2 min: its secondary limit is reached",
        ]


def test_without_a_terminal_every_wait_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    Lines().waiting("github", LIMIT, 41.0)

    assert capsys.readouterr().err == f"  github   waits 41 s: {LIMIT}\n"


def test_the_command_line_tells_of_a_wait_where_it_is_asked_to(shop: Shop) -> None:
    shop.sandbox.github.faults.add(answer(429, "{}", {"retry-after": "0.2"}))
    told = shop.run("plan", "--verbose", "--format", "json")
    shop.sandbox.github.faults.add(answer(429, "{}", {"retry-after": "0.2"}))
    silent = shop.run("plan")

    assert (told.code, silent.code) == (0, 0)
    assert "  github   waits 1 s: its rate limit is used up" in told.err.splitlines()
    assert "waits" not in silent.said


async def test_sessions_of_one_process_share_the_budget_of_a_host_and_token(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = load(shop.file, registry=discover())
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_another-one")
    another = load(shop.file, registry=discover())
    async with opened(configuration) as one, opened(configuration) as other, opened(another) as third:
        budgets = [session.connectors["github"]._wire._budget for session in (one, other, third)]
        assert budgets[0] is budgets[1]
        assert budgets[0] is not budgets[2]
        assert one.connectors["jira"]._wire._budget is not budgets[0]
