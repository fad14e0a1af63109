"""The way back: what is set again, what is left to the tracker, and what is named because it cannot be taken back."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from world import DELIVERY, JIRA, bo, gh, hops, ji, rule, task, terms

from trackersync.core.express import express_owners, express_stage
from trackersync.core.model import OWNERS, Change, Item, ItemRef, Matcher, Outcome, Receipt, Workflow
from trackersync.core.plan import Plan
from trackersync.core.rest import Rests
from trackersync.core.stages import StageMap
from trackersync.core.terms import Terms
from trackersync.core.undo import routed_back, take_back

DONE = Receipt(Outcome.APPLIED)


def written(was: Item, *wanted: str, to: str = "") -> Change:
    """The change a run made of an item as it was."""
    workflow = hops(was, *to.split(", "))[was.ref] if to else None
    made = express_stage(was, terms().maps[was.ref.tracker], wanted, workflow, "jira is further", adoption=False)
    assert isinstance(made, Change), made
    return made


def handed(was: Item, *names: str) -> Change:
    made = express_owners(
        was, terms().people, terms().room(was.ref.tracker), names, "only jira had changed", adoption=False
    )
    assert isinstance(made, Change), made
    return made


def back(
    change: Change,
    *now: Item,
    receipt: Receipt | None = DONE,
    of: Terms | None = None,
    to: str = "",
    rests: Rests | None = None,
) -> Plan:
    tasks = {item.ref: task(*now) for item in now}
    workflows: Mapping[ItemRef, Workflow] = hops(now[0], *to.split(", ")) if to else {}
    return take_back(7, [(change, receipt)], tasks, of or terms(), workflows=workflows, rests=rests or Rests())


def told(plan: Plan) -> str:
    """``labels: stage: build → stage: idea``, each fact that is written; or why nothing is."""
    written_back = [
        ", ".join(
            f"{fact}: {' + '.join(change.before[fact]) or '-'} → {' + '.join(values) or '-'}"
            for fact, values in change.after.items()
        )
        for change in plan.changes
    ]
    return "; ".join([*written_back, *(left.because for left in plan.left_alone)])


LABELLED = written(gh("stage: idea", "bug"), "build")
CLOSED = written(gh("stage: build"), "done")
REOPENED = written(gh("closed:not_planned"), "build")
MOVED = written(ji("In Progress"), "verify", to="In Review")
ENDED = written(ji("In Review"), "done", to="Done")
HANDED = handed(gh("stage: build", owners="ada-l ?stranger"), "grace-h")


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(back(LABELLED, gh("stage: build", "bug")), "labels: stage: build → stage: idea", id="a label"),
        pytest.param(back(LABELLED, gh("stage: build", "docs")), "labels: stage: build → stage: idea", id="whatever other labels came"),
        pytest.param(back(CLOSED, gh("closed:completed")), "labels: - → stage: build, state: closed → open", id="closed: the reason goes by itself"),
        pytest.param(back(REOPENED, gh("stage: build")), "labels: stage: build → -, state: open → closed, reason: - → not_planned", id="reopened: closed again, for its reason"),
        pytest.param(back(MOVED, ji("In Review"), to="In Progress"), "status: In Review → In Progress", id="along the workflow"),
        pytest.param(back(ENDED, ji("Done", "Done"), to="In Review"), "status: Done → In Review", id="out of done: the resolution goes by itself"),
        pytest.param(back(HANDED, gh("stage: build", owners="?stranger grace-h")), "owners: ?stranger + github:grace-h → github:ada-l + ?stranger", id="owners, strangers with them"),
        pytest.param(back(MOVED, ji("In Review")), 'no path of transitions leads back from "In Review" to "In Progress"', id="no way back"),
        pytest.param(back(LABELLED, gh("stage: verify")), "moved since: acme/shop#17 says verify (stage: verify) now", id="moved on"),
        pytest.param(back(LABELLED, gh("stage: idea")), "moved since: acme/shop#17 says idea (stage: idea) now", id="set back by somebody already"),
        pytest.param(back(HANDED, gh("stage: build", owners="kath-j")), "moved since: acme/shop#17 says kath-j now", id="handed on"),
        pytest.param(back(LABELLED, bo("idea")), "it is not there any more", id="gone"),
        pytest.param(back(LABELLED, gh("stage: build"), receipt=Receipt(Outcome.ALREADY_SO)), "", id="was so already: nothing of ours"),
        pytest.param(back(LABELLED, gh("stage: build"), receipt=Receipt(Outcome.REJECTED)), "", id="was refused"),
        pytest.param(back(LABELLED, gh("stage: build"), receipt=None), "its answer was lost: `trackersync sync` looks what became of it", id="in doubt"),
        pytest.param(back(LABELLED, gh("stage: build"), of=terms(writes={"github": ()})), "github is not written: its `writes` does not name stage", id="read-only by now"),
    ],
)  # fmt: skip
def test_what_is_taken_back(got: Plan, expected: str) -> None:
    assert told(got) == expected


def test_a_reason_says_which_run_and_why_it_had_written() -> None:
    (change,) = back(LABELLED, gh("stage: build")).changes
    assert change.because == "takes back run 7: jira is further"
    assert change.ours == LABELLED.ours
    assert change.before["labels"] == ("stage: build",)


def test_only_items_that_still_show_it_are_asked_for_their_workflow() -> None:
    moved, still = ji("Backlog"), ji("In Review", number=43)
    change = written(ji("In Progress", number=43), "verify", to="In Review")
    asked = routed_back(
        [(MOVED, DONE), (change, DONE), (LABELLED, DONE)], {one.ref: task(one) for one in (moved, still)}, terms()
    )
    assert asked == (still,)


def test_going_back_and_forth_ends_where_it_began() -> None:
    shown = gh("stage: build", "bug", owners="ada-l")
    (there,) = back(LABELLED, shown).changes
    (again,) = back(there, gh("stage: idea", "bug", owners="ada-l")).changes
    assert (again.before["labels"], again.after) == (("stage: idea",), {"labels": ("stage: build",)})
    assert OWNERS not in again.after


def test_what_was_written_where_no_stage_is_mapped_any_more_is_taken_back_all_the_same() -> None:
    labelled = replace(JIRA, matchers=(*JIRA.matchers, Matcher("labels", "labels", shared=True, optional=True)))
    rules = (rule("idea", status="Backlog"), rule("build", status="Backlog", labels="coding"))
    was = replace(ji("Backlog"), facts={**ji("Backlog").facts, "labels": ()})
    made = express_stage(
        was, StageMap("jira", DELIVERY, labelled, rules), ("build",), Workflow({}), "why", adoption=False
    )
    assert isinstance(made, Change)
    now = replace(was, facts={**was.facts, **made.after})
    today = terms(maps={"jira": StageMap("jira", DELIVERY, labelled, rules[:1])})
    plan = take_back(7, [(made, Receipt(Outcome.APPLIED))], {now.ref: task(now)}, today, workflows={}, rests=Rests())
    assert [dict(change.after) for change in plan.changes] == [{"labels": ()}]
