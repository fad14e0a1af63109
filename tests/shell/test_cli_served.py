"""``status``, ``retry`` and ``doctor`` on a store that a service works on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from product import CHECKOUT
from trackersync.core.model import ItemRef
from trackersync.core.schedule import Every
from trackersync.core.serving import Inflow, Resting, Served, Timed, Unread
from trackersync.core.status import Status
from trackersync.report.status import next_steps
from trackersync.report.text.screen import Screen
from trackersync.report.text.status import status_screen
from trackersync.store import Ask, Received, Sorted, Store, Subject, open_store

if TYPE_CHECKING:
    from product import Shop

SCHEMA = json.loads(CHECKOUT.joinpath("config", "doctor.schema.json").read_text(encoding="utf-8"))
NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def drawn(served: Served | None, width: int = 100) -> str:
    screen, lines = Screen.into(width)
    status_screen(screen, Status(NOON, (), None, served=served), zone=UTC)
    return lines.getvalue()


def test_where_no_service_ever_ran_nothing_is_said_of_it() -> None:
    assert drawn(None).splitlines()[-1].startswith("last run")


def test_a_service_that_does_well() -> None:
    served = Served(
        inflows=(
            Inflow("github", NOON - MINUTE, edits=1204, timely=1203, fresh=timedelta(seconds=60)),
            Inflow("jira", NOON - timedelta(days=1, hours=1), missed=2, edits=10, timely=9, fresh=5 * MINUTE),
        ),
        share=0.99,
        since=NOON - timedelta(days=1, hours=12),
        jobs=(
            Timed("sync", NOON - 4 * MINUTE, NOON - 4 * MINUTE, next=NOON + MINUTE),
            Timed("full_scan", NOON - 9 * MINUTE, None, running=True, next=NOON + timedelta(hours=15)),
            Timed("check", next=None),
        ),
    )
    assert drawn(served).split("\n\n")[-1].splitlines() == [
        "looks      0 looks due; 0 held; 0 set aside",
        "github     last delivery 11:59, 1 min ago; 0 missed in 24 h; 99.9 % of 1,204 edits within 60 s since",
        "           Wed 4 Mar, 99 % wanted",
        "jira       last delivery Wed 4 Mar 11:00, 1 d ago; 2 missed in 24 h; 90 % of 10 edits within 5 min",
        "           since Wed 4 Mar, below the 99 % wanted",
        "sync       11:56, 4 min ago; done; next 12:01",
        "full_scan  under way since 11:51; next Fri 6 Mar 03:00",
        "check      off",
    ]


def test_a_service_in_trouble_says_what_waits_why_and_what_to_do() -> None:
    hour = timedelta(hours=1)
    served = Served(
        inflows=(Inflow("github", NOON, waiting=3, aside=7), Inflow("jira")),
        share=0.995,
        since=NOON,
        due=12,
        oldest=NOON - 4 * MINUTE,
        numbers={"held": 1, "aside": 8},
        resting=(
            Resting("SHOP-42 = shop#17", "github", "held", NOON - hour, 0, "would delete 40 items"),
            *(Resting(f"SHOP-{n}", "jira", "aside", NOON - 2 * hour, 5, "a\x1b[31mred\nline") for n in range(6)),
        ),
        unread=tuple(Unread("github", f"72d{n}", NOON - hour, "its body is no JSON") for n in range(7)),
        jobs=(
            Timed("sync", NOON - 2 * hour, NOON - 2 * hour, outcome="jira: not reached", next=NOON, late=NOON - hour),
            Timed("check", NOON - hour, next=NOON),
        ),
    )
    assert drawn(served).split("\n\n")[-1].splitlines() == [
        "looks      12 looks due, the oldest for 4 min; 1 held; 8 set aside",
        "github     last delivery 12:00, now; 3 not read yet; 7 could not be read; 0 missed in 24 h",
        "jira       no delivery yet",
        "held       SHOP-42 = shop#17 since 11:00, 1 h: would delete 40 items",
        *(f"aside      SHOP-{n} since 10:00, 2 h, tried 5 times: a [31mred line" for n in range(5)),
        "           … 3 more: --format json",
        *(f"unread     github, delivery 72d{n}, 11:00: its body is no JSON" for n in range(5)),
        "           … 2 more: --format json",
        "sync       10:00, 2 h ago; jira: not reached; due since 11:00, and nobody runs it",
        "check      11:00, 1 h ago; never ended; next now",
    ]
    commands = [command for command, _ in next_steps(Status(NOON, (), None, served=served))]
    assert commands == ["trackersync plan", "trackersync serve", "trackersync plan", "trackersync retry"]


def served_store(store: Store, now: datetime) -> dict[str, Subject]:
    """What a service leaves: a delivery that cannot be read, looks aside and held, a schedule that was run."""
    store.await_job("sync", now - 4 * MINUTE)
    claimed = store.claim_job(store.kept()["sync"], now - 4 * MINUTE, now - 4 * MINUTE, "process 1 on build-3")
    assert claimed is not None
    store.end_job(claimed, now - 4 * MINUTE)
    store.remember("schedule of sync", str(Every(5 * MINUTE)))
    store.receive([Received("github", "72d3", now - MINUTE, {}, b"{")])
    store.sort([Sorted(one.number, (), "its body is no JSON") for one in store.unsorted()], now)
    by_key = {item.key: item.ref for tracker in ("github", "jira") for item in store.items(tracker)}
    subjects = {key: _subject(by_key[key]) for key in ("SHOP-42", "SHOP-27")}
    for key, state in (("SHOP-42", "held"), ("SHOP-27", "aside")):
        store.owe([Ask(subjects[key])], now - MINUTE)
        due = store.due_look(subjects[key])
        assert due is not None
        store.put_off(due, "held" if state == "held" else "aside", f"why {key} is {state}", now)
    store.reflected("jira", now, timely=True)
    return subjects


def _subject(ref: ItemRef) -> Subject:
    return Subject(ref.tracker, "item", ref.id)


@pytest.fixture
def subjects(shop: Shop) -> dict[str, Subject]:
    shop.run("check")
    with open_store(str(shop.folder / "trackersync.db")) as store:
        return served_store(store, datetime.now(UTC))


def test_status_tells_of_it_and_retry_has_it_tried_again(shop: Shop, subjects: dict[str, Subject]) -> None:
    told = shop.json("status")["service"]
    assert [(one["task"].partition(" ")[0], one["state"], one["why"]) for one in told["resting"]] == [
        ("SHOP-42", "held", "why SHOP-42 is held"),
        ("SHOP-27", "aside", "why SHOP-27 is aside"),
    ]
    assert told["looks"] == {"due": 0, "oldest": None, "held": 1, "aside": 1}
    assert (told["trackers"]["github"]["aside"], told["unread"][0]["delivery"]) == (1, "72d3")
    assert (told["trackers"]["jira"]["edits"], told["trackers"]["jira"]["timely"]) == (1, 1)
    assert told["jobs"]["sync"]["late_since"] is None
    assert told["jobs"]["sync"]["next"] is not None

    assert shop.run("retry", "SHOP-42").said == "1 look is due again."
    assert shop.run("retry", "SHOP-42").said == "Nothing of that is held or set aside."
    assert shop.run("retry", "--drop", "SHOP-42").code == 2
    assert shop.run("retry").said == "1 look and 1 delivery are due again."
    assert shop.run("retry").said == "Nothing is held or set aside."
    assert shop.run("retry", "--drop").said == "No delivery is set aside."
    assert shop.json("status")["service"]["looks"]["due"] == 2
    with open_store(str(shop.folder / "trackersync.db")) as store:
        assert [(one.received.id, one.received.body) for one in store.unsorted()] == [("72d3", b"{")]
        store.sort([Sorted(one.number, (), "still no JSON") for one in store.unsorted()], datetime.now(UTC))
    assert shop.run("retry", "--drop").said.startswith("1 delivery was dropped unread")
    assert shop.json("status")["service"]["unread"] == []


def test_doctor_tells_of_the_schedule_and_warns_of_one_that_nobody_runs(
    shop: Shop, subjects: dict[str, Subject]
) -> None:
    def schedule() -> tuple[str, str, str | None]:
        record = shop.run("doctor", "--format", "json").record
        Draft202012Validator(SCHEMA).validate(record)
        sections = {section["name"]: section for section in record["sections"]}
        (check,) = [check for check in sections["running"]["checks"] if check["name"] == "schedule"]
        return check["grade"], check["said"], check["remedy"]

    grade, said, remedy = schedule()
    assert (grade, remedy) == ("good", None)
    assert said.startswith("sync 4 min ago, next ")
    with open_store(str(shop.folder / "trackersync.db")) as store:
        store.recount_job(store.kept()["sync"], datetime.now(UTC) - timedelta(minutes=11))
    grade, said, remedy = schedule()
    assert (grade, remedy) == ("warning", "trackersync serve, which runs the schedule")
    assert "sync last 4 min ago, due since " in said
