"""The table in which `init` proposes: narrow, wide, plain; nothing that a person needs to decide is cut off."""

from __future__ import annotations

import pytest

from trackersync.config import process
from trackersync.core.examine.coverage import Coverage, Unplaced
from trackersync.core.propose import Line, Proposal
from trackersync.report.proposal import Proposed, legible, listed, proposal_record, silent
from trackersync.report.text.proposal import covers, proposal_screen
from trackersync.report.text.screen import Screen

KANBAN = process("kanban")
LINES = (
    Line("statuses", "Done", "done", "its name", sure=True, all=1_204),
    Line("statuses", "In Progress", "in progress", "its name", sure=True, open=12, all=12),
    Line(
        "statuses",
        "Warten auf " + "Freigabe " * 6,
        "review",
        "it waits " * 12,
        sure=False,
        open=3,
        all=3,
        others=("ready",),
    ),
    Line("statuses", "Limbo", None, "nothing says what it means", sure=False, open=1, all=1),
    Line("statuses", "To Do", "ready", "its name", sure=True, open=1, all=1),
    Line("resolutions", "Duplicate", "cancelled", "its name", sure=True, all=9),
    Line("labels", "bug", None, "says nothing", sure=True, open=2, all=2),
    *(Line("labels", f"area {number}", None, "says nothing", sure=True) for number in range(40)),
)
COVERAGE = Coverage("jira", 15, 0, 0, (), (Unplaced("Limbo", "statuses", ("SHOP-4",)),), "backlog", "no status")
PROPOSED = Proposed("jira", ("SHOP", "PAY"), "bot", 1_228, Proposal(LINES), COVERAGE, ("boards are not shown",))


def drawn(width: int, *, plain: bool = False, first: int = 1) -> tuple[str, int]:
    """The screen, and the number after the last line."""
    screen, stream = Screen.into(width, plain=plain)
    following = proposal_screen(screen, PROPOSED, KANBAN, first)
    return stream.getvalue(), following


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("width", [80, 100])
def test_nothing_is_too_wide_and_no_stage_is_cut(width: int, plain: bool) -> None:
    text, following = drawn(width, plain=plain)
    assert [line for line in text.splitlines() if len(line) > width] == []
    arrow = "->" if plain else "→"
    for words in (f"{arrow} in progress", f"{arrow} cancelled", f"{arrow} none", "1,204", "! 1 ", "! 2 "):
        assert words in text
    assert following == 7
    # The reason of a guess is told whole, whatever the table had to cut.
    assert " ".join(text.split()).count("it waits") == 12
    assert "or ready" in text


def test_guesses_come_first_place_by_place_and_numbers_go_on() -> None:
    assert [line.value.split()[0] for line in listed(PROPOSED.proposal, KANBAN)] == [
        "Warten", "Limbo", "To", "In", "Done", "Duplicate",
    ]  # fmt: skip
    text, following = drawn(100, first=12)
    assert ("! 12 " in text, "  17 " in text, following) == (True, True, 18)


def test_what_says_nothing_is_one_line_the_most_frequent_first() -> None:
    text, _ = drawn(100)
    assert "labels that say nothing of a stage: bug, area 0" in text
    assert "and 29 more" in " ".join(text.split())
    assert len(silent(PROPOSED.proposal)) == 41


@pytest.mark.parametrize(
    ("coverage", "said"),
    [
        (COVERAGE, 'covers 15 of 16 open issues; "Limbo" belongs to no stage: 1 issue'),
        (Coverage("x", 0, 0, 0, (), (), "backlog", "no label"), "no issue is open"),
        (
            Coverage("x", 4, 1, 0, ("a#1",), (), "backlog", "no label"),
            "covers 4 of 6 open issues; 1 with no label is taken for backlog; 1 shows two stages: a#1",
        ),
        (
            Coverage("x", 0, 2, 0, ("a", "b", "c", "d"), (), "backlog", "no label"),
            "covers 0 of 6 open issues; 2 with no label are taken for backlog; 4 show two stages: a, b, c and 1 more",
        ),
    ],
)
def test_what_is_covered(coverage: Coverage, said: str) -> None:
    assert covers(coverage) == said


def test_a_machine_is_told_the_same() -> None:
    record = proposal_record([PROPOSED], KANBAN, {"file": "x.yaml"})
    (tracker,) = record["trackers"]
    assert (record["file"], record["delivery"], tracker["items"]) == ("x.yaml", "kanban", 1_228)
    assert [line["value"] for line in tracker["lines"]][1] == "Limbo"
    assert len(tracker["lines"]) == len(LINES)
    assert tracker["open"]["unplaced"] == [{"place": "statuses", "value": "Limbo", "keys": ["SHOP-4"]}]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\u200b", r"\u200b"), ("\u3164\ufe0f", r"\u3164\ufe0f"), ("\U000e0041", r"\U000e0041"), (" ", r"\u0020"),
        ("To\u200bDo", "To Do"), ("e\u0301", "e\u0301"), ("🚧", "🚧"), ("レビュー", "レビュー"), ("\x00x", "x"),
        ("-", "-"),
    ],
    ids=ascii,
)  # fmt: skip
def test_a_value_of_which_nothing_is_seen_is_spelt_out(value: str, shown: str) -> None:
    assert legible(value) == shown


@pytest.mark.parametrize("sure", [True, False])
@pytest.mark.parametrize("stage", ["review", None])
def test_no_line_is_without_its_value(stage: str | None, sure: bool) -> None:
    lines = (Line("statuses", "\u200b", stage, "its name", sure=sure, open=1),)
    screen, stream = Screen.into(100)
    left = (Unplaced("\u200b", "statuses", ("SHOP-4",)),)
    coverage = Coverage("jira", 0, 0, 0, (), left, "backlog", "no status")
    proposal_screen(screen, Proposed("jira", ("SHOP",), "bot", 1, Proposal(lines), coverage), KANBAN)
    said = stream.getvalue()
    assert said.count(r"\u200b") == (3 if not sure else 2)
    assert r'"\u200b" belongs to no stage' in said
