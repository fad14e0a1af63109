"""The stage a task should be in: a row a case, told as one line."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from itertools import permutations

import pytest
from world import MAPS, bo, board_map, gh, github_map, ji, jira_map, labelled, rule, stage_verdict, told

from trackersync.core.merge import Agreed, Desired
from trackersync.core.model import Item, ItemRef

BEFORE_BUILD = "idea research requirements design prototype"
AFTER_VERIFY = "verify release distribute launch support"

IDEA, BUILD, VERIFY = gh("stage: idea"), gh("stage: build"), gh("stage: verify")
SILENT, CLOSED = gh("bug"), gh("closed:completed")
BACKLOG, PROGRESS, REVIEW, DONE = ji("Backlog"), ji("In Progress"), ji("In Review"), ji("Done", "Done")
WAITING = ji("Waiting for vendor")


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param([BUILD, PROGRESS], [BUILD, PROGRESS], "agreed: build", id="nobody moved"),
        pytest.param([BUILD, REVIEW], [BUILD, PROGRESS], f"github := {AFTER_VERIFY}; only jira had moved", id="jira moved"),
        pytest.param([VERIFY, PROGRESS], [BUILD, PROGRESS], f"jira := {AFTER_VERIFY}; only github had moved", id="github moved"),
        pytest.param([IDEA, PROGRESS], [BUILD, PROGRESS], f"jira := {BEFORE_BUILD}; only github had moved", id="back is a move too"),
        pytest.param([VERIFY, REVIEW], [BUILD, PROGRESS], f"agreed: {AFTER_VERIFY}", id="both moved to the same"),
        pytest.param([VERIFY, BACKLOG], [BUILD, PROGRESS], "conflict: github verify (stage: verify), jira idea (Backlog); github and jira both moved since they last agreed", id="both moved and disagree"),
        pytest.param([CLOSED, PROGRESS], [BUILD, PROGRESS], "jira := done; only github had moved", id="closed by a person"),
        pytest.param([gh("closed"), PROGRESS], [BUILD, PROGRESS], "jira := done cancelled; only github had moved", id="closed without a reason"),
        pytest.param([BUILD, DONE], [BUILD, PROGRESS], "github := done cancelled; only jira had moved", id="done in jira"),
        pytest.param([gh("closed"), DONE], [gh("closed"), DONE], "agreed: done cancelled", id="closed without a reason satisfies done"),
        pytest.param([gh("closed:not_planned"), DONE], [], "agreed: cancelled", id="jira has one word for both ends"),
        pytest.param([gh("closed:completed", "stage: build"), DONE], [], "agreed: done", id="a label left behind on a closed issue"),
        pytest.param([gh("stage: idea", "p1"), PROGRESS], [gh("stage: build", "bug"), PROGRESS], f"jira := {BEFORE_BUILD}; only github had moved", id="labels of others do not matter"),
    ],
)  # fmt: skip
def test_since_they_last_agreed(now: list[Item], was: list[Item], expected: str) -> None:
    assert told(stage_verdict(now, was)) == expected


@pytest.mark.parametrize(
    ("now", "adopt", "expected"),
    [
        pytest.param([BUILD, PROGRESS], "ask", "agreed: build", id="they agree: adopted without a word"),
        pytest.param([IDEA, PROGRESS], "ask", "conflict: github idea (stage: idea), jira build (In Progress); first met, and they say different things (adopt: ask)", id="ask"),
        pytest.param([IDEA, PROGRESS], "furthest", "github := build; jira is further; adoption", id="furthest: jira"),
        pytest.param([CLOSED, PROGRESS], "furthest", "jira := done; github is further; adoption", id="furthest: github"),
        pytest.param([gh("closed:completed"), ji("Dropped")], "furthest", "conflict: github done (closed, completed), jira cancelled (Dropped); first met, and they say different things (adopt: furthest)", id="furthest: two ends are equally far"),
        pytest.param([IDEA, PROGRESS], "authority", "conflict: github idea (stage: idea), jira build (In Progress); first met, and they say different things (adopt: authority)", id="authority without a name cannot decide"),
        pytest.param([IDEA, PROGRESS], "latest", "conflict: github idea (stage: idea), jira build (In Progress); first met, and they say different things, and no history tells when in github and jira (adopt: latest)", id="latest, for want of times, asks"),
        pytest.param([SILENT, PROGRESS], "ask", "github := build; github states no stage, jira does; adoption", id="an assumed stage never wins"),
        pytest.param([SILENT, BACKLOG], "ask", f"agreed: {BEFORE_BUILD}", id="an assumed stage that agrees is not written for its own sake"),
        pytest.param([SILENT, DONE], "furthest", "github := done cancelled; github states no stage, jira does; adoption", id="an assumed stage does not reopen finished work"),
        pytest.param([SILENT], "ask", "agreed: nothing", id="one tracker that says nothing"),
        pytest.param([BUILD], "ask", "agreed: build", id="one tracker that says something"),
        pytest.param([BUILD, WAITING], "furthest", 'left alone: jira "Waiting for vendor" belongs to no stage', id="an unknown status"),
        pytest.param([SILENT, WAITING], "furthest", 'left alone: jira "Waiting for vendor" belongs to no stage', id="an unknown status beside silence"),
        pytest.param([WAITING], "ask", "agreed: nothing", id="an unknown status alone"),
        pytest.param([gh("stage: build", "stage: verify"), REVIEW], "furthest", "left alone: github two stage labels (stage: build + stage: verify), and no base that tells which is new", id="two labels and no base are never guessed"),
    ],
)  # fmt: skip
def test_first_contact(now: list[Item], adopt: str, expected: str) -> None:
    maps = {**MAPS, "jira": jira_map(*MAPS["jira"].rules, rule("cancelled", status="Dropped"))}
    if now[-1] is DONE:
        maps = MAPS
    assert told(stage_verdict(now, adopt=adopt, maps=maps)) == expected


@pytest.mark.parametrize(
    ("now", "was", "authority", "adopt", "expected"),
    [
        pytest.param([IDEA, PROGRESS], [], "jira", "authority", "github := build; jira is the authority; adoption", id="adopt: the authority"),
        pytest.param([IDEA, PROGRESS], [], "jira", "ask", "conflict: github idea (stage: idea), jira build (In Progress); first met, and they say different things (adopt: ask)", id="an authority is no licence to adopt"),
        pytest.param([IDEA, PROGRESS], [BUILD, PROGRESS], "jira", "ask", "github := build; jira is the authority; overrules github", id="a move against the authority is overruled"),
        pytest.param([BUILD, REVIEW], [BUILD, PROGRESS], "jira", "ask", f"github := {AFTER_VERIFY}; jira is the authority", id="the authority moved"),
        pytest.param([IDEA, REVIEW], [BUILD, PROGRESS], "jira", "ask", f"github := {AFTER_VERIFY}; jira is the authority; overrules github", id="both moved: the authority, and the other is overruled"),
        pytest.param([BUILD, REVIEW], [BUILD, PROGRESS], "ask", "ask", "conflict: github build (stage: build), jira verify (In Review); sync asks before it decides (authority: ask)", id="ask before every decision"),
        pytest.param([BUILD, REVIEW], [BUILD, PROGRESS], "board", "ask", f"github := {AFTER_VERIFY}; only jira had moved", id="an authority that has no item of the task"),
        pytest.param([SILENT, PROGRESS], [SILENT, BACKLOG], "github", "ask", "github := build; only jira had moved", id="an authority that only assumes does not win"),
        pytest.param([SILENT, PROGRESS], [BUILD, PROGRESS], "jira", "ask", "github := build; github states no stage, jira does; overrules github", id="the authority puts a vanished label back"),
        pytest.param([SILENT, PROGRESS], [BUILD, PROGRESS], "github", "ask", "left alone: github its stage label vanished; nothing else moved", id="the authority's own label vanished"),
    ],
)  # fmt: skip
def test_authority(now: list[Item], was: list[Item], authority: str, adopt: str, expected: str) -> None:
    assert told(stage_verdict(now, was, authority, adopt)) == expected


@pytest.mark.parametrize(
    ("now", "was", "adopt", "expected"),
    [
        pytest.param([VERIFY, PROGRESS], [BUILD], "furthest", f"jira := {AFTER_VERIFY}; github is further; adoption", id="the mover is further"),
        pytest.param([IDEA, PROGRESS], [BUILD], "furthest", "conflict: github idea (stage: idea), jira build (In Progress); jira is further, but github moved before they first agreed", id="a move back is never lost without a word"),
        pytest.param([IDEA, PROGRESS], [BUILD], "ask", "conflict: github idea (stage: idea), jira build (In Progress); first met, and they say different things (adopt: ask)", id="ask"),
        pytest.param([IDEA, PROGRESS], [IDEA], "furthest", "github := build; jira is further; adoption", id="a write that failed is planned again"),
    ],
)  # fmt: skip
def test_one_side_was_written_and_the_other_never_agreed(
    now: list[Item], was: list[Item], adopt: str, expected: str
) -> None:
    assert told(stage_verdict(now, was, adopt=adopt)) == expected


SWAP = [IDEA, gh("stage: idea", "stage: build"), BUILD]
CLOSING = [BUILD, gh("closed:completed", "stage: build"), gh(), CLOSED]


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param([gh("stage: idea", "stage: build"), PROGRESS], [*SWAP, BACKLOG], "github := build; only jira had moved", id="a half-written swap is finished"),
        pytest.param([gh("stage: idea", "stage: build"), BACKLOG], [*SWAP, BACKLOG], f"github := {BEFORE_BUILD}; github shows two stage labels, one of them old", id="or taken back, when jira went back"),
        pytest.param([IDEA, PROGRESS], [*SWAP, BACKLOG], "github := build; only jira had moved", id="a write that never arrived is planned again"),
        pytest.param([BUILD, PROGRESS], [*SWAP, BACKLOG], "agreed: build", id="a write whose answer was lost"),
        pytest.param([BUILD, BACKLOG], [*SWAP, BACKLOG], "conflict: github build (stage: build), jira idea (Backlog); met without a move, and they say different things (adopt: ask)", id="jira went back meanwhile: no side can claim a move"),
        pytest.param([VERIFY, PROGRESS], [*SWAP, BACKLOG], "conflict: github verify (stage: verify), jira build (In Progress); github and jira both moved since they last agreed", id="a person moved it meanwhile"),
        pytest.param([gh("stage: idea", "stage: build", "stage: verify"), PROGRESS], [*SWAP, BACKLOG], "conflict: github verify (stage: idea + stage: build + stage: verify), jira build (In Progress); github and jira both moved since they last agreed", id="a person added a label to a half-written swap"),
        pytest.param([gh(), DONE], [*CLOSING, PROGRESS], "github := done cancelled; only jira had moved", id="half closed: the label is off, the issue open"),
        pytest.param([gh("closed:completed", "stage: build"), DONE], [*CLOSING, PROGRESS], "agreed: done", id="half closed: closed with its label"),
    ],
)  # fmt: skip
def test_a_write_in_doubt_never_looks_like_a_person(now: list[Item], was: list[Item], expected: str) -> None:
    assert told(stage_verdict(now, was)) == expected


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param([gh("stage: build", "stage: verify"), PROGRESS], [BUILD, PROGRESS], f"github jira := {AFTER_VERIFY}; only github had moved", id="the label not in base is where a person moved it"),
        pytest.param([gh("stage: build", "stage: verify"), REVIEW], [BUILD, PROGRESS], f"github := {AFTER_VERIFY}; only github and jira had moved", id="and jira moved there too"),
        pytest.param([gh("stage: build", "stage: verify")], [BUILD], f"github := {AFTER_VERIFY}; moved by hand; the old value goes", id="one tracker alone"),
        pytest.param([gh("stage: idea", "stage: verify"), PROGRESS], [BUILD, PROGRESS], "left alone: github two new stage labels (stage: idea + stage: verify) that name different stages", id="two new labels"),
        pytest.param([gh("stage: build", "stage: verify")], [gh("stage: build", "stage: verify"), VERIFY], f"github := {AFTER_VERIFY}; github shows two stage labels, one of them old", id="our own tidying was cut short"),
        pytest.param([gh("stage: idea", "stage: verify")], [gh("stage: idea", "stage: verify")], "agreed: nothing", id="base shows both, alone: nobody to ask"),
        pytest.param([SILENT, PROGRESS], [BUILD, PROGRESS], "left alone: github its stage label vanished; nothing else moved", id="a vanished label is a finding, not a move"),
        pytest.param([SILENT], [BUILD], "left alone: github its stage label vanished; nothing else moved", id="a vanished label, one tracker alone"),
        pytest.param([SILENT, REVIEW], [BUILD, PROGRESS], f"github := {AFTER_VERIFY}; only jira had moved", id="a vanished label, and jira moved"),
        pytest.param([SILENT, BACKLOG], [IDEA, BACKLOG], f"agreed: {BEFORE_BUILD}", id="what vanished was what is assumed anyway"),
    ],
)  # fmt: skip
def test_labels_too_many_and_too_few(now: list[Item], was: list[Item], expected: str) -> None:
    assert told(stage_verdict(now, was)) == expected


@pytest.mark.parametrize(
    ("now", "was", "last_open", "expected"),
    [
        pytest.param([SILENT, DONE], [CLOSED, DONE], "verify", "github jira := verify; only github had moved", id="goes on at the last open stage, everywhere"),
        pytest.param([SILENT, DONE], [CLOSED, DONE], "design", "jira := design; only github had moved", id="one that no label is needed for"),
        pytest.param([SILENT, DONE], [CLOSED, DONE], None, "jira := idea; only github had moved", id="no last open stage is known: the first"),
        pytest.param([SILENT, DONE], [CLOSED, DONE], "gone", "jira := idea; only github had moved", id="a stage this process does not have"),
        pytest.param([SILENT, DONE], [CLOSED, DONE], "done", "jira := idea; only github had moved", id="a last open stage that is finished today"),
        pytest.param([BUILD, DONE], [CLOSED, DONE], "verify", "jira := build; only github had moved", id="reopened with a label"),
        pytest.param([SILENT], [CLOSED], "build", "github := build; reopened; it goes on where it was", id="one tracker alone gets its label back"),
        pytest.param([SILENT], [CLOSED], None, "agreed: idea", id="one tracker alone, first stage: nothing to write"),
        pytest.param([CLOSED, PROGRESS], [CLOSED, DONE], "build", "github := build; only jira had moved", id="reopened in jira"),
        pytest.param([SILENT, PROGRESS], [CLOSED, DONE], "verify", "conflict: github verify (reopened), jira build (In Progress); github and jira both moved since they last agreed", id="reopened on both sides, to different stages"),
    ],
)  # fmt: skip
def test_reopened(now: list[Item], was: list[Item], last_open: str | None, expected: str) -> None:
    assert told(stage_verdict(now, was, last_open=last_open)) == expected


OPEN_AND_SHUT = {
    "jira": jira_map(rule("build", status="Open"), rule("done", status="Closed")),
    "github": github_map(*labelled("build", "verify", "release")),
}
TWO_REVIEWS = {
    **MAPS,
    "jira": jira_map(rule("build", status=("In Progress", "In Review")), rule("release", status="Shipping")),
}


@pytest.mark.parametrize(
    ("maps", "now", "was", "expected"),
    [
        pytest.param(OPEN_AND_SHUT, [gh("stage: release"), ji("Open")], [gh("stage: build"), ji("Open")], "agreed: release distribute launch support", id="moves within what a coarse status covers stay on one side"),
        pytest.param(OPEN_AND_SHUT, [gh("stage: build"), ji("Closed")], [gh("stage: build"), ji("Open")], "github := done cancelled; only jira had moved", id="only leaving what it covers is a move"),
        pytest.param(TWO_REVIEWS, [BUILD, ji("In Review")], [BUILD, ji("In Progress")], "agreed: build", id="two statuses of one stage: no move"),
        pytest.param(TWO_REVIEWS, [VERIFY, ji("In Review")], [BUILD, ji("In Progress")], "agreed: verify", id="a status that covers where github went"),
        pytest.param(TWO_REVIEWS, [VERIFY, ji("Shipping")], [BUILD, ji("In Progress")], "agreed: release distribute launch support", id="both moved and meet"),
        pytest.param({"jira": jira_map(rule("build", status=("In Progress", "In Review"))), "github": MAPS["github"]}, [BUILD, ji("In Review")], [BUILD, ji("In Review")], "agreed: build", id="a changed mapping is not a move"),
        pytest.param({"jira": jira_map(rule("idea", status="Backlog"), rule("verify", status="In Progress")), "github": MAPS["github"]}, [BUILD, PROGRESS], [BUILD, PROGRESS], "conflict: github build (stage: build), jira verify (In Progress); met without a move, and they say different things (adopt: ask)", id="a changed mapping that makes them disagree asks"),
    ],
)  # fmt: skip
def test_coarse_trackers_meet_a_fine_process(
    maps: dict[str, object], now: list[Item], was: list[Item], expected: str
) -> None:
    assert told(stage_verdict(now, was, maps=maps)) == expected  # type: ignore[arg-type]  # rows of two kinds of maps


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param([BUILD, REVIEW, bo("build")], [BUILD, PROGRESS, bo("build")], f"github board := {AFTER_VERIFY}; only jira had moved", id="one of three moved"),
        pytest.param([VERIFY, REVIEW, bo("build")], [BUILD, PROGRESS, bo("build")], f"board := {AFTER_VERIFY}; only github and jira had moved", id="two of three moved to the same"),
        pytest.param([IDEA, REVIEW, bo("build")], [BUILD, PROGRESS, bo("build")], "conflict: github idea (stage: idea), jira verify (In Review), board build (build); github and jira both moved since they last agreed", id="two of three moved and disagree"),
        pytest.param([IDEA, REVIEW, bo("done")], [BUILD, PROGRESS, bo("build")], "conflict: github idea (stage: idea), jira verify (In Review), board done (done); github and jira and board all moved since they last agreed", id="all three moved"),
        pytest.param([VERIFY, REVIEW, bo("launch")], [BUILD, PROGRESS, bo("build")], "agreed: launch", id="the finest says where within what the others cover"),
        pytest.param([BUILD, WAITING, bo("build")], [], "agreed: build", id="an unknown status stops the other two in nothing"),
        pytest.param([BUILD, WAITING, bo("verify")], [BUILD, bo("build")], "github := verify; only board had moved", id="nor in moving on"),
        pytest.param([SILENT, PROGRESS, bo("build")], [], "github := build; github states no stage, jira and board do; adoption", id="one of three is silent"),
        pytest.param([bo("idea"), gh("closed:completed"), DONE], [], "conflict: board idea (idea), github done (closed, completed), jira done (Done, Done); first met, and they say different things (adopt: ask)", id="three first met"),
        pytest.param([BUILD, PROGRESS, bo("idea")], [BUILD, PROGRESS], "conflict: github build (stage: build), jira build (In Progress), board idea (idea); first met, and they say different things (adopt: ask)", id="a third joins a pair"),
    ],
)  # fmt: skip
def test_three_trackers(now: list[Item], was: list[Item], expected: str) -> None:
    assert told(stage_verdict(now, was)) == expected


@pytest.mark.parametrize(
    ("was", "expected"),
    [
        pytest.param([BUILD, PROGRESS, WAITING, REVIEW], f"jira := {AFTER_VERIFY}; only github had moved", id="our own way leads through it"),
        pytest.param([BUILD, PROGRESS, REVIEW], 'left alone: jira "Waiting" belongs to no stage', id="our own way does not"),
        pytest.param([BUILD, WAITING], 'left alone: jira "Waiting" belongs to no stage', id="a person took it there, and that was settled"),
    ],
)  # fmt: skip
def test_whoever_is_interrupted_where_no_stage_is_goes_on_from_there(was: list[Item], expected: str) -> None:
    assert told(stage_verdict([VERIFY, WAITING], was)) == expected.replace("Waiting", WAITING.facts["status"][0])


def test_a_coarse_winner_is_narrowed_by_a_mover_it_can_live_with() -> None:
    """The authority covers several stages; the one a person named among them is meant."""
    maps = {"jira": jira_map(rule("build", status="Open")), "board": board_map(), "github": MAPS["github"]}
    now = [ji("Open"), bo("verify"), gh("stage: idea")]
    verdict = stage_verdict(now, [ji("Open"), bo("build"), gh("stage: build")], "jira", maps=maps)
    assert isinstance(verdict, Desired)
    assert verdict.value == ("verify",)
    assert verdict.targets == verdict.overruled == (ItemRef("github", "1/17"),)


COARSE = {**MAPS, "jira": jira_map(rule("idea", status="Open"), rule("done", status="Closed"))}


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param([ji("Open"), gh("stage: build"), bo("done")], [ji("Closed"), gh("closed:completed"), bo("done")], "board := build; only jira and github had moved", id="two moved, one of them coarsely"),
        pytest.param([ji("Open"), VERIFY, bo("build")], [ji("Closed"), VERIFY, bo("build")], "github := build; only jira had moved", id="two that the coarse one covers are brought together"),
    ],
)  # fmt: skip
def test_what_a_coarse_winner_covers_is_narrowed_by_the_others(now: list[Item], was: list[Item], expected: str) -> None:
    assert told(stage_verdict(now, was, maps=COARSE)) == expected


def test_a_coarse_authority_is_narrowed_alike_in_any_order() -> None:
    maps = {**MAPS, "jira": jira_map(rule("idea", status="Open"), rule("done", status="Closed"))}
    now, was = [ji("Open"), bo("design"), gh("stage: build")], [ji("Open"), bo("idea"), gh("stage: idea")]
    values = {
        verdict.value
        for order in permutations(now)
        if isinstance(verdict := stage_verdict(order, was, "jira", maps=maps), Desired)
    }
    assert values == {("design",)}


def test_a_move_that_its_own_item_shows_badly_is_marked_so_that_base_waits_for_the_others() -> None:
    def tidied(now: list[Item], was: list[Item]) -> list[str]:
        verdict = stage_verdict(now, was, last_open="verify")
        assert isinstance(verdict, Desired)
        return [ref.tracker for ref in verdict.tidied]

    assert tidied([gh("stage: build", "stage: verify"), PROGRESS], [BUILD, PROGRESS]) == ["github"]
    assert tidied([SILENT, DONE], [CLOSED, DONE]) == ["github"], "reopened, without its label"
    assert tidied([VERIFY, PROGRESS], [BUILD, PROGRESS]) == []
    assert tidied([SILENT, REVIEW], [BUILD, PROGRESS]) == [], "not its own move"


def test_what_is_agreed_is_in_process_order() -> None:
    verdict = stage_verdict([gh("closed"), DONE])
    assert verdict == Agreed(("done", "cancelled"))
