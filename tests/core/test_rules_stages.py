"""The rules of stages: labels left behind and lost, stages skipped and left without their outcome, and hand-overs."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from world import DELIVERY, GITHUB, JIRA, NOON, bases, bo, gh, github_map, ji, jira_map, judged, labelled, rule, terms

from trackersync.core.diagnose import Finding, Known
from trackersync.core.diagnose.labels import DONE_BUT_OPEN, STAGE_LABEL_VANISHED, STALE_STAGE_LABEL
from trackersync.core.diagnose.leaving import DEPLOYMENT_BEFORE_DEVELOPMENT, HANDOVER_MISSING, STAGE_SKIPPED
from trackersync.core.diagnose.outcome import CLOSED_WITHOUT_REASON, STAGE_WITHOUT_OUTCOME
from trackersync.core.history import Past
from trackersync.core.model import STAGE, Event, Item, Matcher, Person, Severity
from trackersync.core.people import Directory
from trackersync.core.process import Phase
from trackersync.core.terms import Task, Terms

DEVELOPMENT = ("idea", "research", "requirements", "design", "prototype", "build", "verify")
PHASED = replace(
    DELIVERY,
    phases=(Phase("development", "Development", {}), Phase("deployment", "Deployment", {})),
    stages=tuple(
        replace(s, phase="" if s.finished else "development" if s.key in DEVELOPMENT else "deployment")
        for s in DELIVERY.stages
    ),
)
TERMS = replace(terms(), process=PHASED)


def at(days: float) -> datetime:
    return NOON - timedelta(days=days)


def one(*items: Item) -> Task:
    return Task("t1", items)


def tables(found: Sequence[Finding]) -> list[str]:
    return [f"{finding.items[0].key}: {finding.table}" for finding in found]


def past(item: Item, *words: str, upto: float = 0, owed: bool = False) -> tuple[Item, Past]:
    """An item made 90 days ago with its history: ``10 status Backlog > In Review``, ``10 labels > stage: build``."""
    events = []
    for word in words:
        days, fact, change = word.split(" ", 2)
        went, _, came = (part.strip() for part in change.partition(">"))
        events.append(Event(word, at(float(days)), "?u", fact, (came,) if came else (), (went,) if went else ()))
    return replace(item, created=at(90)), Past(tuple(events), NOON, at(upto), owed)


def remembered(*pasts: tuple[Item, Past], others: tuple[Item, ...] = ()) -> tuple[Task, dict[str, Known]]:
    items = tuple(item for item, _ in pasts)
    return one(*items, *others), {"t1": Known(pasts={item.ref: told for item, told in pasts})}


BOTH = terms(maps=terms().maps | {"github": github_map(*labelled("idea", "build", "verify", "done"))})
LABELLED = terms(
    maps={
        "jira": jira_map(
            rule("build", status="In Progress"), rule("design", labels="in-design"), rule("done", status="Done")
        )
    }
)


@pytest.mark.parametrize(
    ("item", "of", "expected"),
    [
        pytest.param(gh("closed:completed", "stage: verify"), None, ["acme/shop#17: closed as completed, still labelled stage: verify"], id="closed, still labelled"),
        pytest.param(gh("closed:not_planned", "stage: build", "stage: verify"), None, ["acme/shop#17: closed as not planned, still labelled stage: build and stage: verify"], id="two labels left"),
        pytest.param(gh("closed", "STAGE: BUILD"), None, ["acme/shop#17: closed, still labelled STAGE: BUILD"], id="no reason, another case"),
        pytest.param(gh("closed:completed", "bug"), None, [], id="a label that is nobody's business"),
        pytest.param(gh("closed:completed"), None, [], id="no label"),
        pytest.param(gh("stage: verify"), None, [], id="open"),
        pytest.param(gh("closed:completed", "stage: done"), BOTH, [], id="the label of a finished stage"),
        pytest.param(ji("Done", "Done"), None, [], id="jira without labels"),
        pytest.param(ji("In Progress"), None, [], id="jira, open"),
    ],
)  # fmt: skip
def test_stale_stage_label(item: Item, of: Terms | None, expected: list[str]) -> None:
    assert tables(judged(STALE_STAGE_LABEL, one(item), of=of)) == expected


def test_a_stage_label_left_on_an_issue_whose_status_is_done_is_stale() -> None:
    vocabulary = replace(JIRA, matchers=(*JIRA.matchers, Matcher("labels", "labels", shared=True, optional=True)))
    stages = type(jira_map())(
        "jira", DELIVERY, vocabulary, (rule("design", labels="in-design"), rule("done", status="Done"))
    )
    item = ji("Done", "Fixed")
    item = replace(item, facts={**item.facts, "labels": ("in-design", "x")})
    found = judged(STALE_STAGE_LABEL, one(item), of=terms(maps={"jira": stages}))
    assert tables(found) == ["SHOP-42: Done as Fixed, still labelled in-design"]


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param(gh("bug"), [gh("stage: build")], ["acme/shop#17: said build (stage: build) and says nothing of its stage any more"], id="it said one"),
        pytest.param(gh(), [gh("stage: build", "stage: verify")], ["acme/shop#17: said build + verify (stage: build + stage: verify) and says nothing of its stage any more"], id="it said two"),
        pytest.param(gh("stage: verify"), [gh("stage: build")], [], id="it says another"),
        pytest.param(gh("bug"), [gh()], [], id="it never said any"),
        pytest.param(gh("bug"), [], [], id="nothing is remembered"),
        pytest.param(gh("bug"), [gh("stage: build"), gh()], [], id="a write in doubt may have taken it off"),
        pytest.param(gh("bug"), [gh("closed:completed")], [], id="reopened"),
        pytest.param(gh("bug"), [gh("stage: build"), gh("closed:completed")], [], id="perhaps reopened"),
        pytest.param(gh("closed:completed"), [gh("stage: build")], [], id="closed since"),
        pytest.param(gh("closed:reopened"), [gh("stage: build")], [], id="a state that belongs to no stage"),
    ],
)  # fmt: skip
def test_stage_label_vanished(now: Item, was: list[Item], expected: list[str]) -> None:
    known = {"t1": Known(bases=bases(STAGE, was))}
    assert tables(judged(STAGE_LABEL_VANISHED, one(now), known=known)) == expected


def test_a_pull_request_that_is_no_longer_open_is_no_label_that_vanished() -> None:
    vocabulary = replace(
        GITHUB, matchers=(*GITHUB.matchers, Matcher("pulls", "pulls", shared=True, optional=True, evidence=True))
    )
    stages = type(github_map())(
        "github", DELIVERY, vocabulary, (*labelled("idea", "build"), rule("verify", pulls="open"))
    )
    of = terms(maps={"github": stages})
    was = replace(gh(), facts={**gh().facts, "pulls": ("open",)})
    now = replace(gh(), facts={**gh().facts, "pulls": ("closed",)})
    assert not judged(STAGE_LABEL_VANISHED, one(now), of=of, known={"t1": Known(bases=bases(STAGE, [was], of))})


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(gh("stage: done"), ["acme/shop#17: labelled stage: done, still open"], id="labelled done, open"),
        pytest.param(gh("stage: done", "closed:completed"), [], id="labelled done, closed"),
        pytest.param(gh("stage: build"), [], id="labelled build, open"),
        pytest.param(gh("bug"), [], id="no label"),
        pytest.param(ji("In Progress", "Fixed"), ["SHOP-42: resolution Fixed, still In Progress"], id="resolved, in progress"),
        pytest.param(ji("In Progress"), [], id="unresolved"),
        pytest.param(ji("Done", "Fixed"), [], id="resolved and done"),
        pytest.param(ji("Waiting", "Fixed"), [], id="a status nobody mapped"),
        pytest.param(ji("In Progress", "Reopened"), [], id="reopened tells no end"),
    ],
)  # fmt: skip
def test_done_but_open(item: Item, expected: list[str]) -> None:
    assert tables(judged(DONE_BUT_OPEN, one(item), of=BOTH)) == expected


def test_a_resolution_that_the_team_means_an_open_stage_by_tells_no_end() -> None:
    of = terms(maps={"jira": jira_map(rule("verify", status="In Review", resolution="Fixed"))})
    assert not judged(DONE_BUT_OPEN, one(ji("In Review", "Fixed")), of=of)


SKIPPED = "SHOP-42: from idea to verify, never in build"


@pytest.mark.parametrize(
    ("item", "events", "required", "expected"),
    [
        pytest.param(ji("In Review"), ["9 status Backlog > In Review"], (), [SKIPPED], id="past build"),
        pytest.param(ji("In Review"), ["9 status Backlog > In Progress", "8 status In Progress > In Review"], (), [], id="through build"),
        pytest.param(ji("In Review"), ["9 status Backlog > In Review"], ("verify",), [], id="build may be skipped"),
        pytest.param(ji("In Review"), ["9 status Backlog > In Review"], ("build", "design"), [SKIPPED], id="design is covered by the word for idea"),
        pytest.param(ji("In Progress"), ["9 status Backlog > In Review", "8 status In Review > In Progress"], (), [], id="sent back to what it skipped"),
        pytest.param(ji("In Review"), ["9 status Backlog > Waiting", "8 status Waiting > In Review"], (), [SKIPPED], id="by a status that belongs to no stage"),
        pytest.param(ji("In Review"), ["30 status Backlog > In Progress", "20 status In Progress > Backlog", "9 status Backlog > In Review"], (), [], id="it was in build before"),
        pytest.param(ji("Done", "Done"), ["9 status Backlog > Done"], (), ["SHOP-42: from idea to done, never in build or verify"], id="straight to done"),
        pytest.param(ji("In Review"), ["9 status In Progress > Backlog", "8 status In Progress > In Review"], (), [], id="a hole in the history"),
        pytest.param(ji("In Review"), ["9 status Backlog > In Progress"], (), [], id="a history that does not lead here"),
        pytest.param(gh("stage: verify"), ["9 labels > stage: verify"], (), [], id="a first label"),
        pytest.param(gh("closed:completed"), ["9 state open > closed"], (), [], id="closed and never labelled"),
        pytest.param(gh("closed:not_planned", "stage: idea"), ["9 state open > closed"], (), [], id="cancelled"),
        pytest.param(gh("closed:completed"), ["9 state open > closed", "9 labels stage: idea >"], (), ["acme/shop#17: from idea to done, never in build or verify"], id="closed from idea"),
    ],
)  # fmt: skip
def test_stage_skipped(item: Item, events: list[str], required: tuple[str, ...], expected: list[str]) -> None:
    task, known = remembered(past(item, *events))
    assert tables(judged(STAGE_SKIPPED, task, known=known, required=required)) == expected


def test_a_stage_that_another_item_was_in_or_may_have_been_in_was_not_skipped() -> None:
    jira = past(ji("In Review"), "9 status Backlog > In Review")
    went = past(gh("stage: verify"), "9 labels > stage: build", "8 labels stage: build >", "8 labels > stage: verify")
    missed = past(gh("stage: verify"), "8 labels > stage: verify")
    for task, known, faults in (
        (*remembered(jira, went), 0),
        (*remembered(jira, others=(gh("stage: verify"),)), 0),
        (*remembered(jira, missed), 1),
    ):
        assert len(judged(STAGE_SKIPPED, task, known=known)) == faults


def asking(**outcomes: dict[str, list[dict[str, str]]]) -> Terms:
    return replace(
        TERMS,
        outcomes={
            tracker: {stage: tuple(rule(stage, **entry) for entry in entries) for stage, entries in stages.items()}
            for tracker, stages in outcomes.items()
        },
    )


PASSED = asking(github={"build": [{"labels": "qa"}, {"pulls": "merged"}]})
NOTHING = "nothing shows the outcome of build"


def with_pulls(item: Item, *pulls: str, days: float = 0) -> Item:
    return replace(item, facts={**item.facts, "pulls": pulls}, updated=at(days))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([with_pulls(gh("stage: verify"))], [f"acme/shop#17: verify; {NOTHING}"], id="later, and nothing shows it"),
        pytest.param([with_pulls(gh("stage: verify"), "open")], [f"acme/shop#17: verify; {NOTHING}"], id="open is not merged"),
        pytest.param([with_pulls(gh("stage: verify"), "open", "merged")], [], id="one of them is merged"),
        pytest.param([with_pulls(gh("stage: verify", "QA"))], [], id="the other entry"),
        pytest.param([gh("stage: verify")], [], id="pull requests were not asked for"),
        pytest.param([with_pulls(gh("stage: build"))], [], id="still in it"),
        pytest.param([with_pulls(gh("closed:not_planned"))], [], id="cancelled"),
        pytest.param([with_pulls(gh("closed:completed"), days=29)], [f"acme/shop#17: done; {NOTHING}"], id="done lately"),
        pytest.param([with_pulls(gh("closed:completed"), days=30)], [], id="done long ago"),
        pytest.param([with_pulls(gh("stage: verify"), days=90)], [f"acme/shop#17: verify; {NOTHING}"], id="open, long ago"),
        pytest.param([ji("In Review")], [], id="a tracker without outcomes"),
        pytest.param([with_pulls(gh("stage: verify")), ji("In Progress")], [], id="jira is not that far"),
        pytest.param([with_pulls(gh("stage: verify")), ji("In Review")], [f"acme/shop#17: verify; {NOTHING}"], id="beside jira"),
    ],
)  # fmt: skip
def test_stage_without_outcome(items: list[Item], expected: list[str]) -> None:
    assert tables(judged(STAGE_WITHOUT_OUTCOME, one(*items), of=PASSED)) == expected


def test_an_outcome_is_said_with_what_would_show_it_and_one_fault_names_all_stages() -> None:
    of = asking(github={"idea": [{"labels": "sized"}], "build": [{"labels": "qa"}]})
    (found,) = judged(STAGE_WITHOUT_OUTCOME, one(gh("stage: verify")), of=of)
    assert (
        found.message
        == "acme/shop#17 is in verify, and nothing shows the outcome of idea (labels sized) or build (labels qa)"
    )


@pytest.mark.parametrize(
    ("events", "faults"),
    [
        pytest.param(["9 labels > stage: verify"], 0, id="never in build"),
        pytest.param(["9 labels > stage: build", "8 labels stage: build >", "8 labels > stage: verify"], 1, id="through build"),
        pytest.param(["9 labels > stage: verify", "8 labels > stage: idea"], 1, id="the history does not lead here"),
    ],
)  # fmt: skip
def test_no_outcome_is_asked_of_a_stage_that_a_task_never_was_in(events: list[str], faults: int) -> None:
    task, known = remembered(past(with_pulls(gh("stage: verify")), *events))
    assert len(judged(STAGE_WITHOUT_OUTCOME, task, of=PASSED, known=known)) == faults


@pytest.mark.parametrize(
    ("items", "within", "expected"),
    [
        pytest.param([gh("closed")], 30, ["acme/shop#17: closed, no reason"], id="closed without a reason"),
        pytest.param([gh("closed:completed")], 30, [], id="with one"),
        pytest.param([gh("bug")], 30, [], id="open"),
        pytest.param([ji("Done")], 30, ["SHOP-42: Done, no resolution"], id="done without a resolution"),
        pytest.param([ji("Done", "Done")], 30, [], id="done with one"),
        pytest.param([gh("closed"), ji("Done", "Done")], 30, ["acme/shop#17: closed, no reason"], id="one of two"),
        pytest.param([bo("done")], 30, [], id="a tracker that keeps none"),
        pytest.param([replace(gh("closed"), updated=at(31))], 30, [], id="long ago"),
        pytest.param([replace(gh("closed"), updated=at(900))], 0, ["acme/shop#17: closed, no reason"], id="however long ago"),
        pytest.param([replace(gh("closed"), updated=at(900))], 999_999_999, ["acme/shop#17: closed, no reason"], id="for ever"),
    ],
)  # fmt: skip
def test_closed_without_reason(items: list[Item], within: int, expected: list[str]) -> None:
    found = judged(CLOSED_WITHOUT_REASON, one(*items), within=timedelta(days=within))
    assert tables(found) == expected


def test_a_tracker_that_does_not_tell_reasons_is_not_asked_for_one() -> None:
    old = gh("closed")
    old = replace(old, facts={fact: values for fact, values in old.facts.items() if fact != "reason"})
    assert not judged(CLOSED_WITHOUT_REASON, one(old))


def related(item: Item, **facts: str) -> Item:
    return replace(item, facts={**item.facts, **{fact: (value,) for fact, value in facts.items()}})


LAUNCH = bo("launch")
PART = related(ji("In Progress"), parent="CARD-5")


@pytest.mark.parametrize(
    ("item", "others", "expected"),
    [
        pytest.param(LAUNCH, [PART], "launch; sub-task SHOP-42 is still in build", id="a sub-task in build"),
        pytest.param(LAUNCH, [related(ji("Done", "Done"), parent="CARD-5")], "", id="a sub-task that is done"),
        pytest.param(LAUNCH, [related(bo("support", number=6), parent="CARD-5")], "", id="a sub-task in the same phase"),
        pytest.param(LAUNCH, [related(ji("Waiting"), parent="CARD-5")], "", id="a sub-task in no stage"),
        pytest.param(bo("verify"), [PART], "", id="still in development"),
        pytest.param(bo("done"), [PART], "", id="done"),
        pytest.param(LAUNCH, [ji("In Progress")], "", id="a stranger"),
        pytest.param(related(LAUNCH, blockers="SHOP-42"), [ji("In Review")], "launch; blocker SHOP-42 is still in verify", id="a blocker"),
        pytest.param(related(LAUNCH, blockers="SHOP-42"), [ji("Done", "Done")], "", id="a blocker that is done"),
        pytest.param(related(LAUNCH, blocked="open"), [], "launch; a blocker is still open", id="a blocker that is not observed"),
        pytest.param(related(LAUNCH, blocked="open", blockers="OPS-7"), [], "launch; blocker OPS-7 is still open", id="and yet named"),
        pytest.param(related(LAUNCH, blocked="open", blockers="SHOP-42"), [ji("In Review")], "launch; blocker SHOP-42 is still in verify", id="explained by one that is"),
        pytest.param(related(LAUNCH, blocked="open", blockers="CARD-6"), [bo("support", number=6)], "", id="explained by one in the same phase"),
        pytest.param(related(LAUNCH, blocked="cleared"), [], "", id="cleared"),
        pytest.param(LAUNCH, [PART, related(gh("stage: idea"), parent="CARD-5")], "launch; sub-tasks SHOP-42 (build) and acme/shop#17 (idea) are still open", id="two sub-tasks"),
        pytest.param(LAUNCH, [related(ji("In Progress", number=n), parent="CARD-5") for n in range(1, 6)], "launch; sub-tasks SHOP-1 (build), SHOP-2 (build), SHOP-3 (build) and 2 more are still open", id="many"),
    ],
)  # fmt: skip
def test_deployment_before_development(item: Item, others: list[Item], expected: str) -> None:
    tasks = [Task("t1", (item,)), *(Task(f"t{place}", (other,)) for place, other in enumerate(others, 2))]
    found = judged(DEPLOYMENT_BEFORE_DEVELOPMENT, *tasks, of=TERMS)
    assert [finding.table for finding in found] == ([expected] if expected else [])
    assert all(finding.items[0].key == "CARD-5" for finding in found)


def test_what_nobody_has_seen_may_stand_anywhere_and_is_no_error() -> None:
    seen = (Task("t1", (related(LAUNCH, blockers="SHOP-42"),)), Task("t2", (ji("In Review"),)))
    (sure,) = judged(DEPLOYMENT_BEFORE_DEVELOPMENT, *seen, of=TERMS)
    (unsure,) = judged(DEPLOYMENT_BEFORE_DEVELOPMENT, one(related(LAUNCH, blocked="open")), of=TERMS)
    assert (sure.severity, unsure.severity) == (Severity.ERROR, Severity.WARNING)


@pytest.mark.parametrize(
    ("stage", "kind", "faults"),
    [
        pytest.param("support", "Bug", 0, id="feedback that waits for its mend"),
        pytest.param("support", "Task", 1, id="in support, and no defect"),
        pytest.param("launch", "Bug", 1, id="a defect where none is raised"),
    ],
)
def test_feedback_may_wait_for_the_development_that_mends_it(stage: str, kind: str, faults: int) -> None:
    defect = related(bo(stage), blockers="SHOP-42", type=kind)
    found = judged(DEPLOYMENT_BEFORE_DEVELOPMENT, Task("t1", (defect,)), Task("t2", (ji("In Progress"),)), of=TERMS)
    assert len(found) == faults


TEAM = Directory(
    [
        Person("eve", {"board": ("eve",)}, roles=("engineer",)),
        Person("ops", {"board": ("ops",)}, roles=("Operations",)),
        Person("new", {"board": ("new",)}),
    ]
)
CROSSED = "9 column verify > release"


def roles_apart(of: Terms, people: Directory = TEAM) -> Terms:
    process = replace(
        PHASED,
        stages=tuple(replace(s, roles=("operations",)) if s.phase == "deployment" else s for s in PHASED.stages),
    )
    return replace(of, process=process, people=people)


@pytest.mark.parametrize(
    ("owners", "events", "expected"),
    [
        pytest.param(("eve",), [CROSSED], "Deployment 9 d ago; eve holds none of its roles", id="the same owner as before"),
        pytest.param((), [CROSSED, "8 owners eve >"], "Deployment 9 d ago; eve holds none of its roles", id="nobody since"),
        pytest.param((), [CROSSED, "20 owners eve >"], "Deployment 9 d ago; nobody owns it", id="nobody"),
        pytest.param(("ops",), [CROSSED], "", id="accepted"),
        pytest.param(("eve",), [CROSSED, "8 owners > ops", "7 owners ops >"], "", id="accepted, and given back"),
        pytest.param(("eve",), [CROSSED, "20 owners > ops", "19 owners ops >"], "Deployment 9 d ago; eve holds none of its roles", id="theirs only before"),
        pytest.param(("new",), [CROSSED], "", id="a person without roles"),
        pytest.param(("u1",), [CROSSED], "", id="a stranger"),
        pytest.param(("eve",), [], "", id="it never crossed"),
        pytest.param(("eve",), ["9 column launch > release"], "", id="within the phase"),
        pytest.param(("eve",), ["20 column verify > release", "9 column release > build", "8 column build > release"], "Deployment 8 d ago; eve holds none of its roles", id="twice: the last time counts"),
    ],
)  # fmt: skip
def test_handover_missing(owners: tuple[str, ...], events: list[str], expected: str) -> None:
    card = bo("release")
    card = replace(card, facts={**card.facts, "owners": owners})
    task, known = remembered(past(card, *events))
    found = judged(HANDOVER_MISSING, task, of=roles_apart(TERMS), known=known)
    assert [finding.table for finding in found] == ([f"release; came into {expected}"] if expected else [])


def test_an_issue_that_is_labelled_for_the_first_time_has_crossed_nothing() -> None:
    of = replace(
        TERMS, maps={**TERMS.maps, "github": github_map(*labelled("idea", "build", "release"), process=PHASED)}
    )
    issue = gh("stage: release")
    issue = replace(issue, facts={**issue.facts, "owners": ("github:eve",)})
    people = Directory([
        Person("eve", {"github": ("github:eve",)}, roles=("engineer",)),
        Person("ops", {"github": ("github:ops",)}, roles=("operations",)),
    ])  # fmt: skip
    first, known = remembered(past(issue, "9 labels > stage: release"))
    assert judged(HANDOVER_MISSING, first, of=roles_apart(of, people), known=known) == ()
    moved, known = remembered(past(issue, "9 labels > stage: release", "9 labels stage: build >"))
    assert len(judged(HANDOVER_MISSING, moved, of=roles_apart(of, people), known=known)) == 1


def test_a_handover_is_missed_only_where_roles_and_history_are_known() -> None:
    task, known = remembered(past(bo("release"), CROSSED))
    owed, unread = remembered(past(bo("release"), CROSSED, owed=True))
    assert judged(HANDOVER_MISSING, task, of=roles_apart(TERMS), known=known)
    assert not judged(HANDOVER_MISSING, task, of=roles_apart(TERMS))
    assert not judged(HANDOVER_MISSING, owed, of=roles_apart(TERMS), known=unread)
    assert not judged(HANDOVER_MISSING, task, of=roles_apart(TERMS, Directory([])), known=known)
