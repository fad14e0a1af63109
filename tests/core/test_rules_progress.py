"""What stays too long, what is late, and where too much is begun; and no rule about open work on finished work."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from world import NOON, bo, gh, ji, judged, terms

from trackersync.core.diagnose import (
    Amendment,
    AnyRule,
    Calendar,
    Known,
    Rulebook,
    diagnose,
    labels,
    leaving,
    outcome,
    progress,
)
from trackersync.core.diagnose.calendar import EVERY_DAY
from trackersync.core.diagnose.progress import OVERDUE, STUCK_IN_STAGE, WIP_OVER_LIMIT
from trackersync.core.history import Past
from trackersync.core.model import Event, Item, Severity
from trackersync.core.terms import Task, Terms


def expecting(**days: float) -> Terms:
    usual = terms()
    stages = tuple(replace(stage, expected=days.get(stage.key)) for stage in usual.process.stages)
    return replace(usual, process=replace(usual.process, stages=stages))


def aged(item: Item, days: float) -> Item:
    return replace(item, created=NOON - timedelta(days=90), updated=NOON - timedelta(days=days))


BUILD = ji("In Progress")
STUCK = ["build for 34 d, 10 d expected"]


@pytest.mark.parametrize(
    ("items", "settings", "expected"),
    [
        pytest.param([aged(BUILD, 34.2)], {}, STUCK, id="longer than the process expects"),
        pytest.param([aged(BUILD, 10)], {}, [], id="just as long"),
        pytest.param([aged(BUILD, 10.1)], {}, ["build for 10 d, 10 d expected"], id="a little longer"),
        pytest.param([aged(BUILD, 34.2)], {"expected": 40.0}, [], id="a setting allows more"),
        pytest.param([aged(BUILD, 3)], {"expected": 2.5}, ["build for 3 d, 2.5 d expected"], id="or less"),
        pytest.param([aged(ji("In Review"), 34.2)], {}, [], id="nothing is expected of verify"),
        pytest.param([aged(ji("In Review"), 34.2)], {"expected": 3.0}, ["verify for 34 d, 3 d expected"], id="but by the setting"),
        pytest.param([aged(BUILD, 34.2), aged(gh("stage: build"), 2)], {}, [], id="one of its items changed lately"),
        pytest.param([aged(ji("Waiting"), 34.2)], {"expected": 1.0}, [], id="in no stage"),
        pytest.param([aged(ji("Done", "Done"), 34.2)], {"expected": 1.0}, [], id="done"),
        pytest.param([aged(BUILD, 34.2)], {"expected": 1e300}, [], id="for ever"),
    ],
)  # fmt: skip
def test_stuck_in_stage(items: list[Item], settings: dict[str, float], expected: list[str]) -> None:
    found = judged(STUCK_IN_STAGE, Task("t1", tuple(items)), of=expecting(build=10.0), **settings)
    assert [finding.table for finding in found] == expected


def test_only_working_days_count_and_the_sentence_says_how_many() -> None:
    # From a Saturday noon to the Thursday after next: eight days of work and a half.
    task = Task("t1", (aged(BUILD, 12),))
    of = expecting(build=7.0)
    (found,) = judged(STUCK_IN_STAGE, task, of=of, calendar=Calendar())
    assert found.message == "SHOP-42 has been in build for at least 12 d (8 working), 7 d expected"
    assert found.table == "build for 12 d (8 working), 7 d expected"
    assert not judged(STUCK_IN_STAGE, task, of=expecting(build=9.0), calendar=Calendar())
    assert not judged(
        STUCK_IN_STAGE, task, of=of, calendar=Calendar(holidays=frozenset({date(2026, 3, 2), date(2026, 3, 3)}))
    )


def test_a_history_says_when_it_came_in() -> None:
    item = aged(BUILD, 1)
    moved = Event("1", NOON - timedelta(days=34), "?u", "status", ("In Progress",), ("Backlog",))
    task, of = Task("t1", (item,)), expecting(build=10.0)
    (found,) = judged(STUCK_IN_STAGE, task, of=of, known={"t1": Known(pasts={item.ref: Past((moved,), NOON, NOON)})})
    assert found.message == "SHOP-42 has been in build for 34 d, 10 d expected"
    lately = replace(moved, at=NOON - timedelta(days=2))
    old = aged(BUILD, 34)
    assert not judged(
        STUCK_IN_STAGE, Task("t1", (old,)), of=of, known={"t1": Known(pasts={old.ref: Past((lately,), NOON, NOON)})}
    )


@pytest.mark.parametrize("days", [9.9, 10.0, 12.3])
def test_time_alone_makes_a_task_stuck_and_no_sooner(days: float) -> None:
    book = Rulebook([STUCK_IN_STAGE], calendar=Calendar())
    task, of = Task("t1", (aged(BUILD, 0),)), expecting(build=10.0)
    kept = diagnose([task], of, NOON, rulebook=book)
    for step in range(1, 40):
        now = NOON + timedelta(days=days * step / 10)
        kept.look([task], {}, now)
        assert kept.findings == diagnose([task], of, now, rulebook=book).findings
    assert kept.findings


def due(item: Item, *dates: str) -> Item:
    return replace(item, facts={**item.facts, "due": dates})


@pytest.mark.parametrize(
    ("items", "grace", "expected"),
    [
        pytest.param([due(BUILD, "2026-03-04")], 0, ["due on 2026-03-04, 1 d ago"], id="yesterday"),
        pytest.param([due(BUILD, "2026-03-05")], 0, [], id="today"),
        pytest.param([due(BUILD, "2026-03-06")], 0, [], id="tomorrow"),
        pytest.param([due(BUILD)], 0, [], id="no date"),
        pytest.param([BUILD], 0, [], id="dates were not asked for"),
        pytest.param([due(BUILD, "soon")], 0, [], id="no date that can be read"),
        pytest.param([due(BUILD, "2026-02-30")], 0, [], id="a day there is not"),
        pytest.param([due(BUILD, "9999-12-31")], 0, [], id="never"),
        pytest.param([due(BUILD, "0001-01-01")], 0, ["due on 0001-01-01, 739679 d ago"], id="long before"),
        pytest.param([due(BUILD, "2026-03-03")], 2, [], id="within the days of grace"),
        pytest.param([due(BUILD, "2026-03-02")], 2, ["due on 2026-03-02, 3 d ago"], id="after them"),
        pytest.param([due(BUILD, "2026-03-01"), due(gh("stage: build"), "2026-02-01")], 0, ["due on 2026-02-01, 32 d ago"], id="the earliest of two"),
        pytest.param([due(ji("Done", "Done"), "2026-03-01")], 0, [], id="done"),
        pytest.param([due(BUILD, "2026-03-01")], 10**12, [], id="any grace"),
    ],
)  # fmt: skip
def test_overdue(items: list[Item], grace: int, expected: list[str]) -> None:
    found = judged(OVERDUE, Task("t1", tuple(items)), grace=grace)
    assert [finding.table for finding in found] == expected


def test_a_day_is_over_where_the_team_is() -> None:
    task = Task("t1", (due(BUILD, "2026-03-05"),))
    assert judged(OVERDUE, task, calendar=Calendar(zone=ZoneInfo("Pacific/Kiritimati")))
    assert not judged(OVERDUE, task, calendar=Calendar(zone=ZoneInfo("America/Los_Angeles")))


def cards(stage: str, count: int, start: int = 1) -> list[Task]:
    return [Task(f"{stage}{n}", (bo(stage, number=n),)) for n in range(start, start + count)]


def test_wip_over_limit() -> None:
    of = terms()
    tasks = [*cards("build", 3), *cards("verify", 2, 10), *cards("done", 9, 20)]
    (found,) = judged(WIP_OVER_LIMIT, *tasks, of=of, most=2)
    assert (found.subject, found.table, found.stage) == ("stage build", "3 open tasks, 2 at most", "build")
    assert found.message == "stage build holds 3 open tasks, 2 at most"
    assert [seen.key for seen in found.items] == ["CARD-1", "CARD-2", "CARD-3"]
    assert not judged(WIP_OVER_LIMIT, *tasks, of=of, most=3)
    assert not judged(WIP_OVER_LIMIT, *tasks, of=of)


def test_limits_are_written_by_stage_and_project() -> None:
    said = [
        Amendment(settings={"most": 1}, stage="build"),
        Amendment(settings={"most": 2}, stage="build", project="SHOP"),
    ]
    book = Rulebook([WIP_OVER_LIMIT], {"wip-over-limit": said})
    shop = [Task(f"s{n}", (ji("In Progress", number=n),)) for n in (1, 2)]
    found = diagnose([*shop, *cards("build", 2), *cards("verify", 5, 10)], terms(), NOON, rulebook=book).findings
    assert [[seen.key for seen in one.items] for one in found] == [["CARD-1", "CARD-2"]]


OWN = (*labels.RULES, *leaving.RULES, *outcome.RULES, *progress.RULES)


@pytest.mark.parametrize("rule", [rule for rule in OWN if rule.about == "open"], ids=lambda rule: rule.name)
def test_no_rule_about_open_work_fires_on_finished_work(rule: AnyRule) -> None:
    items = [gh("closed:completed", "stage: build"), gh("closed:not_planned"), ji("Done", "Done"), bo("cancelled")]
    tasks = [Task(f"t{n}", (due(aged(item, 80), "2020-01-01"),)) for n, item in enumerate(items)]
    settings = {"wip-over-limit": {"most": 1}, "stuck-in-stage": {"expected": 1.0}}.get(rule.name, {})
    assert not judged(rule, *tasks, of=expecting(build=1.0, done=1.0), calendar=EVERY_DAY, **settings)


def test_severities() -> None:
    told = {rule.name: rule.severity for rule in OWN if rule.severity != Severity.WARNING}
    assert told == {
        "stage-skipped": Severity.NOTE,
        "closed-without-reason": Severity.NOTE,
        "deployment-before-development": Severity.ERROR,
    }
