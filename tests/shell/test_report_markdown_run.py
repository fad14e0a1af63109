"""A plan and a run as Markdown: what holds it first, worst first, and no text from a tracker that means anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from action_words import heard
from pages import headings
from reported import NOON
from strangers import HOSTILE

from product import TOKENS, Shop
from trackersync.cli.running import Common, configured, walk
from trackersync.core.guard import Hold
from trackersync.core.model import Outcome as Became
from trackersync.core.model import Receipt, Side
from trackersync.core.plan import Plan
from trackersync.errors import UnavailableError
from trackersync.pipeline import Order
from trackersync.report.annotations import MOST, run_annotations
from trackersync.report.markdown_run import Ordered, headline, run_markdown
from trackersync.report.page import Room
from trackersync.sandbox import Options, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackersync.config import Configuration
    from trackersync.core.outcome import Outcome
    from trackersync.core.terms import Terms

    Planned = tuple[Outcome, Terms, Configuration]

SYNC, PLAN = Ordered(writes=True), Ordered(writes=False)
APPLIED, REJECTED, IN_DOUBT = Became.APPLIED, Became.REJECTED, Became.IN_DOUBT
HELD = (Hold("question", "first run", "this configuration has not written before"),)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, connectors_declared: None) -> Iterator[Planned]:
    """The sample shop's first plan: 13 changes, 2 conflicts, 2 left alone, held."""
    folder = tmp_path_factory.mktemp("planned")
    with pytest.MonkeyPatch.context() as monkeypatch, running(Options()) as sandbox:
        for name, token in TOKENS.items():
            monkeypatch.setenv(name, token)
        monkeypatch.chdir(folder)
        common = Common(Shop(sandbox, folder).file, None, "text", quiet=True)
        configuration = configured(common)
        yield (*walk(common, configuration, Order("plan")), configuration)


def told(planned: Planned, outcome: Outcome, ordered: Ordered = SYNC, room: Room | None = None) -> str:
    return run_markdown(outcome, planned[1], planned[2].process, NOON, ordered, room=room)


def ended(outcome: Outcome, *ends: Became | None, message: str = "") -> Outcome:
    """The plan after writing: what became of its first changes, and the rest applied; None was not begun."""
    number = len(outcome.plan.changes) if outcome.plan else 0
    receipts = [None if end is None else Receipt(end, message) for end in ends]
    receipts += [Receipt(APPLIED)] * (number - len(ends))
    return replace(outcome, run=7, holds=(), receipts=tuple(receipts))


@pytest.mark.parametrize(
    ("change", "ordered", "expected"),
    [
        pytest.param({}, PLAN, "13 changes planned, 2 conflicts open", id="a plan"),
        pytest.param({"holds": HELD}, PLAN, "13 changes planned, 2 conflicts open", id="a plan that would be held"),
        pytest.param({"holds": HELD}, SYNC, "held, nothing written", id="held"),
        pytest.param({}, replace(SYNC, approve="0123abcd"), "refused, nothing written", id="another was approved"),
        pytest.param({"plan": Plan(()), "run": 3, "holds": ()}, SYNC, "nothing to write", id="nothing"),
    ],
)
def test_the_heading_of_what_did_not_write(
    planned: Planned, change: dict[str, object], ordered: Ordered, expected: str
) -> None:
    outcome = replace(planned[0], **{"holds": (), **change})  # type: ignore[arg-type]  # rows of a table
    assert headline(outcome, ordered) == expected


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        pytest.param((), "13 of 13 changes written, 2 conflicts open", id="all"),
        pytest.param((REJECTED, IN_DOUBT), "11 of 13 changes written, 2 conflicts open", id="but two"),
        pytest.param((Became.ALREADY_SO, None), "12 of 13 changes written, 2 conflicts open", id="one not begun"),
    ],
)
def test_the_heading_of_what_wrote(planned: Planned, ends: tuple[Became | None, ...], expected: str) -> None:
    assert headline(ended(planned[0], *ends), SYNC) == expected


def test_what_was_not_written_is_first_and_open(planned: Planned) -> None:
    text = told(planned, ended(planned[0], APPLIED, APPLIED, REJECTED, message="the workflow forbids it"))

    assert "### Not all was written: 1 of 13 changes left\n" in text
    rows = [line for line in text.splitlines() if line.startswith(("| ✓", "| ✗")) and "→" in line]
    assert rows[0].startswith("| ✗ | [SHOP-33](")
    assert rows[0].endswith("| rejected: the workflow forbids it |")
    assert "Take it back: `trackersync undo 7`" in text


def test_a_row_too_many_is_counted(planned: Planned) -> None:
    text = told(planned, ended(planned[0]), room=Room(rows=5, more="trackersync plan --all"))
    assert "8 more: `trackersync plan --all`" in text
    assert headings(text, "http://127.0.0.1:") == [
        "trackersync: 13 of 13 changes written, 2 conflicts open",
        "Needs someone",
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_trackers_and_people_say_means_nothing(planned: Planned, text: str) -> None:
    outcome = planned[0]
    plan = outcome.plan or Plan(())
    changes = tuple(replace(change, key=text, because=text) for change in plan.changes)
    conflicts = tuple(
        replace(one, because=text, sides=tuple(Side(side.ref, text, text) for side in one.sides))
        for one in plan.conflicts
    )
    hostile = replace(
        outcome,
        plan=Plan(changes, conflicts, tuple(replace(left, key=text, because=text) for left in plan.left_alone)),
        holds=(Hold("limit", text, text),),
        warnings=(text,),
        world=replace(
            outcome.world,
            looks={name: replace(look, failure=UnavailableError(text)) for name, look in outcome.world.looks.items()},
        ),
    )
    for one in (hostile, ended(hostile, REJECTED, IN_DOUBT, None, message=text)):
        assert headings(told(planned, one), "http://127.0.0.1:")[0].startswith("trackersync: ")
        lines = run_annotations(one)
        told_off = list(heard("\n".join(lines)))
        assert len(told_off) == len(lines)
        assert {one.name for one in told_off} <= {"error", "warning"}
        assert all(one.properties.keys() == {"title"} and one.text.isprintable() for one in told_off)


def test_ten_errors_at_most(planned: Planned) -> None:
    lines = run_annotations(ended(planned[0], *[REJECTED] * 13))
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * MOST
