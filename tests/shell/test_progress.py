"""Progress says how many of how many, how fast, and how long that takes yet; and nothing where no line can move."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest
from rich.console import Console

from trackersync.cli import progress
from trackersync.cli.progress import Bars, Pace, drawable
from trackersync.core.model import STAGE, Change, ItemRef, Outcome, Receipt


@pytest.mark.parametrize(
    ("signs", "total", "expected"),
    [
        pytest.param([(0, 100)], 1204, "100 of about 1,204 items", id="the first sign has no rate"),
        pytest.param([(0, 100), (1, 300)], 1204, "300 of about 1,204 items", id="nor have the first two seconds"),
        pytest.param([(0, 100), (10, 1100)], 1204,
                     "1,100 of about 1,204 items · 100 a second · 2 s left", id="pages of a hundred"),
        pytest.param([(0, 1), (600, 101)], 1201,
                     "101 of about 1,201 items · 10 a minute · 2 h left", id="less than one a second"),
        pytest.param([(0, 100), (10, 1100)], None, "1,100 items · 100 a second", id="nobody knows how many there are"),
        pytest.param([(0, 100), (10, 100)], 200, "100 of about 200 items", id="nothing new came"),
        pytest.param([(0, 100), (10, 200)], 200, "200 of about 200 items · 10 a second", id="all there is"),
    ],
)  # fmt: skip
def test_figures(
    signs: list[tuple[float, int]], total: int | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    # Not `time.monotonic` itself: the event loops of stand-ins in this process would wait by a clock that stands.
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now))
    pace, told = Pace(began=0.0), ""
    for now, done in signs:  # noqa: B007  # the clock above tells it
        told = pace.figures(done, total, "items", about=True)
    assert told == expected


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    shown = io.StringIO()
    monkeypatch.setattr(
        progress, "Console", lambda **_: Console(file=shown, force_terminal=True, width=100, color_system=None)
    )
    return shown


def test_reading_and_writing_have_a_line_each(screen: io.StringIO) -> None:
    change = Change(ItemRef("jira", "1"), "SHOP-1", STAGE, "status", {"status": ()}, {"status": ("Done",)}, "")
    with Bars() as bars:
        bars.observed("jira", "SHOP", 100, 400)
        bars.observed("jira", "SHOP", 500, 400)
        bars.applied(change, Receipt(Outcome.APPLIED, ""), 6, 13)
        bars._bars.refresh()
    assert "reading jira SHOP" in screen.getvalue()
    assert "500 items" in screen.getvalue(), "more than was expected is no part of it"
    assert "6 of 13 · SHOP-1 applied" in screen.getvalue()


def test_until_the_first_page_has_come_it_says_who_is_asked(screen: io.StringIO) -> None:
    with Bars(["github", "jira"]) as bars:
        bars._bars.refresh()
        assert "asking github and jira" in screen.getvalue()
        bars.observed("jira", "SHOP", 100, 400)
        screen.truncate(0)
        bars._bars.refresh()
        assert "reading jira SHOP" in screen.getvalue()
        assert "asking" not in screen.getvalue()


@pytest.mark.parametrize(
    ("terminal", "kind", "drawn"),
    [(True, "xterm-256color", True), (True, "dumb", False), (True, "", True), (False, "xterm-256color", False)],
)
def test_where_no_line_can_move_none_is_drawn(
    terminal: bool, kind: str, drawn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    monkeypatch.setattr(sys, "stderr", Stream())
    monkeypatch.setenv("TERM", kind)
    assert drawable() is drawn
