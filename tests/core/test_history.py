"""When a field last changed and by whom: histories played backwards, holes and all, and our own doing told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from world import DELIVERY, GITHUB, JIRA, NOON, gh, ji, jira_map, rule, terms

from trackersync.core.doing import Own
from trackersync.core.history import Course, Past, Stay, course, last_edit, stays
from trackersync.core.journal import Run, Wrote
from trackersync.core.merge import LastEdit
from trackersync.core.model import OWNERS, STAGE, Change, Event, FieldName, Item, Matcher, Outcome, Receipt
from trackersync.core.stages import StageMap

TERMS = terms()
BOT = "acme-bot"


def at(minutes: float) -> datetime:
    """So many minutes after the items were made."""
    return NOON + timedelta(minutes=minutes)


def event(words: str, minutes: float, by: str = "github:ada-l", fact: str = "labels") -> Event:
    """``+stage: build`` came, ``-bug`` went, ``closed > open`` took another's place."""
    came = tuple(word[1:] for word in words.split(", ") if word[:1] == "+")
    went = tuple(word[1:] for word in words.split(", ") if word[:1] == "-")
    if " > " in words:
        went, came = ((word,) if word != "none" else () for word in words.split(" > "))
    return Event(f"{minutes}-{words}", at(minutes), by, fact, came, went)


def swap(old: str, new: str, minutes: float, by: str = "github:ada-l") -> tuple[Event, ...]:
    """One label taken off and another put on, as on the web."""
    return event(f"-stage: {old}", minutes, by), event(f"+stage: {new}", minutes, by)


def later(item: Item, minutes: float = 60) -> Item:
    return replace(item, updated=at(minutes))


def last(
    item: Item,
    events: Sequence[Event],
    field: FieldName = STAGE,
    own: Own = Own(),  # noqa: B008 - frozen and empty
) -> tuple[float, str] | None:
    """In how many minutes, and by whom."""
    found = last_edit(later(item), events, field, TERMS, own)
    return None if found is None else ((found.at - NOON).total_seconds() / 60, found.by)


MADE = (0, "")
"""Never changed since it was made; who made it is not told."""


@pytest.mark.parametrize(
    ("item", "events", "found"),
    [
        pytest.param(gh("stage: build"), [], MADE, id="no event: so since it was made"),
        pytest.param(gh("stage: build"), [event("+bug", 9), event("-bug", 10)], MADE, id="nobody's business"),
        pytest.param(gh("stage: build"), swap("idea", "build", 5), (5, "ada-l"), id="a label for another"),
        pytest.param(
            gh("stage: build", "bug"), [*swap("idea", "build", 5), event("+bug", 9, "github:grace-h")], (5, "ada-l"),
            id="noise after it",
        ),
        pytest.param(gh("STAGE: BUILD"), swap("idea", "build", 5), (5, "ada-l"), id="in another case"),
        pytest.param(
            gh("stage: build"), [*swap("idea", "verify", 5), *swap("verify", "build", 8, "github:grace-h")],
            (8, "grace-h"), id="the later of two",
        ),
        pytest.param(
            gh("stage: build"), [*swap("build", "verify", 5), *swap("verify", "build", 5.1)], MADE,
            id="there and back in one go",
        ),
        pytest.param(
            gh("stage: build"), [*swap("build", "verify", 5), *swap("verify", "build", 6)], (6, "ada-l"),
            id="there and back after a while",
        ),
        pytest.param(gh("stage: build"), swap("idea", "build", 5, ""), (5, ""), id="by a deleted account"),
        pytest.param(gh("stage: build"), swap("idea", "build", 5, "eve"), (5, "eve"), id="by nobody we know"),
        pytest.param(
            gh("closed:completed"),
            [event("open > closed", 7, fact="state"), event("none > completed", 7, fact="reason")],
            (7, "ada-l"), id="closed",
        ),
        pytest.param(gh("closed:completed"), [event("open > closed", 7, fact="state")], (7, "ada-l"), id="and not why"),
        pytest.param(
            gh("closed:completed", "stage: build"),
            [event("open > closed", 7, fact="state"), event("+stage: build", 9, "github:grace-h")],
            (7, "ada-l"), id="a label on what is closed",
        ),
        pytest.param(
            gh("stage: build"),
            [event("open > closed", 7, fact="state"), event("closed > open", 9, "github:grace-h", "state")],
            (9, "grace-h"), id="reopened",
        ),
        pytest.param(
            gh("stage: build", "stage: verify"), [event("+stage: verify", 4)], (4, "ada-l"), id="a second label"
        ),
        # Holes.
        pytest.param(gh("stage: verify"), swap("idea", "build", 5), None, id="it shows what no event led to"),
        pytest.param(gh(), [event("+stage: build", 5)], None, id="a label went, and nothing tells when"),
        pytest.param(
            gh("stage: build"), [event("open > closed", 7, fact="state")], None,
            id="it is open again, and nothing tells since when",
        ),
        pytest.param(
            gh("stage: build"), [*swap("idea", "verify", 5), *swap("idea", "build", 9)], None,
            id="a label went, now or then",
        ),
        pytest.param(
            gh("stage: verify"), [event("+stage: build", 3), event("-stage: build", 9)], None,
            id="a label that was called otherwise then: nobody makes an issue in two stages",
        ),
        pytest.param(
            gh("stage: verify"), [*swap("build", "verify", 5), *swap("verify", "idea", 70)], (5, "ada-l"),
            id="what came after the look does not count",
        ),
    ],
)  # fmt: skip
def test_when_the_stage_last_changed(item: Item, events: Sequence[Event], found: tuple[float, str] | None) -> None:
    assert last(item, events) == found


