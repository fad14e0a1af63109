"""From tasks to a plan, and what base learns from tasks that agree."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from world import MAPS, NOON, bo, both_bases, gh, hops, ji, jira_map, rule, task, terms

from trackersync.core.decide import agreements, decide
from trackersync.core.merge import Agreed, Policy
from trackersync.core.model import OWNERS, STAGE, Change, Facts, FieldName, Item, ItemRef, Transition, Workflow
from trackersync.core.plan import Plan, Refused, attempt, make_plan, routeless, unrouted
from trackersync.core.terms import Task, Terms, natural, said, stage_of


def planned(
    *tasks: Task, was: Iterable[Item] = (), of: Terms | None = None, to: str = "", refused: Refused | None = None
) -> Plan:
    of = of or terms()
    decisions = [decide(one, both_bases(was, of), of) for one in tasks]
    workflows: dict[ItemRef, Workflow] = {}
    for item in unrouted(decisions, of, refused or {}):
        workflows |= hops(item, *to.split(", "))
    return make_plan(decisions, of, workflows, refused or {})


def told(plan: Plan) -> list[str]:
    def words(facts: Facts, fact: str) -> str:
        return " + ".join(facts[fact]) or "-"

    return [
        *(
            f"{one.key} {one.fact}: {words(one.before, one.fact)} → {words(one.after, one.fact)}"
            for one in plan.changes
        ),
        *(
            f"conflict {one.field}: {', '.join(f'{side.key} {side.says}' for side in one.sides)}"
            for one in plan.conflicts
        ),
        *(f"left {one.key} {one.field}: {one.because}" for one in plan.left_alone),
        *(f"overruled {one.key} {one.field}: {one.said} by {one.authority}" for one in plan.overruled),
    ]


PAIR = (gh("stage: build", owners="ada-l"), ji("In Progress", owners="ada-l"))
BOTH_MOVED = task(gh("stage: verify", owners="ada-l"), ji("In Progress", owners="grace-h"))


def test_each_field_goes_its_own_way() -> None:
    assert told(planned(BOTH_MOVED, was=PAIR, to="In Review")) == [
        "SHOP-42 status: In Progress → In Review",
        "acme/shop#17 owners: github:ada-l → github:grace-h",
    ]


def test_a_conflict_in_one_field_rests_only_that_field() -> None:
    moved = task(gh("stage: idea", owners="grace-h"), ji("In Review", owners="ada-l"))
    assert told(planned(moved, was=PAIR)) == [
        "SHOP-42 owners: jira:ada-l → jira:grace-h",
        "conflict stage: acme/shop#17 idea (stage: idea), SHOP-42 verify (In Review)",
    ]


@pytest.mark.parametrize(
    ("writes", "expected"),
    [
        pytest.param({"jira": [OWNERS]}, ["acme/shop#17 owners: github:ada-l → github:grace-h", "left SHOP-42 stage: jira is not written: its `writes` does not name stage"], id="no stages in jira"),
        pytest.param({"github": [STAGE]}, ["SHOP-42 status: In Progress → In Review", "left acme/shop#17 owners: github is not written: its `writes` does not name owners"], id="no owners on github"),
        pytest.param({"github": [], "jira": []}, ["left SHOP-42 stage: jira is not written: its `writes` does not name stage", "left acme/shop#17 owners: github is not written: its `writes` does not name owners"], id="nothing at all"),
    ],
)  # fmt: skip
def test_only_what_may_be_written_is_planned(writes: dict[str, list[FieldName]], expected: list[str]) -> None:
    of = terms(writes=writes)
    assert told(planned(BOTH_MOVED, was=PAIR, of=of, to="In Review")) == expected


def test_workflows_are_asked_for_only_where_a_stage_would_be_written() -> None:
    was = both_bases(PAIR)
    jira_moves = decide(task(PAIR[0], ji("In Review", owners="ada-l")), was, terms())
    github_moves = decide(BOTH_MOVED, was, terms())
    still = decide(task(*PAIR), was, terms())
    assert [item.key for item in unrouted([jira_moves, github_moves, still], terms(), {})] == ["SHOP-42"]
    assert unrouted([github_moves], terms(writes={"jira": [OWNERS]}), {}) == ()


@pytest.mark.parametrize(
    ("now", "finished", "expected"),
    [
        pytest.param([gh("closed:completed", owners="ada-l"), ji("Done", owners="grace-h")], False, [], id="done: left alone"),
        pytest.param([gh("closed:not_planned"), ji("Done", owners="grace-h")], False, [], id="cancelled: left alone"),
        pytest.param([gh("closed:completed"), ji("Done", owners="grace-h")], True, ["acme/shop#17 owners: - → github:grace-h"], id="done, but configured"),
        pytest.param([gh("bug"), ji("Done", owners="grace-h")], False, ["acme/shop#17 state: open → closed"], id="about to be done"),
        pytest.param([gh("stage: build"), ji("Done", owners="grace-h")], False, ["acme/shop#17 owners: - → github:grace-h", "conflict stage: acme/shop#17 build (stage: build), SHOP-42 done (Done)"], id="in dispute, so not done yet"),
        pytest.param([gh("stage: build"), ji("In Progress", owners="grace-h")], False, ["acme/shop#17 owners: - → github:grace-h"], id="open"),
    ],
)  # fmt: skip
def test_owners_of_finished_work(now: list[Item], *, finished: bool, expected: list[str]) -> None:
    assert told(planned(task(*now), of=terms(finished=finished))) == expected


def test_a_change_of_owner_after_reopening_is_known_for_one() -> None:
    done = task(gh("closed:completed", owners="ada-l"), ji("Done", owners="ada-l"))
    base = agreements([decide(done, {}, terms())], {}, terms())
    reopened = task(gh("stage: build", owners="ada-l"), ji("In Progress", owners="grace-h"))
    plan = make_plan([decide(reopened, base, terms())], terms(), {}, {})
    assert told(plan) == ["acme/shop#17 owners: github:ada-l → github:grace-h"]


def test_a_refused_change_is_not_tried_again_until_something_changes() -> None:
    first = planned(BOTH_MOVED, was=PAIR, to="In Review")
    item = BOTH_MOVED.items[1]
    way = hops(item, "In Review")[item.ref]
    refused = {(item.ref, STAGE): (attempt(first.changes[0], item, terms(), way), "a field is required: Fix version")}

    def stage_now(now: Task, of: Terms | None = None) -> list[str]:
        return [
            line for line in told(planned(now, was=PAIR, of=of, to="In Review", refused=refused)) if "SHOP-42" in line
        ]

    again = ["SHOP-42 status: In Progress → In Review"]
    assert stage_now(BOTH_MOVED) == ["left SHOP-42 stage: refused before: a field is required: Fix version"]
    assert stage_now(BOTH_MOVED, terms(fingerprint="f2")) == again, "another configuration"
    rewired = planned(BOTH_MOVED, was=PAIR, to="In Review, Done", refused=refused)
    assert again[0] in told(rewired), "another workflow"
    edited = replace(item, updated=NOON + timedelta(seconds=1))
    assert stage_now(task(BOTH_MOVED.items[0], edited)) == again, "an edited item"
    closed = gh("closed:completed", owners="ada-l")
    assert stage_now(task(closed, item)) == ['left SHOP-42 stage: no path of transitions leads from "In Progress" to "Done"; from there it can go to: "In Review"'], "another change"  # fmt: skip


def test_what_no_single_transition_reaches_is_not_asked_for_again_until_something_changes() -> None:
    closed = task(gh("closed:completed", owners="ada-l"), PAIR[1])
    decision = decide(closed, both_bases(PAIR), terms())
    plan = make_plan([decision], terms(), hops(PAIR[1], "In Review"), {})
    known = {(ref, STAGE): found for ref, found in routeless([decision], plan, terms()).items()}
    assert [ref.tracker for ref, _ in known] == ["jira"]
    assert unrouted([decision], terms(), known) == ()
    sentence = 'no path of transitions leads from "In Progress" to "Done"; from there it can go to: "In Review"'
    assert told(make_plan([decision], terms(), {}, known)) == [f"left SHOP-42 stage: {sentence}"]

    edited = task(closed.items[0], replace(PAIR[1], updated=NOON + timedelta(seconds=1)))
    assert unrouted([decide(edited, both_bases(PAIR), terms())], terms(), known) != (), "an edited item"
    assert unrouted([decision], terms(fingerprint="f2"), known) != (), "another configuration"
    back = decide(task(gh("stage: verify", owners="ada-l"), PAIR[1]), both_bases(PAIR), terms())
    assert unrouted([back], terms(), known) != (), "another goal"


def test_no_way_is_asked_for_where_no_word_is_a_status() -> None:
    """Each question is a request, and would be asked again in every run."""
    elsewhere = task(gh("stage: idea", owners="ada-l"), PAIR[1])
    coarse = {**MAPS, "jira": jira_map(rule("build", status="In Progress"), rule("done", status="Done"))}
    for maps, asked in ((MAPS, ["jira"]), (coarse, [])):
        decision = decide(elsewhere, both_bases(PAIR), terms(maps=maps))
        assert [item.ref.tracker for item in unrouted([decision], terms(maps=maps), {})] == asked


def test_no_item_is_led_through_what_waits_for_a_person() -> None:
    way = {"In Progress": "In Review", "In Review": "Done", "Done": "Done"}
    shown = {PAIR[1].ref: Workflow({here: (Transition("1", "go", to),) for here, to in way.items()})}
    closed = task(gh("closed:completed", owners="ada-l"), PAIR[1])
    reviewed = replace(terms(), hands_off={"jira": {"status": ("In Review",)}})
    found = [told(make_plan([decide(closed, both_bases(PAIR), of)], of, shown, {})) for of in (terms(), reviewed)]
    assert found[0] == ["SHOP-42 status: In Progress → Done"]
    assert found[1][0].startswith(
        'left SHOP-42 stage: the only way from "In Progress" to "Done" leads through "In Review"'
    )


def test_a_move_against_the_authority_is_overruled_by_name() -> None:
    moved = task(gh("stage: idea", owners="ada-l"), PAIR[1])
    assert told(planned(moved, was=PAIR, of=terms("jira"))) == [
        "acme/shop#17 labels: stage: idea → stage: build",
        "overruled acme/shop#17 stage: idea (stage: idea) by jira",
    ]


def test_a_move_that_is_not_written_back_is_not_overruled() -> None:
    moved = task(gh("stage: idea", owners="ada-l"), PAIR[1])
    assert told(planned(moved, was=PAIR, of=terms("jira", writes={"github": []}))) == [
        "left acme/shop#17 stage: github is not written: its `writes` does not name stage"
    ]


def test_each_field_has_its_own_authority() -> None:
    moved = task(gh("stage: idea", owners="grace-h"), PAIR[1])
    of = terms("jira", owners=Policy("github", "ask"))
    assert told(planned(moved, was=PAIR, of=of)) == [
        "acme/shop#17 labels: stage: idea → stage: build",
        "SHOP-42 owners: jira:ada-l → jira:grace-h",
        "overruled acme/shop#17 stage: idea (stage: idea) by jira",
    ]


def some_tasks(*numbers: int) -> list[Task]:
    return [
        Task(f"t{number}", (gh("stage: idea", number=number), ji("In Progress", number=number, owners="ada-l")))
        for number in numbers
    ]


ADOPT = terms(adopt="furthest")


def test_a_plan_is_sorted_and_its_digest_does_not_depend_on_the_order_of_tasks() -> None:
    one, other = planned(*some_tasks(9, 10, 101), of=ADOPT), planned(*some_tasks(101, 9, 10), of=ADOPT)
    assert one == other
    assert one.digest == other.digest
    assert [f"{change.field} {change.key}" for change in one.changes] == [
        "stage acme/shop#9",
        "stage acme/shop#10",
        "stage acme/shop#101",
        "owners acme/shop#9",
        "owners acme/shop#10",
        "owners acme/shop#101",
    ]
    assert one.adoptions == 6


def test_conflicts_and_what_is_left_alone_are_sorted_too() -> None:
    def odd(number: int) -> Task:
        return Task(
            f"t{number}", (gh("stage: idea", owners="ada-l", number=number), ji("?", owners="grace-h", number=number))
        )

    plan = planned(odd(10), odd(9))
    assert [side.key for one in plan.conflicts for side in one.sides] == [
        "acme/shop#9",
        "SHOP-9",
        "acme/shop#10",
        "SHOP-10",
    ]
    assert [one.key for one in plan.left_alone] == ["SHOP-9", "SHOP-10"]


_CHANGE = planned(*some_tasks(9), of=ADOPT).changes[0]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(_CHANGE, before={"labels": ("stage: verify",)}), id="another before"),
        pytest.param(replace(_CHANGE, after={"labels": ("stage: verify",)}), id="another after"),
        pytest.param(replace(_CHANGE, after={**_CHANGE.after, "state": ("open",)}), id="one fact more"),
        pytest.param(replace(_CHANGE, because="only jira had moved"), id="another reason"),
        pytest.param(replace(_CHANGE, ref=ItemRef("github", "2/9")), id="another item"),
        pytest.param(replace(_CHANGE, field=OWNERS), id="another field"),
        pytest.param(replace(_CHANGE, adoption=False), id="no adoption"),
    ],
)
def test_the_digest_covers_each_change(other: Change) -> None:
    assert Plan((other,)).digest != Plan((_CHANGE,)).digest
    assert Plan((_CHANGE, other)).digest == Plan((other, _CHANGE)).digest
    assert Plan((_CHANGE,)).digest != Plan(()).digest


def test_the_digest_knows_no_order_of_facts_and_values() -> None:
    one = replace(_CHANGE, after={"labels": ("a", "b"), "state": ("open",)})
    other = replace(_CHANGE, after={"state": ("open",), "labels": ("b", "a")})
    assert Plan((one,)).digest == Plan((other,)).digest
    assert len(Plan((one,)).digest) == 8


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param([gh("stage: build"), ji("In Progress")], "build", id="agreed"),
        pytest.param([gh("stage: idea"), ji("In Review")], "idea", id="the earliest that is claimed"),
        pytest.param([gh("closed:completed"), ji("In Progress")], "build", id="not done while anyone says otherwise"),
        pytest.param([gh("bug"), ji("Done")], "done", id="an assumed stage claims nothing"),
        pytest.param([gh("bug"), ji("Waiting")], "idea", id="unless nobody else says anything"),
        pytest.param([gh("stage: build", "stage: verify"), ji("In Review")], "build", id="two labels claim both"),
        pytest.param([gh("stage: build"), ji("Waiting")], "build", id="an unknown status says nothing"),
        pytest.param([ji("Waiting")], None, id="nobody says"),
        pytest.param([gh("stage: verify"), ji("In Review"), bo("launch")], "launch", id="where all three meet"),
        pytest.param([gh("closed"), ji("Done")], "done", id="closed without a reason, done in jira"),
        pytest.param([gh("closed:not_planned"), ji("Done")], "cancelled", id="cancelled, as far as jira can say it"),
    ],
)
def test_the_stage_a_task_is_counted_in(now: list[Item], expected: str | None) -> None:
    assert stage_of(task(*now), terms()) == expected


@pytest.mark.parametrize(
    ("now", "was", "learned"),
    [
        pytest.param(PAIR, [], "github stage, github owners, jira stage, jira owners", id="first agreement: everything"),
        pytest.param(PAIR, PAIR, "", id="nothing is news"),
        pytest.param([PAIR[0], ji("In Review", owners="ada-l")], PAIR, "", id="a field that disagrees teaches nothing"),
        pytest.param([gh("stage: idea", owners="ada-l"), PAIR[1]], [], "github owners, jira owners", id="the other field goes on"),
        pytest.param([gh("stage: build", "bug", owners="ada-l"), PAIR[1]], PAIR, "github stage", id="native values, whole"),
        pytest.param([gh("bug", owners="ada-l"), ji("Backlog", owners="ada-l")], [], "github stage, github owners, jira stage, jira owners", id="an assumed stage that agrees"),
        pytest.param([ji("Waiting")], [], "jira owners", id="an unknown status is never base"),
        pytest.param([gh("bug", owners="ada-l")], [gh("stage: build", owners="ada-l")], "", id="a vanished label stays in base"),
        pytest.param([gh("closed:completed", owners="ada-l"), ji("Done", owners="grace-h")], PAIR, "github stage, jira stage", id="owners of finished work that disagree are left alone"),
        pytest.param([gh("closed:completed", owners="ada-l"), ji("Done", owners="ada-l")], [], "github stage, github owners, jira stage, jira owners", id="owners of finished work that agree are remembered"),
        pytest.param([gh("stage: build"), ji("In Progress")], [*PAIR, ji("In Review", owners="ada-l")], "github owners, jira stage, jira owners", id="a write in doubt is narrowed once all agree"),
    ],
)  # fmt: skip
def test_base_advances_where_all_items_agree(now: list[Item], was: list[Item], learned: str) -> None:
    base = both_bases(was)
    news = agreements([decide(task(*now), base, terms())], base, terms())
    assert ", ".join(f"{ref.tracker} {field}" for ref, field in sorted(news, key=lambda place: (place[0], place[1] == OWNERS))) == learned  # fmt: skip
    shown = both_bases(now)
    assert all(news[place] == shown[place] for place in news)


def test_base_that_advanced_makes_the_next_look_quiet() -> None:
    decision = decide(task(*PAIR), {}, terms())
    base = agreements([decision], {}, terms())
    again = decide(task(*PAIR), base, terms())
    assert isinstance(again.stage, Agreed)
    assert agreements([again], base, terms()) == {}


def test_what_an_item_says() -> None:
    assert said(ji("In Progress"), STAGE, terms()) == "build (In Progress)"
    assert said(ji("Waiting"), STAGE, terms()) == "? (Waiting)"
    assert said(gh(owners="grace-h ?octocat"), OWNERS, terms()) == "grace-h + ?octocat"
    assert said(gh(), OWNERS, terms()) == "nobody"


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(["SHOP-9", "SHOP-10", "SHOP-101"], id="numbers count"),
        pytest.param(["acme/api#3", "acme/shop#2", "acme/shop#10"], id="repositories first"),
        pytest.param(["my-shop/x-y#2", "my-shop/x-y#10"], id="dashes in names"),
        pytest.param(["CARD", "CARD-1"], id="a key without a number"),
    ],
)
def test_keys_are_sorted_as_people_count(keys: list[str]) -> None:
    assert sorted(set(keys), key=natural) == keys


def test_a_tracker_the_configuration_gives_no_rights_and_no_room_is_read_and_not_written() -> None:
    of = replace(terms(), writes={}, capacities={})
    plan = planned(BOTH_MOVED, was=PAIR, of=of)
    assert plan.changes == ()
    assert {one.because for one in plan.left_alone} == {
        "jira is not written: its `writes` does not name stage",
        "github is not written: its `writes` does not name owners",
    }
    assert set(of.maps) == set(MAPS)
