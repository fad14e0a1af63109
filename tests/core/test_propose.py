"""The stage proposed for a status or a column: by its category, its name, its neighbours, and how issues move."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

import time

import pytest
from world import BOARD, GITHUB, JIRA

from trackersync.config import process
from trackersync.config.lexicon import lexicon
from trackersync.core.process import Category, Process, Stage
from trackersync.core.propose import Line, Proposal, Sighting, propose

DELIVERY, KANBAN, SCRUM = process("delivery"), process("kanban"), process("scrum")


def own(*stages: tuple[str, Category]) -> Process:
    return Process("own", tuple(Stage(key, key.capitalize(), "", category, "", "", ()) for key, category in stages))


BAKERY = own(
    ("Wunschliste", "backlog"),
    ("Analyse", "started"),
    ("Fermentation", "started"),
    ("Ready for QA", "started"),
    ("QA", "started"),
    ("Abnahme", "started"),
    ("Fertig", "done"),
)
"""Stages in the team's own words: two languages, one word that nobody knows, no stage of what is cancelled."""


def statuses(*given: str) -> list[Sighting]:
    """``"In Progress = started"``; without a category where nothing is said; ranked as they stand."""
    pairs = [one.partition(" = ") for one in given]
    return [Sighting("statuses", name, category, rank=at) for at, (name, _, category) in enumerate(pairs)]


def told(line: Line) -> str:
    return f"{line.stage}{'' if line.sure else ' ?'}"


def stage_of(proposal: Proposal, value: str) -> str:
    return told(next(line for line in proposal.lines if line.value == value))


@pytest.mark.parametrize(
    ("given", "delivery", "kanban", "scrum"),
    [
        pytest.param("To Do = backlog", "idea", "backlog", "product backlog", id="to do"),
        pytest.param("Open = backlog", "idea", "backlog", "product backlog", id="open is the first stage"),
        pytest.param("Selected for Development = backlog", "idea", "ready", "sprint backlog", id="selected"),
        pytest.param("In Progress = started", "build", "in progress", "in progress", id="in progress"),
        pytest.param("In Review = started", "verify", "review", "review", id="in review"),
        pytest.param("Code Review = started", "build", "review", "review", id="code review is part of building"),
        pytest.param("QA = started", "verify", "review", "review", id="QA"),
        pytest.param("Design = started", "design", "in progress", "in progress", id="a step the process does not have"),
        pytest.param("Done = done", "done", "done", "done", id="done"),
        pytest.param("Released = done", "done", "done", "done", id="released, as the tracker has it, is done"),
        pytest.param("Cancelled = done", "cancelled", "cancelled", "cancelled", id="cancelled is not done"),
        pytest.param("Cancelled = backlog", "cancelled", "cancelled", "cancelled", id="cancelled, in whatever category"),
        pytest.param("Live = done", "done", "done", "done", id="the category alone would say so"),
        pytest.param("Xyzzy = done", "done", "done", "done", id="an unknown name in the category done"),
        pytest.param("Xyzzy = backlog", "idea", "backlog ?", "product backlog ?", id="an unknown name in the backlog"),
        pytest.param("Xyzzy = started", "build ?", "in progress ?", "in progress ?", id="an unknown name, started: a guess"),
        pytest.param("Xyzzy", "None ?", "None ?", "None ?", id="an unknown name of no category"),
        pytest.param("Xyzzy = undefined", "None ?", "None ?", "None ?", id="a category nobody knows is none"),
        pytest.param("QA = backlog", "idea ?", "backlog ?", "product backlog ?", id="the category outweighs the name"),
        pytest.param("QA = done", "done ?", "done ?", "done ?", id="the category done, too"),
        pytest.param("Done = backlog", "done ?", "done ?", "done ?", id="but done is never to do"),
        pytest.param("Done = started", "verify ?", "review ?", "review ?", id="done, and the tracker says it goes on"),
        pytest.param("Blocked = started", "build ?", "in progress ?", "in progress ?", id="it waits: a guess"),
        pytest.param("Tseting = started", "verify ?", "review ?", "review ?", id="a slip of the pen: a guess"),
        pytest.param("Tested = started", "release ?", "review ?", "review ?", id="over: the next step, a guess"),
        pytest.param("Designed = started", "build ?", "in progress ?", "in progress ?", id="over: most work has no prototype"),
        pytest.param("To be refined", "requirements", "ready ?", "sprint backlog ?", id="before a step: its own, else it waits to be begun"),
        pytest.param("QA failed = started", "build", "in progress", "in progress", id="sent back"),
        pytest.param("Released", "done ?", "done ?", "done ?", id="released, and the tracker says nothing"),
        pytest.param("status: in review", "verify", "review", "review", id="a family's name before it"),
        pytest.param("  = started", "None", "None", "None", id="an empty name"),
    ],
)  # fmt: skip
def test_a_status_alone(given: str, delivery: str, kanban: str, scrum: str) -> None:
    found = [told(propose(one, JIRA, statuses(given), lexicon()).lines[0]) for one in (DELIVERY, KANBAN, SCRUM)]
    assert found == [delivery, kanban, scrum]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("Fermentation = started", "Fermentation", id="the stage's own name, which no lexicon has"),
        pytest.param("fermentation", "Fermentation", id="in another case"),
        pytest.param("Fermentation = backlog", "Wunschliste", id="but the category outweighs it"),
        pytest.param("Backlog", "Wunschliste", id="a stage in another language"),
        pytest.param("Analysis = started", "Analyse", id="another one"),
        pytest.param("Ready for testing", "Ready for QA", id="before a step that has its own waiting"),
        pytest.param("Testing", "QA", id="the step itself"),
        pytest.param("UAT", "Abnahme", id="acceptance"),
        pytest.param("Fertig = done", "Fertig", id="done"),
        pytest.param("Rejected = done", "Fertig", id="no stage of what is cancelled: done covers it"),
        pytest.param("In Progress = started", "Analyse", id="no stage of building: the last before it that is known"),
    ],
)
def test_a_teams_own_stages(given: str, expected: str) -> None:
    assert told(propose(BAKERY, JIRA, statuses(given), lexicon()).lines[0]) == expected


