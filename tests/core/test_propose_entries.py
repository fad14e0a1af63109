"""The proposal as entries of a configuration: sound whatever the names are, and read back as they were proposed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import BOARD, DELIVERY, GITHUB, JIRA, gh, ji

from trackersync.config import process
from trackersync.config.lexicon import lexicon
from trackersync.config.stage_rules import rules_of
from trackersync.core.model import Item, Matcher, Vocabulary
from trackersync.core.process import Process
from trackersync.core.propose import Line, Proposal, Sighting, entries, propose
from trackersync.core.stages import StageMap

KANBAN = process("kanban")
WITH_BOARD = replace(GITHUB, matchers=(*GITHUB.matchers, Matcher("board", "board", optional=True)))


def sightings(**places: tuple[str, ...]) -> list[Sighting]:
    return [Sighting(place, value) for place, values in places.items() for value in values]


def made(vocabulary: Vocabulary, proposal: Proposal, of: Process = KANBAN) -> tuple[StageMap, list[str]]:
    """The mapping these entries make when a configuration is read, and the faults found in them."""
    rules, faults = rules_of(
        dict(entries(proposal, of, vocabulary)),
        ("stages",),
        process=of,
        vocabulary=vocabulary,
        settable=("status", "labels", "state", "reason", "board"),
        shown=lambda _: "…",
    )
    return StageMap("tracker", of, vocabulary, rules), [fault.message for fault in faults]


def test_values_are_merged_per_stage_the_most_natural_first() -> None:
    seen = [
        Sighting("statuses", "Blocked", "started", open=99),
        Sighting("statuses", "Code Review", "started", open=5),
        Sighting("statuses", "Testing", "started", open=7),
        Sighting("statuses", "In Review", "started", open=3),
        Sighting("statuses", "Doing", "started", open=1),
        Sighting("statuses", "In Progress", "started", open=8),
        Sighting("statuses", "Done", "done"),
    ]
    assert entries(propose(KANBAN, JIRA, seen, lexicon()), KANBAN, JIRA) == {
        "in progress": [{"statuses": ["In Progress", "Doing", "Blocked"]}],
        "review": [{"statuses": ["In Review", "Testing", "Code Review"]}],
        "done": [{"statuses": ["Done"]}],
    }


def test_resolutions_that_cancel_do_so_with_every_done_status() -> None:
    seen = [Sighting("statuses", name, "done") for name in ("Done", "Closed", "Rejected")]
    seen += sightings(resolutions=("Fixed", "Won't Do", "Duplicate"))
    proposal = propose(KANBAN, JIRA, seen, lexicon())
    assert entries(proposal, KANBAN, JIRA) == {
        "done": [{"statuses": ["Done", "Closed"]}],
        "cancelled": [
            {"statuses": ["Rejected"]},
            {"statuses": ["Done", "Closed"], "resolutions": ["Won't Do", "Duplicate"]},
        ],
    }
    stages, faults = made(JIRA, proposal)
    assert faults == []
    shown = {"done": [ji("Done", "Fixed"), ji("Done")], "cancelled": [ji("Closed", "duplicate"), ji("Rejected")]}
    for stage, items in shown.items():
        assert [stages.read(item.facts).stages for item in items] == [(stage,)] * 2


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(gh("wontfix"), "assumed: backlog", id="open: it goes on"),
        pytest.param(gh("wontfix", "in progress"), "stated: in progress review", id="open, with a stage: no clash"),
        pytest.param(gh("closed:completed", "wontfix"), "stated: cancelled", id="closed as completed all the same"),
        pytest.param(gh("closed", "wontfix"), "stated: cancelled", id="closed without a reason"),
        pytest.param(gh("closed:not_planned", "wontfix"), "stated: cancelled", id="closed as not planned"),
        pytest.param(gh("closed:duplicate", "wontfix"), "stated: cancelled", id="closed as a duplicate"),
        pytest.param(gh("closed:completed", "bug"), "stated: done", id="closed without our label"),
        pytest.param(gh("closed:completed", "in progress"), "stated: done", id="closed with a label left on"),
        pytest.param(gh("done"), "stated: done", id="open, and labelled done: a finding says so"),
        pytest.param(gh("done", "closed:not_planned"), "stated: cancelled", id="closed: the label is not heard"),
        pytest.param(gh("bug"), "assumed: backlog", id="nothing of ours"),
    ],
)
def test_labels_of_what_is_over_never_close_what_is_open(item: Item, expected: str) -> None:
    proposal = propose(KANBAN, GITHUB, sightings(labels=("in progress", "done", "wontfix", "bug", "ready")), lexicon())
    stages, faults = made(GITHUB, proposal)
    reading = stages.read(item.facts)
    assert (f"{reading.kind}: {' '.join(reading.stages)}", faults) == (expected, [])


def test_what_is_over_is_written_as_the_tracker_has_it() -> None:
    proposal = propose(KANBAN, GITHUB, sightings(labels=("in progress", "done", "wontfix")), lexicon())
    stages, _ = made(GITHUB, proposal)
    assert stages.words("done")[0] == {"labels": (), "state": ("closed",), "reason": ("completed",)}
    assert stages.words("cancelled")[0] == {"labels": (), "state": ("closed",), "reason": ("not_planned",)}


def test_what_the_tracker_means_by_itself_is_not_repeated() -> None:
    proposal = propose(KANBAN, GITHUB, sightings(labels=("in progress", "review")), lexicon())
    assert entries(proposal, KANBAN, GITHUB) == {
        "in progress": [{"labels": ["in progress"]}],
        "review": [{"labels": ["review"]}],
    }
    assert entries(propose(KANBAN, GITHUB, sightings(labels=("bug",)), lexicon()), KANBAN, GITHUB) == {}


def test_columns_and_labels() -> None:
    seen = sightings(board=("Todo", "In Progress", "Done", "Won't do"), labels=("in progress",))
    proposal = propose(KANBAN, WITH_BOARD, seen, lexicon())
    stages, faults = made(WITH_BOARD, proposal)
    assert faults == []
    assert "`precedence`" in proposal.remarks[0]
    shown = {
        "Todo": "backlog",
        "In Progress": "in progress",
        "Done": "done",
        "Won't do": "cancelled",
    }
    for column, stage in shown.items():
        assert stages.read({**gh().facts, "board": (column,)}).stages[:1] == (stage,)
    assert stages.read({**gh("closed:completed").facts, "board": ("Won't do",)}).stages == ("cancelled",)
    assert stages.read({**gh("closed:completed").facts, "board": ("In Progress",)}).stages == ("done",)


def test_a_line_that_names_no_stage_of_the_process_is_left_out() -> None:
    lines = (Line("labels", "x", "elsewhere", "", sure=True), Line("labels", " ", "review", "", sure=True))
    lines += (Line("nowhere", "x", "review", "", sure=True), Line("state", "open", "review", "", sure=True))
    assert entries(Proposal(lines), KANBAN, GITHUB) == {}


def test_of_two_claims_for_a_value_the_more_natural_one_counts() -> None:
    lines = (Line("labels", "X", "review", "", sure=True, weight=9), Line("labels", "x", "ready", "", sure=True))
    assert entries(Proposal(lines), KANBAN, GITHUB) == {"ready": [{"labels": ["x"]}]}


HOSTILE = (
    *("Done", "done", "DONE", "Won't Do", "wontfix", "In Progress", "status: done", "status: Blocked", "S-review"),
    *("", " ", "\u00a0", "\u200b", "\u202eenoD", "\u1e9e", "\ufb01nished", "\u0130n", "x" * 300, "${TOKEN}", "null"),
    *(
        "完了",
        "レビュー待ち",
        "يتم المراجعة",
        "done: done: done",
        "🚧",
        ":",
        "/",
        "status:",
        "[status]",
        "1.",
        "closed",
        "- a: [b",
    ),
)
NAMES = st.text(max_size=30) | st.sampled_from(HOSTILE)
PLACES = {"github": ("labels", "board", "state"), "jira": ("statuses", "resolutions"), "board": ("columns",)}
VOCABULARIES = {"github": WITH_BOARD, "jira": JIRA, "board": BOARD}
OWN = Process("own", tuple(stage for stage in KANBAN.stages if stage.category != "cancelled"))


@given(st.data())
def test_whatever_a_tracker_shows_the_entries_are_sound_and_say_what_the_proposal_says(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(PLACES)))
    vocabulary, of = VOCABULARIES[name], data.draw(st.sampled_from([DELIVERY, KANBAN, OWN]))
    sighting = st.builds(
        Sighting,
        place=st.sampled_from(PLACES[name]),
        value=NAMES,
        category=st.sampled_from(["", "backlog", "started", "done", "undefined"]),
        rank=st.none() | st.integers(0, 5),
        open=st.integers(0, 3),
    )
    seen = data.draw(st.lists(sighting, max_size=12))
    moves = data.draw(st.lists(st.tuples(NAMES, NAMES), max_size=5))
    proposal = propose(of, vocabulary, seen, lexicon(), moves)
    assert [(line.place, line.value) for line in proposal.lines] == [(one.place, one.value) for one in seen]
    spoken = [one for one in seen if one.value.strip()]
    if spoken and data.draw(st.booleans()):
        changed = data.draw(st.sampled_from(spoken))
        proposal = proposal.with_stage(
            changed.place, changed.value, data.draw(st.sampled_from([None, *(stage.key for stage in of.stages)]))
        )
    stages, faults = made(vocabulary, proposal, of)
    assert faults == []
    assert all(line.stage is None or line.stage in of.order for line in proposal.lines)
    assert not any(line.stage in line.others for line in proposal.lines)
    for line in proposal.lines:
        fact = next(one.fact for one in vocabulary.matchers if one.key == line.place)
        over = line.stage is not None and of.stage(line.stage).finished
        if line.stage is None or fact in ("resolution", "state") or (fact == "labels" and over):
            continue
        facts = {**({"state": ("open",)} if name == "github" else {}), fact: (line.value,)}
        assert line.stage in stages.read(facts).stages
