"""Who did what in a task's story, from its items' own histories; and what is told where these have holes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from world import NOON, gh, ji, task, terms

from trackersync.core.history import Past, Stay
from trackersync.core.journal import Run, Wrote
from trackersync.core.merge import Policy
from trackersync.core.model import OWNERS, STAGE, Change, Event, Item, Outcome, Receipt
from trackersync.core.story import Known, Story, tell
from trackersync.core.told import Move

NAMES = {ji("To Do").ref: "SHOP-42", gh().ref: "shop#17"}
TERMS = terms()
ADA, GRACE, ALAN = "github:ada-l", "github:grace-h", "github:alan-t"
BUILD, VERIFY = "stage: build", "stage: verify"


def at(minutes: float) -> datetime:
    """So many minutes after both items were made."""
    return NOON + timedelta(minutes=minutes)


def event(fact: str, came: str, went: str, minutes: float, by: str = ADA) -> Event:
    added, removed = (tuple(words.split(", ")) if words else () for words in (came, went))
    return Event(f"{fact}{came}{went}{minutes}", at(minutes), by, fact, added, removed)


def past(*events: Event, read: float = 60) -> Past:
    return Past(events, at(read), at(read))


def known(item: Item, *events: Event, read: float = 60, **more: object) -> Known:
    """A task of one item with its history, told a day after noon."""
    made = Known(task(item), NAMES, at(24 * 60), pasts={item.ref: past(*events, read=read)})
    return replace(made, **more)  # type: ignore[arg-type]


def told(known: Known) -> list[str]:
    return [line.sentence for line in tell(known, TERMS).lines if line.kind == "moved"]


@pytest.mark.parametrize(
    ("item", "events", "sentences"),
    [
        pytest.param(
            gh(VERIFY), [event("labels", VERIFY, BUILD, 5)], ['ada-l moved shop#17 to "stage: verify": stage verify.'],
            id="moved",
        ),
        pytest.param(
            ji("In Review"), [event("status", "In Review", "In Progress", 5, "jira:grace-h")],
            ["grace-h moved SHOP-42 to In Review: stage verify."], id="a status",
        ),
        pytest.param(
            ji("Waiting for vendor"), [event("status", "Waiting for vendor", "In Progress", 5, "jira:grace-h")],
            ["grace-h moved SHOP-42 to Waiting for vendor: stage ?."], id="no stage",
        ),
        pytest.param(
            gh("closed:completed"),
            [event("state", "closed", "open", 5, GRACE), event("reason", "completed", "", 5, GRACE)],
            ["grace-h closed shop#17 (closed, completed): stage done."], id="closed",
        ),
        pytest.param(
            gh(BUILD), [event("state", "closed", "open", 5), event("state", "open", "closed", 9, GRACE)],
            ["ada-l closed shop#17 (closed): stage done.", 'grace-h reopened shop#17 ("stage: build"): stage build.'],
            id="reopened",
        ),
        pytest.param(
            gh(BUILD, VERIFY), [event("labels", VERIFY, "", 5)],
            ['ada-l put another stage label on shop#17: "stage: build" + "stage: verify".'], id="two labels",
        ),
        pytest.param(
            gh(), [event("labels", "", BUILD, 5)],
            ['ada-l took the stage label off shop#17: "stage: build" → no label.'], id="a label vanished",
        ),
        pytest.param(gh(BUILD, "bug"), [event("labels", "bug", "", 5)], [], id="a foreign label"),
        pytest.param(gh(owners="ada-l"), [event(OWNERS, ADA, "", 5)], ["ada-l took shop#17."], id="taken"),
        pytest.param(
            gh(owners="ada-l"), [event(OWNERS, ADA, "", 5, GRACE)], ["grace-h gave shop#17 to ada-l."], id="given"
        ),
        pytest.param(gh(), [event(OWNERS, "", ADA, 5)], ["ada-l left shop#17: nobody owns it there."], id="left"),
        pytest.param(
            gh(), [event(OWNERS, "", ADA, 5, GRACE)], ["grace-h took shop#17 from ada-l: nobody owns it there."],
            id="taken off",
        ),
        pytest.param(
            gh(owners="ada-l grace-h"), [event(OWNERS, GRACE, "", 5)],
            ["ada-l put grace-h on shop#17 too: ada-l + grace-h."], id="one more",
        ),
        pytest.param(
            gh(owners="grace-h"), [event(OWNERS, GRACE, ADA, 5)], ["ada-l handed shop#17 over to grace-h."],
            id="handed over",
        ),
        pytest.param(
            gh(owners="grace-h"), [event(OWNERS, GRACE, ADA, 5, GRACE)], ["grace-h took shop#17 over from ada-l."],
            id="taken over",
        ),
        pytest.param(
            gh(owners="grace-h"), [event(OWNERS, GRACE, ADA, 5, ALAN)],
            ["alan-t handed shop#17 over: ada-l → grace-h."], id="handed over by a third",
        ),
        pytest.param(
            gh(BUILD, owners="ada-l"), [event(OWNERS, ADA, "", 5), event("labels", BUILD, "", 5.1)],
            ['ada-l took shop#17 and moved it to "stage: build": stage build.'], id="both in one go",
        ),
        pytest.param(
            gh(BUILD, owners="ada-l"), [event(OWNERS, ADA, "", 5), event("labels", BUILD, "", 9)],
            ["ada-l took shop#17.", 'ada-l moved shop#17 to "stage: build": stage build.'], id="one after the other",
        ),
        pytest.param(
            gh(VERIFY), [event("labels", VERIFY, BUILD, 5, "")],
            ['Somebody moved shop#17 to "stage: verify": stage verify.'], id="a deleted account",
        ),
        pytest.param(
            gh(VERIFY), [event("labels", VERIFY, BUILD, 5, "eve")],
            ['eve moved shop#17 to "stage: verify": stage verify.'], id="nobody we know",
        ),
    ],
)  # fmt: skip
def test_a_deed_in_a_sentence(item: Item, events: Sequence[Event], sentences: list[str]) -> None:
    assert told(known(item, *events)) == sentences


def test_a_line_bears_the_time_and_the_name() -> None:
    (line,) = (
        line for line in tell(known(gh(VERIFY), event("labels", VERIFY, BUILD, 5)), TERMS).lines if line.kind == "moved"
    )
    assert (line.at, line.by, line.seen) == (at(5), "ada-l", False)


# Where the history ends, what two looks tell goes on.


def moved(was: Item, now: Item, seen: float) -> Move:
    return Move(now.ref, at(seen - 1), at(seen), was.facts, now.facts)


def test_a_move_that_the_history_tells_is_told_once() -> None:
    looked = moved(gh(BUILD), gh(VERIFY), 10)
    assert told(known(gh(VERIFY), event("labels", VERIFY, BUILD, 5), moves=(looked,))) == [
        'ada-l moved shop#17 to "stage: verify": stage verify.'
    ]


def test_a_move_after_the_history_was_read_is_told_without_a_name() -> None:
    looked = moved(gh(VERIFY), gh(BUILD), 90)
    assert told(known(gh(BUILD), event("labels", VERIFY, BUILD, 5), moves=(looked,))) == [
        'ada-l moved shop#17 to "stage: verify": stage verify.',
        'shop#17 was moved in github: stage verify → build ("stage: verify" → "stage: build").',
    ]


def test_a_history_with_a_hole_at_its_end_is_not_believed() -> None:
    looked = moved(gh("stage: idea"), gh(VERIFY), 30)
    assert told(known(gh(VERIFY), event("labels", BUILD, "stage: idea", 5), moves=(looked,))) == [
        'shop#17 was moved in github: stage idea → verify ("stage: idea" → "stage: verify").'
    ]


def wrote(minutes: float) -> Wrote:
    change = Change(
        gh().ref, "acme/shop#17", STAGE, "labels", {"labels": (BUILD,)}, {"labels": (VERIFY,)}, "only jira had moved",
        {"labels": (BUILD, VERIFY)},
    )  # fmt: skip
    return Wrote(Run(2, "sync", at(minutes)), change, (), Receipt(Outcome.APPLIED), at(minutes), at(minutes))


def test_what_we_wrote_is_told_as_our_write_and_not_as_a_deed() -> None:
    ours = (event("labels", VERIFY, "", 20, "acme-bot"), event("labels", "", BUILD, 20, "acme-bot"))
    story = tell(known(gh(VERIFY), *ours, writes=(wrote(20),)), TERMS)
    assert [line.kind for line in story.lines] == ["created", "wrote"]
    # The journal may have forgotten it by now; the tracker has not.
    assert told(known(gh(VERIFY), *ours)) == ['acme-bot moved shop#17 to "stage: verify": stage verify.']


def test_what_we_wrote_after_the_history_was_read_makes_no_hole() -> None:
    assert told(known(gh(VERIFY), event("labels", BUILD, "", 5), read=10, writes=(wrote(20),))) == [
        'ada-l moved shop#17 to "stage: build": stage build.'
    ]


# How long, how often


def ages(known: Known) -> tuple[datetime, bool, int, datetime | None]:
    found: Story = tell(known, TERMS)
    return found.ages.since, found.ages.known, found.ages.handoffs, found.ages.owned


@pytest.mark.parametrize(
    ("item", "events", "expected"),
    [
        pytest.param(gh(BUILD, owners="ada-l"), [], (at(0), True, 0, at(0)), id="since it was made"),
        pytest.param(
            gh(VERIFY, owners="alan-t"),
            [event("labels", VERIFY, BUILD, 5), event(OWNERS, ADA, "", 7), event(OWNERS, ALAN, ADA, 30)],
            (at(5), True, 1, at(7)), id="moved, taken and handed over",
        ),
        pytest.param(
            gh(BUILD, owners="ada-l"), [event(OWNERS, "", ADA, 5), event(OWNERS, ADA, "", 9)],
            (at(0), True, 0, at(9)), id="nobody's for a while",
        ),
        pytest.param(gh(BUILD), [event(OWNERS, "", ADA, 5)], (at(0), True, 0, None), id="nobody's now"),
        pytest.param(gh(VERIFY), [event("labels", BUILD, "", 5)], (at(0), False, 0, None), id="a hole"),
    ],
)  # fmt: skip
def test_how_long_it_has_been_where_it_is_and_whose(
    item: Item, events: Sequence[Event], expected: tuple[datetime, bool, int, datetime | None]
) -> None:
    assert ages(known(item, *events)) == expected


def test_how_long_it_was_in_each_stage_goes_on_after_the_history_was_read() -> None:
    story = tell(known(gh(VERIFY), event("labels", BUILD, "stage: idea", 5), read=10, writes=(wrote(20),)), TERMS)
    assert story.in_stages == {
        "github": (Stay("idea", at(0), at(5)), Stay("build", at(5), at(20)), Stay("verify", at(20), None))
    }


def test_without_a_history_it_is_not_known_since_when_it_was_in_the_first_stage() -> None:
    looked = Known(task(gh(VERIFY)), NAMES, at(24 * 60), moves=(moved(gh(BUILD), gh(VERIFY), 10),))
    assert tell(looked, TERMS).in_stages == {"github": (Stay("build", None, at(9)), Stay("verify", at(9), None))}


def test_latest_decides_in_the_story_as_it_does_in_a_run() -> None:
    both = (ji("In Review"), gh("stage: build"))
    pasts = {
        both[0].ref: past(event("status", "In Review", "To Do", 5, "jira:ada-l")),
        both[1].ref: past(event("labels", BUILD, "stage: idea", 9, GRACE)),
    }
    bases = {
        (item.ref, STAGE): (facts,)
        for item, facts in zip(both, (ji("To Do").facts, gh("stage: idea").facts), strict=True)
    }
    now = tuple(replace(item, updated=at(9)) for item in both)
    story = tell(
        Known(task(*now), NAMES, at(60), bases=bases, pasts=pasts), terms("latest", owners=Policy("changed", "ask"))
    )
    assert story.fields[0].state == "waits"
    assert story.fields[0].why == "the next run brings SHOP-42 to build: latest edit: grace-h, 12:09 UTC"