def test_to_do_beside_a_backlog_is_what_was_chosen() -> None:
    beside = propose(KANBAN, JIRA, statuses("Backlog = backlog", "To Do = backlog"), lexicon())
    assert [told(line) for line in beside.lines] == ["backlog", "ready"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param(("In Progress", "Xyzzy", "Testing"), "build ?", id="nothing is between: the earlier"),
        pytest.param(("Research", "Xyzzy", "Testing"), "build ?", id="several are between: the most usual"),
        pytest.param(("Testing", "Xyzzy", "Launch"), "release ?", id="several are between: the first"),
        pytest.param(("To Do", "Xyzzy", "In Progress"), "research ?", id="between waiting and work"),
        pytest.param(("Testing", "Xyzzy"), "verify ?", id="nothing after it"),
        pytest.param(("Launch", "On hold", "Xyzzy"), "launch ?", id="what waits is no neighbour"),
        pytest.param(("Xyzzy", "Testing"), "verify ?", id="nothing before it"),
        pytest.param(("Testing", "Xyzzy", "In Progress"), "None ?", id="an order that goes back tells nothing"),
        pytest.param(("In Progress", "Blocked", "Testing"), "build ?", id="what waits has no place of its own"),
        pytest.param(("Testing", "Blocked", "Release"), "verify ?", id="what waits is where it stands"),
    ],
)
def test_an_unknown_column_is_between_its_neighbours(order: tuple[str, ...], expected: str) -> None:
    columns = [Sighting("columns", name, rank=at) for at, name in enumerate(order)]
    unknown = next(name for name in order if name in ("Xyzzy", "Blocked"))
    assert stage_of(propose(DELIVERY, BOARD, columns, lexicon()), unknown) == expected


def test_neighbours_are_told() -> None:
    given = statuses("In Progress = started", "Xyzzy = started", "Testing = started")
    line = propose(DELIVERY, JIRA, given, lexicon()).lines[1]
    assert line.because == "category in progress; between In Progress and Testing"
    assert line.others == ("verify",)


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        pytest.param([], "build ?", id="without histories the usual one"),
        pytest.param([("Testing", "Xyzzy")] * 9 + [("Xyzzy", "Launch")] * 9, "release ?", id="between, as issues move"),
        pytest.param([("Testing", "Xyzzy")] * 9 + [("To Do", "Xyzzy")] * 2, "verify ?", id="where most come from"),
        pytest.param([("Xyzzy", "Testing")] * 3, "verify ?", id="where they go on to"),
        pytest.param([("testing", "XYZZY")], "verify ?", id="in another case"),
        pytest.param([("Elsewhere", "Xyzzy"), ("Xyzzy", "Xyzzy")], "build ?", id="unknown ends tell nothing"),
    ],
)
def test_how_issues_move_tells_an_unknown_status(moves: list[tuple[str, str]], expected: str) -> None:
    given = [Sighting("statuses", name, category) for name, category in (("To Do", "backlog"), ("Testing", "started"))]
    given += [Sighting("statuses", "Launch", "started"), Sighting("statuses", "Xyzzy", "started")]
    assert stage_of(propose(DELIVERY, JIRA, given, lexicon(), moves), "Xyzzy") == expected


