"""Who should own a task: a row a case, told as one line. github holds ten, the board three, jira one."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

import pytest
from world import PEOPLE, ROOM, bo, gh, ji, owners_verdict, told

from trackersync.core.merge import Desired, Policy
from trackersync.core.merge_owners import merge_owners
from trackersync.core.model import Item


def g(owners: str = "") -> Item:
    return gh("stage: build", owners=owners)


def j(owners: str = "") -> Item:
    return ji("In Progress", owners=owners)


def b(owners: str = "") -> Item:
    return bo("build", owners=owners)


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param([g("ada-l"), j("ada-l")], [g("ada-l"), j("ada-l")], "agreed: ada-l", id="nobody changed"),
        pytest.param([g(), j()], [], "agreed: nothing", id="nobody owns it"),
        pytest.param([g("grace-h"), j("ada-l")], [g("ada-l"), j("ada-l")], "jira := grace-h; only github had changed", id="handed over on github"),
        pytest.param([g("ada-l"), j("grace-h")], [g("ada-l"), j("ada-l")], "github := grace-h; only jira had changed", id="handed over in jira"),
        pytest.param([g("grace-h"), j("alan-t")], [g("ada-l"), j("ada-l")], "conflict: github grace-h, jira alan-t; github and jira both changed since they last agreed", id="both changed and disagree"),
        pytest.param([g("grace-h"), j("grace-h")], [g("ada-l"), j("ada-l")], "agreed: grace-h", id="both changed to the same"),
        pytest.param([g(), j("ada-l")], [g("ada-l"), j("ada-l")], "jira := nobody; only github had changed", id="cleared on github"),
        pytest.param([g("ada-l"), j()], [g("ada-l"), j("ada-l")], "github := nobody; only jira had changed", id="cleared in jira"),
        pytest.param([g(), j("grace-h")], [g("ada-l"), j("ada-l")], "conflict: github nobody, jira grace-h; github and jira both changed since they last agreed", id="cleared here, handed over there"),
        pytest.param([g("ada-l"), j()], [g(), j()], "jira := ada-l; only github had changed", id="taken on github"),
    ],
)  # fmt: skip
def test_since_they_last_agreed(now: list[Item], was: list[Item], expected: str) -> None:
    assert told(owners_verdict(now, was)) == expected


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param([g("ada-l grace-h"), j("ada-l")], [], "agreed: ada-l grace-h", id="jira shows one of github's two"),
        pytest.param([g("ada-l grace-h"), j("alan-t")], [], "conflict: github ada-l + grace-h, jira alan-t; first met, and they say different things (adopt: ask)", id="jira shows somebody else"),
        pytest.param([g("ada-l grace-h"), j("ada-l")], [g("ada-l"), j("ada-l")], "agreed: ada-l grace-h", id="a second owner fits github only"),
        pytest.param([g("ada-l grace-h"), j("grace-h")], [g("ada-l grace-h"), j("ada-l")], "agreed: ada-l grace-h", id="jira shows the other of the two: a smaller capacity removes nobody"),
        pytest.param([g("ada-l grace-h"), j("alan-t")], [g("ada-l grace-h"), j("ada-l")], "github := grace-h alan-t; only jira had changed", id="jira handed its one over: the one it could not show stays"),
        pytest.param([g("ada-l grace-h"), j()], [g("ada-l grace-h"), j("ada-l")], "github jira := grace-h; only jira had changed", id="jira cleared: the one it could not show stays"),
        pytest.param([g("grace-h"), j("ada-l")], [g("ada-l grace-h"), j("ada-l")], "jira := grace-h; only github had changed", id="github took off the one jira shows: the other stays"),
        pytest.param([g("ada-l"), j("ada-l")], [g("ada-l grace-h"), j("ada-l")], "agreed: ada-l", id="github took off the one jira does not show"),
        pytest.param([g("grace-h alan-t"), j("ada-l")], [g("ada-l grace-h"), j("ada-l")], "jira := grace-h alan-t; only github had changed", id="one of two replaced on github"),
        pytest.param([g(), j("ada-l")], [g("ada-l grace-h"), j("ada-l")], "jira := nobody; only github had changed", id="both taken off on github"),
        pytest.param([g("ada-l grace-h"), b("ada-l ?x ?y")], [], "agreed: ada-l grace-h", id="strangers take up room"),
        pytest.param([g("ada-l"), b("ada-l grace-h")], [], "conflict: github ada-l, board ada-l + grace-h; first met, and they say different things (adopt: ask)", id="room for both, and yet one shows fewer"),
    ],
)  # fmt: skip
def test_trackers_of_different_room(now: list[Item], was: list[Item], expected: str) -> None:
    assert told(owners_verdict(now, was)) == expected


@pytest.mark.parametrize(
    ("now", "was", "authority", "adopt", "expected"),
    [
        pytest.param([g(), j("ada-l")], [], "changed", "ask", "github := ada-l; github names nobody, jira does; adoption", id="an empty owner is filled, nothing is taken from anyone"),
        pytest.param([g("ada-l grace-h"), j()], [], "changed", "ask", "jira := ada-l grace-h; jira names nobody, github does; adoption", id="the other way round"),
        pytest.param([g(), j("ada-l"), b()], [], "changed", "ask", "github board := ada-l; github and board name nobody, jira does; adoption", id="two empty ones"),
        pytest.param([g("grace-h"), j("ada-l")], [], "changed", "furthest", "conflict: github grace-h, jira ada-l; first met, and they say different things (adopt: furthest)", id="no owner is further than another"),
        pytest.param([g("grace-h"), j("ada-l")], [], "changed", "latest", "conflict: github grace-h, jira ada-l; first met, and they say different things, and no history tells when in github and jira (adopt: latest)", id="latest, for want of times, asks"),
        pytest.param([g("grace-h"), j("ada-l")], [], "jira", "authority", "github := ada-l; jira is the authority; adoption", id="the authority"),
        pytest.param([g("grace-h"), j("ada-l")], [], "jira", "ask", "conflict: github grace-h, jira ada-l; first met, and they say different things (adopt: ask)", id="an authority is no licence to adopt"),
        pytest.param([g("ada-l"), j()], [j("ada-l")], "changed", "ask", "conflict: github ada-l, jira nobody; first met, and they say different things (adopt: ask)", id="emptied after we filled it: not filled again"),
        pytest.param([g("ada-l"), j()], [g("ada-l"), j()], "changed", "ask", "jira := ada-l; jira names nobody, github does; adoption", id="empty in base and still"),
        pytest.param([g("ada-l"), j("grace-h")], [j("ada-l")], "jira", "authority", "github := grace-h; jira is the authority; adoption", id="the authority moved before they first agreed"),
        pytest.param([g("grace-h"), j("ada-l")], [g("ada-l")], "jira", "authority", "github := ada-l; jira is the authority; adoption; overrules github", id="a move before they first agreed is overruled by name"),
    ],
)  # fmt: skip
def test_first_contact(now: list[Item], was: list[Item], authority: str, adopt: str, expected: str) -> None:
    assert told(owners_verdict(now, was, authority, adopt)) == expected


@pytest.mark.parametrize(
    ("now", "was", "authority", "expected"),
    [
        pytest.param([g("grace-h"), j("ada-l")], [g("ada-l"), j("ada-l")], "jira", "github := ada-l; jira is the authority; overrules github", id="a change against the authority is overruled"),
        pytest.param([g("grace-h"), j("alan-t")], [g("ada-l"), j("ada-l")], "jira", "github := alan-t; jira is the authority; overrules github", id="both changed: the authority"),
        pytest.param([g("grace-h"), j("ada-l")], [g("ada-l grace-h"), j("ada-l")], "jira", "github := ada-l grace-h; jira is the authority; overrules github", id="overruled, but a small authority takes nobody off it could not show"),
        pytest.param([g("ada-l grace-h"), j("ada-l")], [g("ada-l"), j("ada-l")], "jira", "agreed: ada-l grace-h", id="a second owner does not contradict an authority of one"),
        pytest.param([g("ada-l"), j("grace-h")], [g("ada-l"), j("ada-l")], "ask", "conflict: github ada-l, jira grace-h; sync asks before it decides (authority: ask)", id="ask before every decision"),
    ],
)  # fmt: skip
def test_authority(now: list[Item], was: list[Item], authority: str, expected: str) -> None:
    assert told(owners_verdict(now, was, authority)) == expected


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param([g("?octocat"), j("ada-l")], [g("ada-l"), j("ada-l")], "left alone: github its owner ?octocat is nobody we know: add the account to people", id="handed over to a stranger: nobody is replaced"),
        pytest.param([g("?octocat"), j()], [], "left alone: github its owner ?octocat is nobody we know: add the account to people", id="a stranger fills nothing"),
        pytest.param([g("?octocat"), j("?u123")], [], "left alone: github its owner ?octocat is nobody we know: add the account to people", id="two strangers may be one person"),
        pytest.param([g("ada-l ?octocat"), j("ada-l")], [], "agreed: ada-l", id="a stranger beside the owner"),
        pytest.param([g("ada-l ?octocat"), j("grace-h")], [g("ada-l ?octocat"), j("ada-l")], "github := grace-h; only jira had changed", id="a stranger beside an owner who hands over"),
        pytest.param([g("ada-l ?octocat"), j("ada-l")], [g("ada-l"), j("ada-l")], "agreed: ada-l", id="a stranger who joins is no change"),
        pytest.param([g("?octocat"), j("ada-l"), b("grace-h")], [g("?octocat"), j("ada-l"), b("ada-l")], "jira := grace-h; only board had changed", id="a stranger's item takes no part, the other two go on"),
        pytest.param([g("?octocat")], [], "agreed: ?octocat", id="one tracker alone"),
    ],
)  # fmt: skip
def test_a_person_unknown_to_us_never_clears_or_replaces_anyone(
    now: list[Item], was: list[Item], expected: str
) -> None:
    assert told(owners_verdict(now, was)) == expected


HANDING_OVER = [g("ada-l"), g("ada-l grace-h"), g("grace-h")]


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param([g("ada-l grace-h"), j("grace-h")], [*HANDING_OVER, j("ada-l")], "agreed: ada-l grace-h", id="half written: both, which jira agrees with"),
        pytest.param([g("ada-l"), j("grace-h")], [*HANDING_OVER, j("ada-l")], "github := grace-h; only jira had changed", id="never arrived: planned again"),
        pytest.param([g("grace-h"), j("grace-h")], [*HANDING_OVER, j("ada-l")], "agreed: grace-h", id="arrived, the answer was lost"),
        pytest.param([g("alan-t"), j("grace-h")], [*HANDING_OVER, j("ada-l")], "conflict: github alan-t, jira grace-h; github and jira both changed since they last agreed", id="a person changed it meanwhile"),
        pytest.param([g("alan-t"), j("ada-l")], [*HANDING_OVER, j("ada-l")], "jira := alan-t; only github had changed", id="a person put a third in the place of either"),
        pytest.param([g("grace-h alan-t"), j("ada-l")], [g("ada-l"), g("ada-l grace-h"), j("ada-l")], "jira := grace-h alan-t; only github had changed", id="whoever is shown now is wanted, whoever put them there"),
        pytest.param([g("grace-h"), j("alan-t")], [g("ada-l"), g("ada-l kath-j"), j("ada-l"), j("alan-t")], "github := grace-h alan-t; only github had changed", id="two writes in doubt"),
        pytest.param([g(), j("ada-l")], [g("ada-l"), g("ada-l grace-h"), j("ada-l")], "jira := nobody; only github had changed", id="cleared while a second owner was on the way"),
    ],
)  # fmt: skip
def test_a_write_in_doubt_never_looks_like_a_person(now: list[Item], was: list[Item], expected: str) -> None:
    assert told(owners_verdict(now, was)) == expected


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param([g("ada-l"), j("grace-h"), b("ada-l")], [g("ada-l"), j("ada-l"), b("ada-l")], "github board := grace-h; only jira had changed", id="one of three changed"),
        pytest.param([g("grace-h"), j("grace-h"), b("ada-l")], [g("ada-l"), j("ada-l"), b("ada-l")], "board := grace-h; only github and jira had changed", id="two of three, to the same"),
        pytest.param([g("grace-h"), j("alan-t"), b("ada-l")], [g("ada-l"), j("ada-l"), b("ada-l")], "conflict: github grace-h, jira alan-t, board ada-l; github and jira both changed since they last agreed", id="two of three disagree"),
        pytest.param([g("ada-l grace-h"), j("ada-l"), b("ada-l")], [g("ada-l"), j("ada-l"), b("ada-l")], "board := ada-l grace-h; only github had changed", id="a second owner goes where there is room"),
        pytest.param([g("ada-l grace-h"), j("grace-h"), b("ada-l")], [g("ada-l"), j("ada-l"), b("ada-l")], "board := ada-l grace-h; only github and jira had changed", id="who is still shown by one that changed has not gone"),
    ],
)  # fmt: skip
def test_three_trackers(now: list[Item], was: list[Item], expected: str) -> None:
    assert told(owners_verdict(now, was)) == expected


def test_a_move_whose_own_item_is_written_is_marked_so_that_base_waits_for_the_others() -> None:
    cleared = owners_verdict([g("ada-l grace-h"), j()], [g("ada-l grace-h"), j("ada-l")])
    assert isinstance(cleared, Desired)
    assert [ref.tracker for ref in cleared.targets] == ["github", "jira"]
    assert [ref.tracker for ref in cleared.tidied] == ["jira"]
    handed_over = owners_verdict([g("grace-h"), j("ada-l")], [g("ada-l"), j("ada-l")])
    assert isinstance(handed_over, Desired)
    assert handed_over.tidied == ()


def test_the_order_of_owners_and_second_accounts_do_not_matter() -> None:
    assert told(owners_verdict([g("grace-h ada-l"), b("ada-l grace-h")])) == "agreed: ada-l grace-h"
    assert told(owners_verdict([g("kath-work kath-j"), j("kath-j")])) == "agreed: kath-j"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param([g("ada-l"), b()], "agreed: ada-l", id="it lacks an owner, and cannot have one"),
        pytest.param([g("ada-l"), j("ada-l"), b()], "agreed: ada-l", id="beside two that agree"),
        pytest.param(
            [g(), j("ada-l"), b()], "github := ada-l; github names nobody, jira does; adoption", id="it is no target"
        ),
        pytest.param([b()], "agreed: nothing", id="alone"),
    ],
)
def test_a_tracker_that_cannot_hold_owners_takes_no_part(now: list[Item], expected: str) -> None:
    room = {tracker: most for tracker, most in ROOM.items() if tracker != "board"}
    assert told(merge_owners(now, PEOPLE, room, {}, Policy("changed", "ask"))) == expected
