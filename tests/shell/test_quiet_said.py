"""That nothing ran for too long is said wherever somebody looks: ``doctor``, ``status``, and a check as Markdown."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from trackersync.report.quiet import REMEDY

if TYPE_CHECKING:
    from product import Shop

DAY = 86_400_000_000
"""In what the store counts time in: microseconds."""


def aged(shop: Shop, days: float) -> None:
    """Let all that the store knows to have been done be so many days ago."""
    with closing(sqlite3.connect(shop.folder / "trackersync.db", isolation_level=None)) as connection:
        connection.execute("UPDATE container SET read = read - ?", (int(days * DAY),))
        connection.execute("UPDATE run SET begun = begun - :by, ended = ended - :by", {"by": int(days * DAY)})


def scheduled(shop: Shop) -> list[tuple[str, str, str]]:
    """What ``doctor`` says of the schedule."""
    (running,) = [one for one in shop.run("doctor", "--format", "json").record["sections"] if one["name"] == "running"]
    return [(one["grade"], one["said"], one["remedy"]) for one in running["checks"] if one["name"] == "schedule"]


@pytest.mark.parametrize("first", ["check", "sync"])
def test_after_weeks_without_a_run_everything_says_so(shop: Shop, first: str) -> None:
    shop.run("check") if first == "check" else shop.approved()
    assert scheduled(shop) == []
    assert shop.json("status")["quiet"] is None
    aged(shop, 13.9)
    assert scheduled(shop) == []
    aged(shop, 50)

    assert scheduled(shop) == [("warning", "nothing ran for 63 d", REMEDY)]
    told = shop.json("status")
    assert told["quiet"]["due"] is None
    if first == "sync":
        assert told["quiet"]["last"] >= told["last_run"]["begun"]
    assert "quiet nothing ran for 63 d; look whether its schedule still runs" in shop.run("status").said
    assert f"**Nothing ran for 63 d before this**: {REMEDY}." in shop.run("check", "--format", "markdown").out
    # That was a run, so all is well again.
    assert "Nothing ran for" not in shop.run("check", "--format", "markdown").out
    assert scheduled(shop) == []


def test_where_the_configuration_says_how_often_two_missed_moments_are_enough(shop: Shop) -> None:
    shop.settings["service"] = {"schedule": {"sync": "1 h", "check": "1 h"}}
    shop.configure()
    shop.approved()
    aged(shop, 1.9 / 24)
    assert scheduled(shop) == []
    aged(shop, 1 / 24)

    ((grade, said, _),) = scheduled(shop)
    assert grade == "warning"
    assert said.startswith("nothing ran for 2 h, and a run is due since ")
    assert "(a run was due since " in shop.run("check", "--format", "markdown").out


def test_judging_what_was_read_before_is_no_run(shop: Shop) -> None:
    shop.run("check")
    aged(shop, 63)
    assert "Nothing ran for" not in shop.run("check", "--offline", "--format", "markdown").out
    assert len(scheduled(shop)) == 1


def test_before_anything_ran_there_is_nothing_to_say(shop: Shop) -> None:
    assert scheduled(shop) == []
    assert shop.json("status")["quiet"] is None