@pytest.mark.parametrize(
    ("item", "events", "found"),
    [
        pytest.param(gh(owners="ada-l"), [], MADE, id="since it was made"),
        pytest.param(
            gh(owners="ada-l"), [event("+github:ada-l", 5, "github:grace-h", OWNERS)], (5, "grace-h"), id="given"
        ),
        pytest.param(gh(), [event("-github:ada-l", 5, fact=OWNERS)], (5, "ada-l"), id="taken off"),
        pytest.param(gh(owners="ada-l"), [event("+stage: build", 5)], MADE, id="a label"),
        pytest.param(gh(owners="ada-l"), [event("-github:ada-l", 5, fact=OWNERS)], None, id="and back"),
    ],
)  # fmt: skip
def test_when_the_owners_last_changed(item: Item, events: Sequence[Event], found: tuple[float, str] | None) -> None:
    assert last(item, events, OWNERS) == found


def test_a_status_has_another_ones_place() -> None:
    moves = [
        event("To Do > In Progress", 3, "jira:ada-l", "status"),
        event("In Progress > In Review", 6, "jira:grace-h", "status"),
    ]
    assert last(ji("In Review"), moves) == (6, "grace-h")
    assert last(ji("In Progress"), moves) is None
    # Backlog and To Do are one stage here.
    assert last(ji("Backlog"), [event("To Do > Backlog", 3, "jira:ada-l", "status")]) == MADE


def test_a_place_that_has_no_history_gives_no_time() -> None:
    """A board's column may move without an event: then no label's time is the time of the stage."""
    vocabulary = replace(GITHUB, matchers=(*GITHUB.matchers, Matcher("board", "board", optional=True)))
    rules = (rule("build", board="Doing"), rule("verify", board="Review"))
    boards = terms(maps={"github": StageMap("github", DELIVERY, vocabulary, rules), "jira": jira_map()})
    item = later(gh("bug"))
    shown = replace(item, facts={**item.facts, "board": ("Review",)})
    assert last_edit(shown, [event("+bug", 3)], STAGE, boards, Own()) is None
    moved = event("Doing > Review", 5, fact="board")
    assert last_edit(shown, [moved], STAGE, boards, Own()) == LastEdit(at(5), "ada-l")


def test_labels_beside_a_status_have_a_history_and_other_peoples_count_for_nothing() -> None:
    """A label that was there from the beginning is no hole in the history, whoever it belongs to."""
    vocabulary = replace(JIRA, matchers=(*JIRA.matchers, Matcher("labels", "labels", shared=True, optional=True)))
    rules = (rule("build", status="In Progress"), rule("verify", status="In Progress", labels="in-qa"))
    labelled = terms(maps={"jira": StageMap("jira", DELIVERY, vocabulary, rules)})
    item = later(ji("In Progress"))
    shown = replace(item, facts={**item.facts, "labels": ("customer", "in-qa")})
    put = [event("+urgent", 1, "jira:ada-l"), event("+in-qa", 3, "jira:ada-l"), event("-urgent", 9, "jira:ada-l")]
    assert last_edit(shown, put, STAGE, labelled, Own()) == LastEdit(at(3), "ada-l")
    assert last_edit(shown, [], STAGE, labelled, Own()) == LastEdit(item.created, "")


# Our own doing


def wrote(
    before: Sequence[str], after: Sequence[str], minutes: float, outcome: Outcome | None = Outcome.APPLIED
) -> Wrote:
    """A write of ours in the journal."""
    change = Change(
        gh().ref, "acme/shop#17", STAGE, "labels",
        {"labels": tuple(f"stage: {one}" for one in before), "state": ("open",)},
        {"labels": tuple(f"stage: {one}" for one in after)},
        "only jira had moved",
    )  # fmt: skip
    receipt = None if outcome is None else Receipt(outcome)
    return Wrote(Run(2, "sync", at(minutes)), change, (), receipt, at(minutes), at(minutes))


BY_PERSON = swap("idea", "build", 5)
BY_US = swap("build", "verify", 20, BOT)
BOTH = (*BY_PERSON, *BY_US)


