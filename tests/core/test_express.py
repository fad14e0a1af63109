"""From a desired value to one item's change, or the reason why not."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from world import MAPS, PEOPLE, account, bo, gh, github_map, hops, ji, jira_map, labelled, rule

from trackersync.core.express import express_owners, express_stage, landed, passing
from trackersync.core.model import OWNERS, STAGE, BarredHop, Capacity, Change, Facts, Item, Transition, Workflow
from trackersync.core.stages import StageMap

ALL = ("Backlog", "In Progress", "In Review", "Done")


def words(facts: Facts) -> str:
    return ", ".join(f"{fact} {' + '.join(values) or '-'}" for fact, values in facts.items())


def staged(item: Item, wanted: str, *to: str, stages: StageMap | None = None) -> str:
    """``labels stage: idea → labels stage: build``, or the sentence."""
    stages = stages or MAPS[item.ref.tracker]
    made = express_stage(item, stages, wanted.split(), hops(item, *to)[item.ref] if to else None, "why", adoption=False)
    return made if isinstance(made, str) else f"{made.fact}: {words(made.before)} → {words(made.after)}"


@pytest.mark.parametrize(
    ("item", "wanted", "expected"),
    [
        pytest.param(gh("stage: idea", "bug"), "build", "labels: labels stage: idea, state open, reason - → labels stage: build", id="a label swapped, others not named"),
        pytest.param(gh("bug"), "build", "labels: labels -, state open, reason - → labels stage: build", id="a label added"),
        pytest.param(gh("stage: idea", "stage: build"), "build", "labels: labels stage: idea + stage: build, state open, reason - → labels stage: build", id="the old one of two taken off"),
        pytest.param(gh("stage: idea"), "launch", "labels: labels stage: idea, state open, reason - → labels stage: verify", id="a stage without a word is written as its holder"),
        pytest.param(gh("stage: build"), "done", "state: labels stage: build, state open, reason - → labels -, state closed, reason completed", id="done closes, and takes our label off"),
        pytest.param(gh("stage: build"), "cancelled", "state: labels stage: build, state open, reason - → labels -, state closed, reason not_planned", id="cancelled closes as not planned"),
        pytest.param(gh("closed:completed"), "verify", "state: labels -, state closed, reason completed → labels stage: verify, state open", id="reopened with its label; the reason that goes with it is expected too"),
        pytest.param(gh("closed:not_planned"), "done", "github changes reason (not_planned) only together with state", id="a reason is never written by reopening and closing"),
        pytest.param(gh("closed:not_planned", "stage: build"), "done", "github changes reason (not_planned) only together with state", id="not even along with a label"),
        pytest.param(bo("build"), "verify", "column: column build → column verify", id="a column"),
        pytest.param(gh("stage: idea"), "verify build", "labels: labels stage: idea, state open, reason - → labels stage: verify", id="the first of several that will do"),
    ],
)  # fmt: skip
def test_a_stage_in_words(item: Item, wanted: str, expected: str) -> None:
    assert staged(item, wanted) == expected


FINE = jira_map(
    rule("build", status="In Progress"),
    rule("done", status=("Done", "Closed")),
    rule("cancelled", status="Done", resolution="Won't Do"),
)
RESOLVED = jira_map(rule("done", resolution="Done"), rule("done", status="Closed"), rule("build", status="In Progress"))
HALF = github_map(*labelled("build"), rule("done", labels="shipped"), rule("done", state="closed"))


@pytest.mark.parametrize(
    ("stages", "item", "wanted", "to", "expected"),
    [
        pytest.param(None, ji("Backlog"), "build", ALL, "status: status Backlog, resolution - → status In Progress", id="one transition"),
        pytest.param(None, ji("Backlog"), "build", ["IN PROGRESS"], "status: status Backlog, resolution - → status In Progress", id="statuses know no case"),
        pytest.param(None, ji("In Progress"), "idea", ["To Do"], "status: status In Progress, resolution - → status To Do", id="the second status, since the first cannot be reached"),
        pytest.param(None, ji("In Progress"), "idea", (*ALL, "To Do"), "status: status In Progress, resolution - → status Backlog", id="the first status, where both can"),
        pytest.param(None, ji("In Review"), "done", ALL, "status: status In Review, resolution - → status Done, resolution Done", id="with what is set along"),
        pytest.param(None, ji("In Progress"), "done", ["In Review"], 'no path of transitions leads from "In Progress" to "Done"; from there it can go to: "In Review"', id="two hops away"),
        pytest.param(None, ji("In Progress"), "done", [], 'no path of transitions leads from "In Progress" to "Done"; from there it can go to: none', id="no workflow known"),
        pytest.param(jira_map(rule("verify", status="QA")), ji("QA"), "build", ALL, "jira has no word for build", id="no word"),
        pytest.param(FINE, ji("In Progress"), "cancelled", ["Done"], "status: status In Progress, resolution - → status Done, resolution Won't Do", id="a status with its resolution"),
        pytest.param(FINE, ji("Done"), "cancelled", ALL, "jira changes resolution (none) only together with status", id="a resolution alone"),
        pytest.param(FINE, ji("Done", "Won't Do"), "done", ["Closed"], "status: status Done, resolution Won't Do → status Closed", id="another word reaches it where the first means something else"),
        pytest.param(FINE, ji("Done", "Won't Do"), "done", ["In Progress"], '"Done, Won\'t Do" is cancelled in jira, which has no other word for done there', id="no other word reaches it"),
        pytest.param(FINE, ji("In Progress", "Won't Do"), "done", ["Done"], "status: status In Progress, resolution Won't Do → status Done", id="an old resolution goes with the transition"),
        pytest.param(RESOLVED, ji("In Progress"), "done", ["In Review"], 'no path of transitions leads from "In Progress" to "Closed"; from there it can go to: "In Review"', id="of two words neither"),
        pytest.param(RESOLVED, ji("In Progress"), "done", ["Closed"], "status: status In Progress, resolution - → status Closed", id="of two words the one a transition writes"),
        pytest.param(HALF, gh("closed:not_planned"), "done", [], '"closed, not_planned" is cancelled in github, which has no other word for done there', id="closed otherwise: a label would not be heard"),
    ],
)  # fmt: skip
def test_what_one_write_can_reach(
    stages: StageMap | None, item: Item, wanted: str, to: Sequence[str], expected: str
) -> None:
    assert staged(item, wanted, *to, stages=stages) == expected


SHUT = (
    'the only way from "To Do" to "In Review" leads through "{}", which no item is led through: it means finished, or '
    "waits for a person"
)
WIDE = jira_map(
    rule("idea", status=("Backlog", "To Do")),
    rule("build", status=("In Progress", "Coding")),
    rule("verify", status="In Review"),
    rule("done", status="Done"),
)


def routed(
    item: Item,
    wanted: str,
    *lines: str,
    stages: StageMap = WIDE,
    whole: bool = True,
    held: tuple[str, ...] = (),
    barred: tuple[BarredHop, ...] = (),
) -> str:
    """``To Do → In Progress → Done``, through a workflow drawn as ``To Do: In Progress`` lines; or the sentence.

    ``Done(root cause)`` needs something on the way; of statuses that no line begins with nothing leaves, or nothing is
    known of what does.
    """
    leaves: dict[str, tuple[Transition, ...]] = {}
    for here, _, there in (line.partition(": ") for line in lines):
        drawn = [re.fullmatch(r"([^(]+)(?:\((.+)\))?", one) for one in there.split(", ")]
        named = [(one[1], (one[2],) if one[2] else ()) for one in drawn if one]
        leaves[here] = tuple(Transition(to, f"To {to}", to, needs) for to, needs in named)
    known = {status.casefold() for status in leaves}
    ends = {hop.to for there in leaves.values() for hop in there if hop.to.casefold() not in known}
    workflow = Workflow({**leaves, **(dict.fromkeys(ends, ()) if whole else {})}, frozenset(held), barred)
    made = express_stage(item, stages, wanted.split(), workflow, "why", adoption=False, hands_off=("Legal",))
    if isinstance(made, str):
        return made
    return " → ".join((*made.before[made.fact], *made.path, *made.after[made.fact])) + (
        f", toward {made.toward}" if made.toward else ""
    )


@pytest.mark.parametrize(
    ("item", "wanted", "lines", "expected"),
    [
        pytest.param(ji("To Do"), "verify", ["To Do: In Progress", "In Progress: In Review"], "To Do → In Progress → In Review", id="two hops"),
        pytest.param(ji("Backlog"), "verify", ["Backlog: To Do", "to do: in progress", "IN PROGRESS: In Review"], "Backlog → To Do → in progress → In Review", id="three, and statuses know no case"),
        pytest.param(ji("To Do"), "verify", ["To Do: In Progress, In Review", "In Progress: In Review"], "To Do → In Review", id="a single hop where there is one"),
        pytest.param(ji("To Do"), "build", ["To Do: In Review, Coding", "In Review: In Progress"], "To Do → Coding", id="the word that is fewest hops away"),
        pytest.param(ji("To Do"), "build", ["To Do: In Review", "In Review: Coding, In Progress"], "To Do → In Review → In Progress", id="equally near: the word configured first"),
        pytest.param(ji("To Do"), "verify build", ["To Do: In Progress", "In Progress: In Review"], "To Do → In Progress", id="of several stages the nearest"),
        pytest.param(ji("To Do"), "done", ["To Do: In Review", "In Review: Done"], "To Do → In Review → Done", id="to what is finished"),
        pytest.param(ji("Done", "Done"), "verify", ["Done: To Do", "To Do: In Review"], "Done → To Do → In Review", id="from what is finished"),
        pytest.param(ji("To Do"), "verify", ["To Do: Done", "Done: In Review"], SHUT.format("Done"), id="never through what is finished"),
        pytest.param(ji("To Do"), "verify", ["To Do: Legal", "Legal: In Review"], SHUT.format("Legal"), id="never through what waits for a person"),
        pytest.param(ji("To Do"), "verify", ["To Do: Waiting", "Waiting: In Review"], "To Do → Waiting → In Review", id="through what no stage is mapped to, where there is no other way"),
        pytest.param(ji("To Do"), "verify", ["To Do: Waiting, In Progress", "Waiting: In Review", "In Progress: Coding", "Coding: In Review"], "To Do → In Progress → Coding → In Review", id="but not where there is"),
        pytest.param(ji("Waiting"), "verify", ["Waiting: To Do", "To Do: In Review"], "Waiting → To Do → In Review", id="but from it"),
    ],
)  # fmt: skip
def test_the_way_to_a_stage(item: Item, wanted: str, lines: list[str], expected: str) -> None:
    assert routed(item, wanted, *lines) == expected


@pytest.mark.parametrize(
    ("item", "wanted", "lines", "expected"),
    [
        pytest.param(ji("To Do"), "done", ["To Do: In Progress, Waiting, Legal"], "To Do → In Progress, toward Done", id="into an open stage on the way"),
        pytest.param(ji("To Do"), "done", ["To Do: In Progress, In Review"], "To Do → In Review, toward Done", id="into the one nearest to what is wanted"),
        pytest.param(ji("In Progress"), "done", ["In Progress: To Do"], 'no path of transitions leads from "In Progress" to "Done"; from there it can go to: "To Do"', id="never back"),
        pytest.param(ji("To Do"), "build", ["To Do: In Review"], 'no path of transitions leads from "To Do" to "In Progress" or "Coding"; from there it can go to: "In Review"', id="never past what is wanted"),
        pytest.param(ji("In Review"), "idea", ["In Review: In Progress"], "In Review → In Progress, toward Backlog", id="back, where back is wanted"),
        pytest.param(ji("Done", "Done"), "verify", ["Done: To Do"], "Done → To Do, toward In Review", id="out of what is finished, wherever that leads"),
        pytest.param(ji("To Do"), "done", ["To Do: Waiting"], 'no path of transitions leads from "To Do" to "Done"; from there it can go to: "Waiting"', id="never into what no stage is mapped to"),
        pytest.param(ji("To Do"), "done", ["To Do: In Progress", "In Progress: In Review"], "To Do → In Progress → In Review, toward Done", id="along what is known"),
        pytest.param(ji("To Do"), "done", ["To Do: In Progress, In Review", "In Review: Done"], "To Do → In Review → Done", id="not where a way is known"),
    ],
)  # fmt: skip
def test_a_step_into_what_no_tracker_has_shown_yet(item: Item, wanted: str, lines: list[str], expected: str) -> None:
    assert routed(item, wanted, *lines, whole=False) == expected


def test_who_gives_up_goes_no_further_than_they_must() -> None:
    stages = jira_map(*WIDE.rules[:3], rule("cancelled", status="Dropped"))
    lines = ("To Do: In Review, In Progress",)
    assert routed(ji("To Do"), "cancelled", *lines, stages=stages, whole=False) == "To Do → In Progress, toward Dropped"


LACKS = (
    'transition "To In Review" from "In Progress" to "In Review" requires cause, which nobody has configured: '
    "say what to fill in there, or fill it in at the item"
)


@pytest.mark.parametrize(
    ("wanted", "lines", "held", "expected"),
    [
        pytest.param("verify", ["In Progress: In Review(cause)"], [], LACKS, id="nothing to fill in"),
        pytest.param("verify", ["In Progress: In Review(cause)"], ["cause"], "In Progress → In Review", id="the item holds it"),
        pytest.param("verify", ["In Progress: In Review(cause), Coding", "Coding: In Review"], [], "In Progress → Coding → In Review", id="a longer way needs nothing"),
        pytest.param("done", ["In Progress: Done(resolution)"], [], "In Progress → Done", id="the change brings it"),
        pytest.param("verify", ["In Progress: Coding(resolution)", "Coding: In Review"], [], LACKS.replace("In Review", "Coding").replace("cause", "resolution"), id="but not on the way"),
        pytest.param("done", ["In Progress: Coding(resolution)", "Coding: Done(resolution)"], [], LACKS.replace("In Review", "Coding").replace("cause", "resolution"), id="not even where the last hop brings it"),
    ],
)  # fmt: skip
def test_what_a_transition_needs(wanted: str, lines: list[str], held: list[str], expected: str) -> None:
    stages = jira_map(
        rule("build", status=("In Progress", "Coding")),
        rule("verify", status="In Review"),
        rule("done", sets={"resolution": "Fixed"}, status="Done"),
    )
    assert routed(ji("In Progress"), wanted, *lines, stages=stages, held=tuple(held)) == expected


def test_a_hop_that_was_refused_is_not_planned_again() -> None:
    lines = ("To Do: In Progress, Coding", "In Progress: In Review", "Coding: In Review")
    first = BarredHop("In Progress", "In Review", "a condition forbids it", "")
    assert routed(ji("To Do"), "verify", *lines) == "To Do → In Progress → In Review"
    assert routed(ji("To Do"), "verify", *lines, barred=(first,)) == "To Do → Coding → In Review"
    both = (first, BarredHop("coding", "in review", "a field is required", ""))
    assert routed(ji("To Do"), "verify", *lines, barred=both) == "refused before: a condition forbids it"


def test_a_path_passes_through_each_hop_and_lands_at_its_end() -> None:
    item = ji("Done", "Won't Do")
    ways = {"Done": "To Do", "To Do": "In Progress", "In Progress": "In Review"}
    leaves = {here: (Transition("1", "go", there),) for here, there in ways.items()}
    made = express_stage(item, WIDE, ["verify"], Workflow(leaves), "why", adoption=False)
    assert isinstance(made, Change)
    assert (made.fact, made.path) == ("status", ("To Do", "In Progress"))
    seen = passing(item, made, ("status", "resolution"), ("resolution",))
    assert {facts["status"] for facts in seen} == {("Done",), ("To Do",), ("In Progress",), ("In Review",)}
    assert {facts["resolution"] for facts in seen} == {("Won't Do",), ()}
    for status in ("Done", "To Do", "In Progress"):
        hop = {"status": (status,), "resolution": ()}
        ours = landed(made, seen, hop, lambda native: native["status"])
        assert {native["status"] for native in ours} == {("In Review",)}, "what is seen on a hop is a person's doing"


def test_what_is_said_with_the_last_hop_may_be_empty_until_then() -> None:
    item = ji("Done", "Won't Do")
    made = Change(
        item.ref, item.key, STAGE, "status", {"status": ("Done",), "resolution": ("Won't Do",)},
        {"status": ("Closed",), "resolution": ("Fixed",)}, "why", path=("In Progress",),
    )  # fmt: skip
    seen = passing(item, made, ("status", "resolution"), ("resolution",))
    assert {"status": ("In Progress",), "resolution": ()} in seen


def test_a_change_names_what_is_ours_and_why() -> None:
    made = express_stage(
        gh("Stage: IDEA", "bug"), MAPS["github"], ["build"], None, "only jira had moved", adoption=True
    )
    assert made == Change(
        gh().ref,
        "acme/shop#17",
        STAGE,
        "labels",
        {"labels": ("Stage: IDEA",), "state": ("open",), "reason": ()},
        {"labels": ("stage: build",)},
        "only jira had moved",
        {"labels": ("stage: idea", "stage: build", "stage: verify")},
        adoption=True,
    )


def owned(item: Item, wanted: str, capacity: int) -> str:
    made = express_owners(item, PEOPLE, Capacity(capacity), wanted.split(), "why", adoption=False)
    if isinstance(made, str):
        return made
    assert (made.field, made.fact) == (OWNERS, OWNERS)
    return f"{' '.join(made.before[OWNERS]) or '-'} → {' '.join(made.after[OWNERS]) or '-'}"


@pytest.mark.parametrize(
    ("item", "wanted", "capacity", "expected"),
    [
        pytest.param(gh(), "ada-l", 10, "- → github:ada-l", id="one comes"),
        pytest.param(gh(owners="ada-l"), "grace-h", 10, "github:ada-l → github:grace-h", id="a hand-over"),
        pytest.param(gh(owners="ada-l"), "", 10, "github:ada-l → -", id="cleared"),
        pytest.param(gh(owners="grace-h"), "ada-l grace-h", 10, "github:grace-h → github:grace-h github:ada-l", id="who is there stays in place"),
        pytest.param(ji("x"), "grace-h ada-l", 1, "- → jira:ada-l", id="room for one: the first in configured order"),
        pytest.param(ji("x", owners="alan-t"), "ada-l grace-h", 1, "jira:alan-t → jira:ada-l", id="room for one, held by somebody else"),
        pytest.param(ji("x", owners="grace-h"), "ada-l grace-h", 1, "SHOP-42 has room for 1, held by jira:grace-h", id="room for one: who is in the set stays"),
        pytest.param(gh(owners="?octocat"), "ada-l", 10, "?octocat → ?octocat github:ada-l", id="a stranger stays"),
        pytest.param(gh(owners="?octocat ada-l"), "", 10, "?octocat github:ada-l → ?octocat", id="a stranger stays when all others go"),
        pytest.param(ji("x", owners="ada-l ?u1 ?u2"), "", 1, "jira:ada-l ?u1 ?u2 → ?u1 ?u2", id="more strangers than there is room for stay"),
        pytest.param(ji("x", owners="?u123"), "ada-l", 1, "SHOP-42 has room for 1, held by ?u123", id="a stranger in the only place is not replaced"),
        pytest.param(gh(), "radia-p", 10, "radia-p has no account in github: add one to people", id="no account"),
        pytest.param(gh(owners="ada-l"), "ada-l radia-p", 10, "radia-p has no account in github: add one to people", id="one of two has no account"),
        pytest.param(gh(owners="grace-h"), "ada-l radia-p", 10, "github:grace-h → github:ada-l", id="the other of the two is written"),
        pytest.param(gh(owners="kath-work"), "kath-j ada-l", 10, "github:kath-work → github:kath-work github:ada-l", id="a second account is the person"),
        pytest.param(gh(), "kath-j", 10, "- → github:kath-j", id="the first account is written"),
        pytest.param(bo("x", owners="ada-l"), "ada-l grace-h alan-t kath-j", 3, "board:ada-l → board:ada-l board:grace-h board:alan-t", id="as many as fit"),
        pytest.param(bo("x"), "ada-l", 0, "board cannot be told who owns an item", id="no room at all"),
    ],
)  # fmt: skip
def test_owners_in_accounts(item: Item, wanted: str, capacity: int, expected: str) -> None:
    assert owned(item, wanted, capacity) == expected


def change(item: Item, before: Facts, after: Facts, field: str = "stage") -> Change:
    ours = {"labels": MAPS["github"].ours["labels"]} if "labels" in after else {}
    return Change(
        item.ref, item.key, OWNERS if field == OWNERS else STAGE, next(iter(after)), before, after, "why", ours
    )


def test_a_label_swap_passes_through_both_labels_and_keeps_the_others() -> None:
    item = gh("bug", "stage: idea")
    swap = change(item, {"labels": ("stage: idea",)}, {"labels": ("stage: build",)})
    seen = passing(item, swap, ("labels", "state", "reason"), ("reason",))
    assert [facts["labels"] for facts in seen] == [
        ("bug", "stage: idea"),
        ("bug", "stage: idea", "stage: build"),
        ("bug", "stage: build"),
    ]
    assert {(facts["state"], facts["reason"]) for facts in seen} == {(("open",), ())}


def test_closing_passes_through_every_mixture() -> None:
    item = gh("stage: build")
    made = express_stage(item, MAPS["github"], ["done"], None, "why", adoption=False)
    assert isinstance(made, Change)
    seen = passing(item, made, ("labels", "state", "reason"), ("reason",))
    assert len(seen) == 2 * 2 * 2
    assert {"labels": ("stage: build",), "state": ("open",), "reason": ()} in seen
    assert {"labels": (), "state": ("open",), "reason": ()} in seen
    assert {"labels": (), "state": ("closed",), "reason": ("completed",)} in seen


def test_a_reason_may_be_emptied_by_the_tracker_when_its_state_changes() -> None:
    item = gh("closed:completed")
    made = express_stage(item, MAPS["github"], ["build"], None, "why", adoption=False)
    assert isinstance(made, Change)
    seen = passing(item, made, ("labels", "state", "reason"), ("reason",))
    assert {"labels": ("stage: build",), "state": ("open",), "reason": ()} in seen


def test_a_hand_over_passes_through_both_owners() -> None:
    item = gh(owners="ada-l ?octocat")
    made = express_owners(item, PEOPLE, Capacity(10), ["grace-h"], "why", adoption=False)
    assert isinstance(made, Change)
    ada, grace = account("github", "ada-l"), account("github", "grace-h")
    seen = [set(facts[OWNERS]) for facts in passing(item, made, (OWNERS,))]
    assert seen == [{ada, "?octocat"}, {ada, "?octocat", grace}, {"?octocat", grace}]


def test_a_status_shows_its_old_value_or_its_new_one() -> None:
    item = ji("Backlog")
    made = express_stage(item, MAPS["jira"], ["build"], hops(item, "In Progress")[item.ref], "why", adoption=False)
    assert isinstance(made, Change)
    seen = passing(item, made, ("status", "resolution"), ("resolution",))
    assert [facts["status"] for facts in seen] == [("Backlog",), ("In Progress",)]