def test_what_waits_is_where_issues_come_back_to() -> None:
    given = [Sighting("statuses", name, "started") for name in ("In Progress", "Testing", "On Hold")]
    moves = [("Testing", "On Hold"), ("On Hold", "Testing")] * 5 + [("In Progress", "On Hold")]
    line = propose(DELIVERY, JIRA, given, lexicon(), moves).lines[2]
    assert (line.stage, line.sure) == ("verify", False)
    assert line.because == "its name: it waits; issues come from Testing and go on to Testing"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Done", "done", id="done"),
        pytest.param("Fixed", "done", id="fixed"),
        pytest.param("Won't Do", "cancelled", id="will not be done"),
        pytest.param("Won't Fix", "cancelled", id="will not be fixed"),
        pytest.param("Duplicate", "cancelled", id="a duplicate"),
        pytest.param("Cannot Reproduce", "cancelled", id="nobody could see it"),
        pytest.param("Declined", "cancelled", id="declined"),
        pytest.param("Incomplete", "cancelled", id="a report too thin, though as a status it is not"),
        pytest.param("Not a bug", "cancelled", id="no fault"),
        pytest.param("Wird nicht behoben", "cancelled", id="in German"),
        pytest.param("再現できない", "cancelled", id="in Japanese"),
        pytest.param("Hardware failure", "done", id="whatever else ends what is done"),
        pytest.param("", "None", id="an empty one"),
    ],
)
def test_a_resolution_is_done_or_cancelled(value: str, expected: str) -> None:
    assert told(propose(DELIVERY, JIRA, [Sighting("resolutions", value)], lexicon()).lines[0]) == expected


def test_values_that_differ_in_case_only_are_one() -> None:
    """The category of the one that more issues show counts; each has its line, with its own numbers."""
    given = [Sighting("statuses", "QA", "done", open=0, all=2), Sighting("statuses", "qa", "started", open=7, all=9)]
    for order in (given, given[::-1]):
        lines = propose(DELIVERY, JIRA, order, lexicon()).lines
        assert {(line.value, line.stage, line.open, line.all) for line in lines} == {
            ("QA", "verify", 0, 2),
            ("qa", "verify", 7, 9),
        }


def test_places_the_vocabulary_does_not_know_or_fixes_say_nothing() -> None:
    given = [Sighting("state", "closed"), Sighting("swimlane", "Done"), Sighting("labels", "in progress")]
    assert [told(line) for line in propose(KANBAN, GITHUB, given, lexicon()).lines] == ["None", "None", "in progress"]


def test_a_person_has_the_last_word() -> None:
    proposal = propose(KANBAN, JIRA, statuses("Xyzzy = started", "xyzzy = started", "QA"), lexicon())
    changed = proposal.with_stage("statuses", "XYZZY", "review")
    assert [(line.stage, line.because, line.sure) for line in changed.lines[:2]] == [
        ("review", "chosen by you", True)
    ] * 2
    assert changed.lines[0].others == ("in progress", "review")[:1]
    assert (proposal.covered, changed.with_stage("statuses", "QA", None).left_over) == (3, 1)
    assert [line.value for line in proposal.guesses] == ["Xyzzy", "xyzzy"]
    with pytest.raises(KeyError):
        proposal.with_stage("labels", "QA", "review")


def test_two_places_that_tell_a_stage_are_remarked() -> None:
    two = [Sighting("labels", "in progress"), Sighting("labels", "bug")]
    assert propose(KANBAN, GITHUB, two, lexicon()).remarks == ()


def test_thousands_of_values_take_less_than_a_second() -> None:
    labels = [Sighting("labels", f"area/{at}: some thing") for at in range(2500)]
    labels += [Sighting("labels", f"team thing number{at}x") for at in range(1500)]
    labels += [Sighting("labels", f"status: foooobar{at}abc") for at in range(1000)]
    propose(DELIVERY, GITHUB, labels[:1], lexicon())
    began = time.process_time()
    propose(DELIVERY, GITHUB, labels, lexicon())
    assert time.process_time() - began < 1