@pytest.mark.parametrize(
    ("own", "events", "found"),
    [
        pytest.param(Own(), BOTH, (20, BOT), id="nothing tells that it was us"),
        pytest.param(Own([wrote(["build"], ["verify"], 20)]), BOTH, (5, "ada-l"), id="the journal"),
        pytest.param(Own([wrote(["build"], ["verify"], 21.5)]), BOTH, (5, "ada-l"), id="clocks a little apart"),
        pytest.param(Own([wrote(["build"], ["verify"], 20, None)]), BOTH, (5, "ada-l"), id="in doubt"),
        pytest.param(Own([wrote(["build"], ["verify"], 90)]), BOTH, (20, BOT), id="another time"),
        pytest.param(Own([wrote(["idea"], ["build"], 20)]), BOTH, (20, BOT), id="another write"),
        pytest.param(Own([wrote(["verify"], ["build"], 20)]), BOTH, (20, BOT), id="undone by somebody"),
        pytest.param(
            Own([wrote(["build"], ["verify"], 20, Outcome.ALREADY_SO)]), BOTH, (20, BOT), id="somebody else had done it"
        ),
        pytest.param(Own(accounts={"github": BOT}), BOTH, (5, "ada-l"), id="the account that only we use"),
        pytest.param(
            Own(accounts={"github": "github:ada-l"}), BOTH, (20, BOT), id="a person's account: what she did is hers"
        ),
        pytest.param(
            Own([wrote(["idea"], ["build"], 5)], {"github": "github:ada-l"}), BOTH, (20, BOT),
            id="a person's account, another's edit",
        ),
        pytest.param(
            Own([wrote(["build"], ["verify"], 20)], {"github": "github:ada-l"}),
            (*BY_PERSON, *swap("build", "verify", 20)), (5, "ada-l"), id="a person's account, our write",
        ),
        pytest.param(
            Own([wrote(["build"], ["verify"], 20)], {"github": "github:ada-l"}),
            (*BY_PERSON, *swap("build", "verify", 20, "github:grace-h")), (20, "grace-h"),
            id="somebody else does the same at that moment",
        ),
        pytest.param(
            Own([wrote(["idea"], ["build"], 5)]), (*swap("idea", "build", 5, BOT), *BY_US), MADE,
            id="an account the journal shows to be ours",
        ),
    ],
)  # fmt: skip
def test_our_own_doing_is_no_edit(own: Own, events: Sequence[Event], found: tuple[float, str]) -> None:
    assert last(gh("stage: verify"), events, own=own) == found


def test_the_reason_that_follows_a_closing_of_ours_is_ours() -> None:
    closing = Change(
        gh().ref, "acme/shop#17", STAGE, "state", {"state": ("open",)}, {"state": ("closed",)}, "only jira had moved"
    )
    ours = Wrote(Run(2, "sync", at(7)), closing, (), Receipt(Outcome.APPLIED), at(7), at(7))
    events = [
        event("open > closed", 7, "github:ada-l", "state"), event("none > completed", 7, "github:ada-l", "reason")
    ]  # fmt: skip
    assert last(gh("closed:completed"), events, own=Own([ours])) == MADE


# Steps and stays


def found(item: Item, events: Sequence[Event]) -> Course:
    return course(later(item), events, STAGE, TERMS, Own())


def test_what_one_account_does_in_one_go_is_one_step() -> None:
    events = (
        event("+stage: build", 5),
        event("-stage: idea", 5.1),
        event("+stage: verify", 9),
        event("-stage: build", 9.5),
    )
    steps = found(gh("stage: verify"), events).steps
    idea, build, verify = "stage: idea", "stage: build", "stage: verify"
    assert [(step.at, set(step.before["labels"]), set(step.after["labels"])) for step in steps] == [
        (at(5.1), {idea}, {build}),
        (at(9), {build}, {build, verify}),
        (at(9.5), {build, verify}, {verify}),
    ]


def test_how_long_it_was_in_each_stage() -> None:
    moved = (*swap("idea", "build", 5), *swap("build", "verify", 9))
    item = later(gh("stage: verify"))
    assert stays(item, found(item, moved), TERMS) == (
        Stay("idea", at(0), at(5)), Stay("build", at(5), at(9)), Stay("verify", at(9), None)
    )  # fmt: skip


def test_a_hole_in_between_leaves_the_last_change_known_and_the_beginning_not() -> None:
    moved = [
        event(f"{way}", minutes, "jira:ada-l", "status")
        for way, minutes in (("To Do > In Review", 5), ("To Do > In Progress", 9))
    ]
    item = later(ji("In Progress"))
    assert last(item, moved) == (9, "ada-l")
    told = stays(item, found(item, moved), TERMS)
    assert told[0].since is None
    assert told[-1] == Stay("build", at(9), None)


def test_a_past_is_current_until_the_item_moves_on() -> None:
    past = Past((), at(5), at(3))
    assert past.current(later(gh(), 3))
    assert not past.current(later(gh(), 4))
    assert not replace(past, owed=True).current(later(gh(), 3))
