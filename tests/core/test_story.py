"""A task's story: one line a fact, from values as the store remembers them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from world import NOON, both_bases, gh, ji, task, terms

from trackersync.core.journal import Clash, Run, Wrote
from trackersync.core.merge import Policy
from trackersync.core.model import (
    OWNERS,
    STAGE,
    Absence,
    Change,
    Conflict,
    FieldName,
    Item,
    ItemRef,
    Outcome,
    Overruled,
    Receipt,
    Side,
)
from trackersync.core.rest import Rests
from trackersync.core.story import Known, Line, Ruled, Story, tell
from trackersync.core.terms import Terms, native_of
from trackersync.core.told import Move, Pause, Pauses, TakenBack

JIRA_REF, GITHUB_REF = ji("To Do").ref, gh().ref
NAMES = {JIRA_REF: "SHOP-42", GITHUB_REF: "shop#17"}
TERMS = terms()


def at(minutes: float) -> datetime:
    """So many minutes after both items were made."""
    return NOON + timedelta(minutes=minutes)


def known(*items: Item, **more: object) -> Known:
    """A task of these items, told a day after noon."""
    return replace(Known(task=task(*items), names=NAMES, now=at(24 * 60)), **more)  # type: ignore[arg-type]


def move(was: Item, now: Item, *, updated: float = 10, seen: float = 15) -> Move:
    return Move(now.ref, at(updated), at(seen), was.facts, now.facts)


def wrote(
    was: Item,
    now: Item,
    receipt: Receipt | None = Receipt(Outcome.APPLIED),  # noqa: B008 - frozen
    *,
    because: str = "only jira had moved",
    run: int = 2,
    sent: float = 20,
    settled: float | None = 20,
    field: FieldName = STAGE,
    adoption: bool = False,
    of: Run | None = None,
) -> Wrote:
    """A write that took an item from what it was to what it is."""
    facts = (OWNERS,) if field == OWNERS else ("status", "resolution") if was.ref == JIRA_REF else ("labels", "state")
    before, after = ({fact: item.facts[fact] for fact in facts} for item in (was, now))
    after = {fact: values for fact, values in after.items() if values != before[fact]}
    ours = {"labels": tuple(f"stage: {stage}" for stage in ("idea", "build", "verify"))} if "labels" in facts else {}
    change = Change(was.ref, was.key, field, facts[0], before, after, because, ours, adoption)
    natives = tuple(native_of(item, field, TERMS) for item in (was, now))
    number = of or Run(run, "sync", at(sent - 1), at(sent + 1))
    return Wrote(number, change, natives, receipt, at(sent), None if settled is None else at(settled))


def sentences(story: Story, kind: str = "") -> list[str]:
    return [line.sentence for line in story.lines if not kind or line.kind == kind]


def only(story: Story, kind: str) -> Line:
    (line,) = (line for line in story.lines if line.kind == kind)
    return line


# What others did


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        pytest.param(
            ji("In Progress"),
            ji("In Review"),
            "SHOP-42 was moved in jira: stage build → verify (In Progress → In Review).",
            id="moved",
        ),
        pytest.param(
            ji("In Review"), ji("Done", "Done"), "SHOP-42 was closed in jira: stage verify → done (In Review → Done).",
            id="closed",
        ),
        pytest.param(
            gh("closed:completed"),
            gh("stage: build"),
            'shop#17 was reopened in github: stage done → build (closed, completed → "stage: build").',
            id="reopened",
        ),
        pytest.param(
            gh("stage: build", "bug"),
            gh("bug"),
            'shop#17 lost its stage label in github: "stage: build" → no label.',
            id="label vanished",
        ),
        pytest.param(
            gh("stage: build"),
            gh("stage: build", "stage: verify"),
            'shop#17 carried two stage labels in github: "stage: build" + "stage: verify".',
            id="two labels",
        ),
        pytest.param(
            ji("In Progress"),
            ji("Waiting for vendor"),
            "SHOP-42 was moved in jira: stage build → ? (In Progress → Waiting for vendor).",
            id="no stage",
        ),
        pytest.param(gh("stage: build"), gh("stage: build", "urgent"), "", id="foreign label"),
        pytest.param(ji("To Do"), ji("Backlog"), "", id="another word for the same stage"),
        pytest.param(
            ji("To Do", owners="ada-l"), ji("To Do", owners="alan-t"),
            "SHOP-42 was handed over in jira: ada-l → alan-t.", id="handed over",
        ),
        pytest.param(
            gh(owners=""), gh(owners="ada-l grace-h"), "shop#17 was given to ada-l + grace-h in github.", id="given"
        ),
        pytest.param(
            ji("To Do", owners="ada-l"), ji("To Do"), "SHOP-42 was taken from ada-l in jira: nobody owns it there.",
            id="taken",
        ),
        pytest.param(
            gh(owners="ada-l"), gh(owners="?eve"), "shop#17 was handed over in github: ada-l → ?eve.", id="stranger"
        ),
        pytest.param(gh(owners="kath-j"), gh(owners="kath-j"), "", id="nothing"),
        pytest.param(gh(owners="ada-l grace-h"), gh(owners="grace-h ada-l"), "", id="another order"),
    ],
)  # fmt: skip
def test_a_move_in_a_sentence(was: Item, now: Item, sentence: str) -> None:
    story = tell(known(now, moves=(move(was, now),)), TERMS)
    assert sentences(story, "moved") == ([sentence] if sentence else [])


def test_a_move_of_both_fields_is_two_lines() -> None:
    was, now = ji("In Progress", owners="ada-l"), ji("In Review", owners="alan-t")
    assert len(sentences(tell(known(now, moves=(move(was, now),)), TERMS), "moved")) == 2


@pytest.mark.parametrize(
    ("updated", "seen", "told", "exactly"),
    [
        pytest.param(10, 15, 10, True, id="the tracker's own time"),
        pytest.param(0, 15, 15, False, id="not later than what was known: when it was seen"),
        pytest.param(19, 15, 15, True, id="a clock ahead of ours"),
    ],
)
def test_when_a_move_was_made(updated: float, seen: float, told: float, exactly: bool) -> None:
    was, now = ji("In Progress"), ji("In Review")
    line = only(tell(known(now, moves=(move(was, now, updated=updated, seen=seen),)), TERMS), "moved")
    assert (line.at, line.seen) == (at(told), not exactly)


def test_nobody_is_named_who_is_not_known() -> None:
    was, now = ji("In Progress", owners="ada-l"), ji("In Review", owners="ada-l")
    story = tell(known(now, moves=(move(was, now),)), TERMS)
    assert not [sentence for sentence in sentences(story) if "ada-l" in sentence]


def test_what_does_not_follow_from_a_move_is_said() -> None:
    vanished = move(gh("stage: build"), gh())
    assert "no move" in only(tell(known(gh(), moves=(vanished,)), TERMS), "moved").because[0]


# A link


def test_a_link_says_what_both_showed_then() -> None:
    """A look and the write that follows from it may bear the same moment; the look came first."""
    linked = dict.fromkeys((JIRA_REF, GITHUB_REF), ('"SHOP-42" leads the title of acme/shop#17', at(5)))
    moved = move(gh("stage: build", owners="ada-l"), gh("stage: verify", owners="ada-l"), updated=30, seen=30)
    written = wrote(gh("stage: verify"), gh("stage: idea"), sent=30)
    now = (ji("In Progress", owners="ada-l"), gh("stage: idea", owners="ada-l"))
    line = only(tell(known(*now, links=linked, moves=(moved,), writes=(written,)), TERMS), "linked")
    assert line.sentence == 'SHOP-42 and shop#17 were linked as one task: "SHOP-42" leads the title of shop#17.'
    assert line.because == (
        "At that time jira said build (In Progress), ada-l; github said build (stage: build), ada-l.",
    )


# What we wrote


BUILD, VERIFY = gh("stage: build"), gh("stage: verify")


@pytest.mark.parametrize(
    ("receipt", "sentence", "after"),
    [
        pytest.param(
            Receipt(Outcome.APPLIED),
            "run 2 wrote shop#17: stage build → verify.",
            '"stage: build" → "stage: verify"; github confirmed it.',
            id="applied",
        ),
        pytest.param(
            Receipt(Outcome.ALREADY_SO), "run 2 had nothing to write to shop#17: its stage was as wanted already.", "",
            id="already so",
        ),
        pytest.param(
            Receipt(Outcome.STALE, "shop#17 shows closed"),
            "run 2 did not write shop#17: stage build → verify: somebody had moved it meanwhile.",
            "shop#17 shows closed.",
            id="stale",
        ),
        pytest.param(
            Receipt(Outcome.GONE),
            "run 2 could not write shop#17: stage build → verify: it was not there any more.",
            "",
            id="gone",
        ),
        pytest.param(
            Receipt(Outcome.REJECTED, "github answered 403: archived."),
            "run 2 wanted to write shop#17: stage build → verify, and github refused.",
            "github answered 403: archived.",
            id="rejected",
        ),
        pytest.param(
            Receipt(Outcome.FAILED, "not begun: token expired"),
            "run 2 could not write shop#17: stage build → verify.",
            "not begun: token expired.",
            id="failed",
        ),
        pytest.param(
            Receipt(Outcome.IN_DOUBT),
            "run 2 wrote shop#17: stage build → verify.",
            "No answer came back, so nobody knew whether it had arrived. "
            "The next run reads it back before anything else is written there.",
            id="in doubt",
        ),
        pytest.param(
            None,
            "run 2 wrote shop#17: stage build → verify.",
            "No answer came back, so nobody knew whether it had arrived. "
            "The next run reads it back before anything else is written there.",
            id="killed before the answer",
        ),
        pytest.param(
            Receipt(Outcome.FAILED, "written again later"),
            "run 2 wrote shop#17: stage build → verify.",
            "No answer came back, so nobody knew whether it had arrived. It was written again later.",
            id="written again",
        ),
    ],
)  # fmt: skip
def test_a_write_and_its_receipt(receipt: Receipt | None, sentence: str, after: str) -> None:
    line = only(tell(known(VERIFY, writes=(wrote(BUILD, VERIFY, receipt),)), TERMS), "wrote")
    assert line.sentence == sentence
    assert after in ("", *line.because)
    assert line.run == 2


OTHER = Run(2, "sync", at(19), at(21), current=False)


@pytest.mark.parametrize(
    ("of", "because", "adoption", "run", "told"),
    [
        pytest.param(
            terms(), "only jira had moved", False, None,
            "Only jira had moved since they last agreed (sync.stage.authority: changed).", id="changed",
        ),
        pytest.param(
            terms("jira"), "jira is the authority", False, None,
            "jira is the authority (sync.stage.authority: jira).", id="a named authority",
        ),
        pytest.param(
            terms(adopt="furthest"), "jira is further", True, None,
            "They met for the first time: jira is further (sync.stage.adopt: furthest).", id="adopted",
        ),
        pytest.param(
            terms(), "github names nobody, jira does", True, None,
            "They met for the first time: github names nobody, jira does, and an empty side is filled from the other.",
            id="filled: no setting decides that",
        ),
        pytest.param(
            terms("jira"), "only jira had moved", False, OTHER, "Only jira had moved since they last agreed.",
            id="under another configuration: today's setting did not decide",
        ),
        pytest.param(
            terms(), "settled by you: jira's stage", False, None, "As that person decided: jira's stage.", id="settled"
        ),
        pytest.param(
            terms(), "takes back run 1: only jira had moved", False, None,
            "A person took back run 1 (trackersync undo).", id="undone",
        ),
    ],
)  # fmt: skip
def test_why_we_wrote(of: Terms, because: str, adoption: bool, run: Run | None, told: str) -> None:
    written = wrote(BUILD, VERIFY, because=because, adoption=adoption, of=run)
    assert only(tell(known(VERIFY, writes=(written,)), of), "wrote").because[0] == told


def test_the_requests_of_a_write_are_kept_for_who_asks() -> None:
    receipt = Receipt(Outcome.APPLIED, requests=("PATCH /repos/acme/shop/issues/17 200 3F2A:1",))
    line = only(tell(known(VERIFY, writes=(wrote(BUILD, VERIFY, receipt),)), TERMS), "wrote")
    assert line.requests == ("PATCH /repos/acme/shop/issues/17 200 3F2A:1",)


def test_an_overruled_move_is_told_with_the_write_that_took_it_back() -> None:
    ruled = Ruled(2, at(20), Overruled("t1", GITHUB_REF, "acme/shop#17", STAGE, "verify (stage: verify)", "jira"))
    line = only(tell(known(BUILD, writes=(wrote(VERIFY, BUILD),), rulings=(ruled,)), TERMS), "wrote")
    assert "That took back what somebody had set there: verify (stage: verify)." in line.because


# What came back


READ = Receipt(Outcome.APPLIED, "read back")
CLASH = gh("stage: build", "stage: verify")


@pytest.mark.parametrize(
    ("was", "now", "seen", "kinds"),
    [
        pytest.param(BUILD, VERIFY, 30, ["came back"], id="our write"),
        pytest.param(BUILD, gh("stage: verify", "urgent"), 30, ["came back"], id="our write and a foreign label"),
        pytest.param(BUILD, gh("stage: idea"), 30, ["moved", "came back"], id="somebody's move"),
        pytest.param(VERIFY, BUILD, 30, ["moved", "came back"], id="somebody sets it back"),
        pytest.param(BUILD, VERIFY, 10, ["moved", "came back"], id="seen before we wrote"),
        pytest.param(BUILD, VERIFY, 50, ["came back", "moved"], id="seen after it was settled"),
    ],
)
def test_a_lost_answer_is_told_from_a_move(was: Item, now: Item, seen: float, kinds: list[str]) -> None:
    doubted = wrote(BUILD, VERIFY, READ, settled=40)
    story = tell(known(now, writes=(doubted,), moves=(move(was, now, updated=seen, seen=seen),)), TERMS)
    assert [line.kind for line in story.lines if line.kind in ("moved", "came back")] == kinds


def test_half_of_a_write_comes_back_as_half() -> None:
    doubted = wrote(BUILD, VERIFY, Receipt(Outcome.STALE, "moved since; read back"), settled=40)
    doubted = replace(doubted, natives=(*doubted.natives, native_of(CLASH, STAGE, TERMS)))
    story = tell(known(CLASH, writes=(doubted,), moves=(move(BUILD, CLASH, updated=21, seen=30),)), TERMS)
    assert only(story, "came back").sentence == "shop#17 was looked up: the write of run 2 had arrived half-way."


@pytest.mark.parametrize(
    ("outcome", "message", "told"),
    [
        pytest.param(Outcome.FAILED, "it never arrived; read back", "had never arrived.", id="never arrived"),
        pytest.param(Outcome.STALE, "moved since; read back", "had arrived only in part.", id="moved on or half"),
    ],
)
def test_what_a_look_told_of_a_lost_answer(outcome: Outcome, message: str, told: str) -> None:
    story = tell(known(BUILD, writes=(wrote(BUILD, VERIFY, Receipt(outcome, message), settled=40),)), TERMS)
    line = only(story, "came back")
    assert line.at == at(40)
    assert line.sentence.endswith(told)


# What waited


def clash(settled: float | None = None, *, jira: str = "verify (In Review)") -> Clash:
    sides = (Side(JIRA_REF, "SHOP-42", jira), Side(GITHUB_REF, "acme/shop#17", "idea (stage: idea)"))
    conflict = Conflict("t1", STAGE, sides, "jira and github both moved since they last agreed")
    return Clash(conflict, at(20), None if settled is None else at(settled))


def test_a_conflict_says_what_both_said_when_it_began() -> None:
    """The store keeps what they said last."""
    now = (ji("Done"), gh("stage: idea"))
    later = move(ji("In Review"), ji("Done"), updated=25, seen=30)
    story = tell(known(*now, clashes=(clash(jira="done (Done)"),), moves=(later,)), TERMS)
    line = only(story, "conflict")
    assert line.sentence == "A conflict about the stage: jira said verify (In Review), github said idea (stage: idea)."
    assert line.because == (
        "jira and github both moved since they last agreed, so nothing is written to the stage until it is settled.",
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        pytest.param({}, "The conflict about the stage settled itself: the trackers agree.", id="by itself"),
        pytest.param(
            {"writes": (wrote(gh("stage: idea"), VERIFY, because="settled by you: jira's stage", sent=40),)},
            "A person settled the conflict about the stage (trackersync resolve).",
            id="by a person",
        ),
        pytest.param(
            {"writes": (wrote(gh("stage: idea"), VERIFY, because="settled by you: jira's stage", sent=10),)},
            "The conflict about the stage settled itself: the trackers agree.",
            id="a person settled an earlier one",
        ),
        pytest.param(
            {"absent": ((gh(), Absence.GONE),), "task": task(ji("In Review"))},
            "The conflict about the stage ended: one of its items is not there any more.",
            id="an item went",
        ),
    ],
)
def test_how_a_conflict_ended(more: dict[str, object], told: str) -> None:
    story = tell(known(ji("In Review"), VERIFY, clashes=(clash(45),), **more), TERMS)
    assert sentences(story, "conflict")[-1] == told


def test_pauses_of_the_task_and_of_its_trackers_are_told_and_no_others() -> None:
    pauses = (
        Pause("task", "t1", at(1), "board demo", at(3)),
        Pause("task", "t2", at(1)),
        Pause("tracker", "github", at(2)),
        Pause("tracker", "board", at(2)),
    )
    story = tell(known(ji("To Do"), gh(), rests=Rests(Pauses(pauses))), TERMS)
    assert sentences(story, "rest") == [
        "The task was paused: it is read as ever, and not written.",
        "All of github was paused: it is read as ever, and not written.",
        "The task was resumed.",
    ]
    assert story.resume == ("github",)


# How it stands


def standing(field: FieldName, story: Story) -> tuple[str, str]:
    (found,) = (one for one in story.fields if one.field == field)
    return found.state, found.why


STOOD = both_bases((ji("In Progress"), gh("stage: build")))


@pytest.mark.parametrize(
    ("told", "of", "state", "why"),
    [
        pytest.param(known(ji("In Progress"), BUILD, bases=STOOD), TERMS, "agreed", "", id="agreed"),
        pytest.param(
            known(ji("In Review"), BUILD, bases=STOOD), TERMS, "waits",
            "the next run brings shop#17 to verify: only jira had moved", id="the next run writes it",
        ),
        pytest.param(
            known(ji("In Review"), BUILD, bases=STOOD), terms(writes={"github": ()}), "left alone",
            "stage is not written to github", id="read only",
        ),
        pytest.param(
            known(ji("In Review"), BUILD, bases=STOOD, refused={(GITHUB_REF, STAGE): "github refused it: 403"}), TERMS,
            "left alone", "github refused it: 403", id="refused",
        ),
        pytest.param(
            known(ji("In Review"), gh("stage: idea"), bases=STOOD, clashes=(clash(),)), TERMS, "conflict",
            "a person settles it, with `resolve`, or by hand in either tracker until they agree", id="conflict",
        ),
        pytest.param(
            known(ji("In Review"), BUILD, bases=STOOD, rests=Rests(Pauses((Pause("task", "t1", at(1), "demo"),)))),
            TERMS, "paused", "demo", id="paused",
        ),
        pytest.param(
            known(ji("In Review"), BUILD, bases=STOOD, rests=Rests(Pauses((Pause("tracker", "github", at(1)),)))),
            TERMS, "left alone", "github is paused", id="its tracker is paused",
        ),
        pytest.param(
            known(ji("In Review"), BUILD, bases=STOOD, writes=(wrote(BUILD, VERIFY, None, settled=None),)), TERMS,
            "in doubt", "run 2 wrote shop#17 and had no answer; the next run reads it back", id="in doubt",
        ),
        pytest.param(known(ji("In Review")), TERMS, "alone", "", id="alone"),
        pytest.param(
            known(ji("In Review"), absent=((gh(), Absence.GONE),)), TERMS, "alone",
            "shop#17 is not there any more: it was deleted; that closes nothing elsewhere", id="its counterpart went",
        ),
        pytest.param(
            known(absent=((gh(), Absence.HIDDEN),)), TERMS, "gone", "shop#17 is hidden from us", id="all of it went"
        ),
        pytest.param(
            known(ji("In Review"), BUILD), replace(TERMS, stage=Policy("changed", "ask", "off")), "off",
            "sync.stage is off", id="off",
        ),
    ],
)  # fmt: skip
def test_how_the_stage_stands(told: Known, of: Terms, state: str, why: str) -> None:
    assert standing(STAGE, tell(told, of)) == (state, why)


def test_a_field_that_was_taken_back_rests_and_can_be_resumed() -> None:
    now = (ji("In Progress"), VERIFY)
    natives = tuple((item.ref, native_of(item, STAGE, TERMS)) for item in now)
    rests = Rests(taken_back={("t1", STAGE): TakenBack("t1", STAGE, natives, 2)})
    story = tell(known(*now, bases=STOOD, rests=rests), TERMS)
    assert standing(STAGE, story)[0] == "left alone"
    assert story.resume == ("SHOP-42",)


@pytest.mark.parametrize(
    ("moves", "minutes", "exactly"),
    [
        pytest.param((), 5, False, id="there from the first look on"),
        pytest.param((move(ji("In Progress"), ji("In Review"), updated=30, seen=31),), 30, True, id="seen coming"),
        pytest.param(
            (
                move(ji("In Progress"), ji("In Review"), updated=30, seen=31),
                move(ji("In Review"), ji("In Progress"), updated=40, seen=41),
                move(ji("In Progress"), ji("In Review"), updated=50, seen=51),
            ),
            50,
            True,
            id="the last time it came",
        ),
    ],
)
def test_how_long_it_has_been_in_its_stage(moves: tuple[Move, ...], minutes: float, exactly: bool) -> None:
    links = {JIRA_REF: ("", at(5))}
    ages = tell(known(ji("In Review"), links=links, moves=moves), TERMS).ages
    assert (ages.stage, ages.since, ages.known) == ("verify", at(minutes), exactly)


def owned(ref: ItemRef, was: str, now: str, minute: float) -> Move:
    made = (lambda who: ji("To Do", owners=who)) if ref == JIRA_REF else (lambda who: gh(owners=who))
    return move(made(was), made(now), updated=minute, seen=minute)


@pytest.mark.parametrize(
    ("moves", "times"),
    [
        pytest.param((owned(JIRA_REF, "", "ada-l", 1),), 0, id="its first owner"),
        pytest.param((owned(JIRA_REF, "ada-l", "alan-t", 1),), 1, id="handed over"),
        pytest.param(
            (owned(JIRA_REF, "ada-l", "alan-t", 1), owned(GITHUB_REF, "ada-l", "alan-t", 2)), 1, id="in both by hand"
        ),
        pytest.param((owned(JIRA_REF, "ada-l", "alan-t", 1), owned(GITHUB_REF, "ada-l", "grace-h", 2)), 2, id="to two"),
        pytest.param(
            (owned(JIRA_REF, "ada-l", "alan-t", 1), owned(JIRA_REF, "alan-t", "ada-l", 2)), 2, id="there and back"
        ),
        pytest.param((owned(GITHUB_REF, "ada-l", "ada-l grace-h", 1),), 1, id="somebody joined"),
        pytest.param((owned(GITHUB_REF, "ada-l grace-h", "grace-h", 1),), 0, id="somebody left"),
    ],
)
def test_hand_offs(moves: tuple[Move, ...], times: int) -> None:
    assert tell(known(ji("To Do"), gh(), moves=moves), TERMS).ages.handoffs == times


@pytest.mark.parametrize(
    ("writes", "now", "run"),
    [
        pytest.param((wrote(BUILD, VERIFY),), VERIFY, 2, id="as we left it"),
        pytest.param((wrote(BUILD, VERIFY),), gh("stage: idea"), None, id="touched since"),
        pytest.param((wrote(BUILD, VERIFY, Receipt(Outcome.REJECTED)),), BUILD, None, id="never written"),
        pytest.param((wrote(VERIFY, BUILD, of=Run(3, "undo", at(19), at(21))),), BUILD, None, id="the way back itself"),
    ],
)
def test_which_run_can_be_taken_back(writes: tuple[Wrote, ...], now: Item, run: int | None) -> None:
    assert tell(known(now, writes=writes), TERMS).undo == run


def test_lines_stand_as_they_happened() -> None:
    now = (ji("In Review"), VERIFY)
    moved = move(ji("In Progress"), ji("In Review"), updated=19, seen=20)
    story = tell(known(*now, writes=(wrote(BUILD, VERIFY),), moves=(moved,)), TERMS)
    assert [line.kind for line in story.lines] == ["created", "created", "moved", "wrote"]
