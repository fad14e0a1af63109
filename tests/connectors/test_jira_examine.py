"""How well a Jira is set up for us: every check, its grade and its remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from jira_doubles import CLOUD, DATA_CENTER, FLAVOURS, StoppedClock, opened

from trackersync.connector import AuthError, Check, Examining, Grade, Transition, UnavailableError
from trackersync.sandbox import Options, Sandbox, answer, drop, running
from trackersync.sandbox.faults import Faults
from trackersync.sandbox.jira.limits import BucketLimits, CloudLimits
from trackersync.sandbox.jira.premises import Hook, Premises
from trackersync_jira.drawing import Drawing
from trackersync_jira.reaching import missing

NOW = StoppedClock().now()
NOBODY = {"token": None, "anonymous": True}
GOOD, NOTE, WARNING, ERROR = Grade


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with running(Options()) as found:
        yield found


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    """One that lasts: what a test does to it is undone, since to start one takes longer than to ask it."""
    before = dict(vars(served.jira))
    served.jira.premises = Premises()
    served.jira.faults, served.jira.requests = Faults(), []
    served.jira.administers = False
    yield served
    vars(served.jira).update(before)


async def examined(
    at: Sandbox, named: Mapping[str, tuple[str, ...]] | None = None, **keys: object
) -> dict[str, list[Check]]:
    """The checks by name."""
    async with opened(url=at.jira_url, **keys) as jira:
        assert isinstance(jira.jira, Examining)
        found: dict[str, list[Check]] = {}
        async for check in jira.jira.examine(named or {}):
            found.setdefault(check.name, []).append(check)
        assert jira.writes == 0
    return found


def told(checks: list[Check]) -> list[tuple[Grade, str]]:
    return [(check.grade, check.said) for check in checks]


# Who we are


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        pytest.param(CLOUD, "bot@acme.example; Jira does not tell when its token ends", id="Cloud"),
        pytest.param(DATA_CENTER, "bot@acme.example, by an access token", id="Data Center"),
        pytest.param(DATA_CENTER | {"user": "acme-bot"}, "bot@acme.example, by its password", id="a password"),
    ],
)
async def test_a_set_up_that_lacks_nothing(sandbox: Sandbox, keys: dict[str, Any], said: str) -> None:
    sandbox.jira.tokens = {"sync": None}
    found = await examined(sandbox, **keys)

    assert told(found["who we are"]) == [(GOOD, said)]
    assert told(found["SHOP"]) == [(GOOD, "may browse, transition and assign; `writes` allows stage, owners")]
    assert not [check for checks in found.values() for check in checks if check.grade in {WARNING, ERROR}]


@FLAVOURS
async def test_a_credential_that_is_not_known_is_an_error_of_the_whole(
    sandbox: Sandbox, flavour: dict[str, Any]
) -> None:
    with pytest.raises(AuthError, match="does not know us"):
        await examined(sandbox, token="revoked-hush", **flavour)


@pytest.mark.parametrize("status", [404, 405, 410, 501])
@FLAVOURS
async def test_a_server_that_does_not_say_who_we_are_is_examined_all_the_same(
    sandbox: Sandbox, flavour: dict[str, Any], status: int
) -> None:
    sandbox.jira.faults.add(answer(status), path="/myself", times=99)
    found = await examined(sandbox, **flavour)
    async with opened(url=sandbox.jira_url, **flavour) as jira:
        probe = await jira.jira.probe()

    (check,) = found["who we are"]
    assert (check.grade, check.said) == (NOTE, "this server does not say who we are (/myself)")
    assert check.remedy.startswith("check that `url` is the address of a Jira")
    assert found["SHOP"][0].grade is GOOD
    assert not [check for checks in found.values() for check in checks if check.grade is ERROR]
    assert (probe.account, probe.containers) == ("", ("SHOP",))
    assert probe.missing[0].startswith("Jira does not say who we are: ")


@pytest.mark.parametrize("status", [404, 405, 410, 501])
async def test_permissions_that_are_not_told_are_no_error(sandbox: Sandbox, status: int) -> None:
    sandbox.jira.faults.add(answer(status), path="/mypermissions", times=99)
    found = await examined(sandbox, **CLOUD)

    assert [check.grade for check in found["SHOP"]] == [NOTE]


async def test_silence_is_an_error_of_the_whole(sandbox: Sandbox) -> None:
    sandbox.jira.faults.add(drop(), path="myself", times=9)
    with pytest.raises(UnavailableError):
        await examined(sandbox, **CLOUD)


@pytest.mark.parametrize(
    ("days", "grade", "said"),
    [
        pytest.param({"sync": 23}, WARNING, "expires 28 Mar, in 23 days", id="in three weeks"),
        pytest.param({"sync": 30}, WARNING, "expires 4 Apr, in 30 days", id="in thirty days"),
        pytest.param({"sync": 1}, WARNING, "expires 6 Mar, in 1 day", id="tomorrow"),
        pytest.param({"sync": 31}, GOOD, "expires 5 Apr, in 31 days", id="later"),
        pytest.param({"sync": 365}, GOOD, "expires 5 Mar 2027, in 365 days", id="next year"),
        pytest.param({"sync": None}, GOOD, "does not expire", id="never"),
        pytest.param({"old": -1, "sync": 90}, GOOD, "expires 3 Jun, in 90 days", id="one has ended, and is not used"),
        pytest.param(
            {"sync": 90, "b": 3},
            WARNING,
            'expires 8 Mar, in 3 days ("b", the first of 2, of which any may be the one used here)',
            id="one of two",
        ),
        pytest.param({"old": -1}, NOTE, "this Jira does not tell when it expires", id="only one that has ended"),
    ],
)
async def test_when_a_token_of_data_center_ends(
    sandbox: Sandbox, days: dict[str, int | None], grade: Grade, said: str
) -> None:
    sandbox.jira.tokens = {name: None if left is None else NOW + timedelta(days=left) for name, left in days.items()}
    (check,) = (await examined(sandbox, **DATA_CENTER))["token"]
    assert (check.grade, check.said) == (grade, said)
    assert bool(check.remedy) == (grade is WARNING)


@pytest.mark.parametrize("status", [404, 403, 401, 500], ids=str)
async def test_a_token_of_which_nothing_is_told_is_a_note(sandbox: Sandbox, status: int) -> None:
    sandbox.jira.faults.add(answer(status), path="/pat/", times=99)
    assert told((await examined(sandbox, **DATA_CENTER))["token"]) == [
        (NOTE, "this Jira does not tell when it expires")
    ]


# What we may


@pytest.mark.parametrize(
    ("flags", "keys", "checks"),
    [
        pytest.param(
            {"may_transition": False},
            {},
            [(ERROR, 'the permission "Transition issues" is missing')],
            id="no stage can be written",
        ),
        pytest.param(
            {"may_transition": False, "may_assign": False},
            {},
            [
                (ERROR, 'the permission "Transition issues" is missing'),
                (ERROR, 'the permission "Assign issues" is missing'),
            ],
            id="neither can owners",
        ),
        pytest.param(
            {"may_transition": False},
            {"writes": ["owners"]},
            [(GOOD, "may browse and assign; `writes` allows owners")],
            id="what is not written needs no permission",
        ),
        pytest.param(
            {"may_transition": False, "may_assign": False},
            {"writes": []},
            [(GOOD, "may browse; `writes` allows nothing")],
            id="nothing is written",
        ),
        pytest.param(
            {"may_browse": False}, {}, [(ERROR, "does not exist, or is hidden from this account")], id="hidden"
        ),
        pytest.param(
            {"administers": True},
            {},
            [
                (GOOD, "may browse, transition and assign; `writes` allows stage, owners"),
                (WARNING, "may also administer the project; trackersync never needs that"),
            ],
            id="more than is needed",
        ),
    ],
)
@FLAVOURS
async def test_what_we_may_do_in_a_project(
    sandbox: Sandbox,
    flavour: dict[str, Any],
    flags: dict[str, Any],
    keys: dict[str, Any],
    checks: list[tuple[Grade, str]],
) -> None:
    for name, value in flags.items():
        setattr(sandbox.jira, name, value)
    found = (await examined(sandbox, **flavour, **keys))["SHOP"]
    assert told(found) == checks
    assert all(check.remedy for check in found if check.grade in {WARNING, ERROR})


async def test_an_administrator_of_jira_is_told_so_once(sandbox: Sandbox) -> None:
    sandbox.jira.premises.administrator = True
    found = await examined(sandbox, **CLOUD)

    assert told(found["who we are"])[1:] == [(WARNING, "may also administer Jira; trackersync never needs that")]
    assert told(found["SHOP"])[1:] == [(WARNING, "may also delete issues; trackersync never needs that")]


async def test_a_jira_that_does_not_tell_what_we_may_is_a_note(sandbox: Sandbox) -> None:
    sandbox.jira.faults.add(answer(404), path="mypermissions", times=99)
    ((grade, said),) = told((await examined(sandbox, **DATA_CENTER))["SHOP"])
    assert grade is NOTE
    assert "does not say what else" in said


async def test_a_jira_that_does_not_know_what_we_do_not_need_tells_the_rest(sandbox: Sandbox) -> None:
    sandbox.jira.faults.add(
        answer(400, '{"errorMessages": ["Unrecognized permission"]}'), path="mypermissions", times=1
    )
    assert [grade for grade, _ in told((await examined(sandbox, **CLOUD))["SHOP"])] == [GOOD]


async def test_a_hidden_project_does_not_make_an_error_of_what_may_be_in_it(sandbox: Sandbox) -> None:
    named = {"status": ("In Progress", "Paid"), "resolution": ("Dnoe",)}
    found = await examined(sandbox, named, projects=["SHOP", "PAY"], **CLOUD)

    assert [grade for grade, _ in told(found["PAY"])] == [ERROR]
    assert told(found["statuses"]) == [(NOTE, '"Paid" may be of PAY, which is not shown')]
    assert [check.grade for check in found["resolutions"]] == [ERROR], "a resolution is the whole site's"


async def test_nobody_is_examined_too(sandbox: Sandbox) -> None:
    sandbox.jira.premises.public = "data center"
    found = await examined(sandbox, {"status": ("In Progress",)}, projects=["SHOP", "PAY"], **NOBODY)

    assert [grade for grade, _ in told(found["who we are"])] == [NOTE]
    assert told(found["SHOP"]) == [(GOOD, "may browse, as everybody may")]
    assert told(found["PAY"]) == [(ERROR, "does not exist, or is not public")]
    assert told(found["statuses"]) == [(GOOD, "1 named, all known")]
    assert "token" not in found
    assert "workflow" not in found, "nothing is written"


# What is named


@pytest.mark.parametrize(
    ("named", "grade", "said", "remedy"),
    [
        pytest.param({"status": ("In Progress", "done", "10001")}, GOOD, "3 named, all known", "", id="all"),
        pytest.param(
            {"status": ("In Reveiw",)},
            ERROR,
            'no configured project has the status "In Reveiw"',
            'did you mean "In Review"?',
            id="a slip",
        ),
        pytest.param(
            {"resolution": ("Done", "Wont Do")},
            ERROR,
            'this Jira has no resolution "Wont Do"',
            'did you mean "Won\'t Do"?',
            id="a resolution",
        ),
        pytest.param({"type": ("Bug", "story")}, GOOD, "2 named, all known", "", id="types"),
        pytest.param(
            {"type": ("Bugs",)},
            ERROR,
            'no configured project has the issue type "Bugs"',
            'did you mean "Bug"?',
            id="a type",
        ),
        pytest.param({"status": ("Zzzz",)}, ERROR, 'no configured project has the status "Zzzz"', None, id="x"),
    ],
)
async def test_what_is_named_exists(
    sandbox: Sandbox, named: dict[str, tuple[str, ...]], grade: Grade, said: str, remedy: str | None
) -> None:
    found = await examined(sandbox, named, **CLOUD)
    (check,) = found.get("statuses") or found.get("resolutions") or found["types"]
    assert (check.grade, check.said) == (grade, said)
    assert check.remedy == remedy if remedy is not None else check.remedy.startswith("known here: Backlog, To Do")


async def test_resolutions_that_are_not_shown_prove_nothing(sandbox: Sandbox) -> None:
    sandbox.jira.faults.add(answer(403), path="/resolution", times=9)
    (check,) = (await examined(sandbox, {"resolution": ("Dnoe",)}, **CLOUD))["resolutions"]
    assert check.grade is NOTE


# How far issues can be led


async def test_the_shops_workflow_is_whole(sandbox: Sandbox) -> None:
    sandbox.jira.may_see_workflows = True
    named = {"status": ("Backlog", "10001", "In Progress", "in review", "Done")}
    (check,) = (await examined(sandbox, named, **CLOUD))["workflow"]
    assert (check.grade, check.said) == (GOOD, "5 statuses mapped, each can be reached from every other")


async def test_a_status_in_the_way_that_is_hands_off(sandbox: Sandbox) -> None:
    sandbox.jira.may_see_workflows = True
    keys: dict[str, Any] = {"hands_off": {"statuses": ["In Review"]}}
    (check,) = (await examined(sandbox, {"status": ("In Progress", "Release")}, **CLOUD, **keys))["workflow"]
    assert check.grade is WARNING
    assert check.said == "SHOP, SHOP workflow: no way leads to In Progress, Release"


@pytest.mark.parametrize(
    ("flavour", "said"),
    [
        pytest.param(CLOUD, "not shown to this account for SHOP; ways are learned as issues move", id="Cloud"),
        pytest.param(
            DATA_CENTER, "Data Center does not show workflows whole; ways are learned as issues move", id="DC"
        ),
    ],
)
async def test_a_workflow_that_is_not_shown_is_a_note(sandbox: Sandbox, flavour: dict[str, Any], said: str) -> None:
    named = {"status": ("In Progress",)}
    assert told((await examined(sandbox, named, **flavour))["workflow"]) == [(NOTE, said)]
    assert "workflow" not in await examined(sandbox, named, writes=["owners"], **flavour)


def drawing(*ways: str, ends: str = "") -> Drawing:
    """Of ``AB`` a way from A to B; A is where issues begin."""
    places = dict.fromkeys(sorted({place for way in ways for place in way}))
    leaves = {
        place: tuple(Transition(way, way, way[1], ends=way[1] in ends) for way in ways if way[0] == place)
        for place in places
    }
    return Drawing("flow", leaves, "A", {}, {})


@pytest.mark.parametrize(
    ("drawn", "hands_off", "checks"),
    [
        pytest.param(drawing("AB", "BC", "CA"), "", [], id="round and round"),
        pytest.param(drawing("AB", "BA"), "", [], id="one that is mapped and not in this workflow"),
        pytest.param(
            drawing("AB", "BA", "CA"), "", [(WARNING, "S: no way leads to C")], id="one that cannot be reached"
        ),
        pytest.param(
            drawing("AB", "BC"),
            "",
            [(NOTE, "S: no way leads back to A, no way leads out of C")],
            id="one way only",
        ),
        pytest.param(drawing("AB", "BA", "BC"), "", [(NOTE, "S: no way leads out of C")], id="the end is the end"),
        pytest.param(
            drawing("AB", "BD", "DC", "CA", "DA", ends="D"),
            "",
            [(WARNING, "S: no way leads to C"), (NOTE, "S: no way leads out of B")],
            id="no issue is led through the end",
        ),
        pytest.param(drawing("AB", "BC", "CB", "BA", "AD", "DB"), "", [], id="each has one"),
        pytest.param(
            drawing("AB", "BC", "CB", "BE", "EA", ends="E"), "", [(NOTE, "S: no way leads back to A")], id="not back"
        ),
        pytest.param(
            drawing("AB", "BA", "AC", "CD", "DA", "BE", "EC", ends="AE"),
            "",
            [(NOTE, "S: no way leads from B to C, C to B")],
            id="some pairs",
        ),
        pytest.param(drawing("AD", "DC", "CA"), "", [], id="through one that nobody mapped"),
        pytest.param(
            drawing("AD", "DC", "CA"), "D", [(WARNING, "S: no way leads to C")], id="not through one that is hands off"
        ),
        pytest.param(drawing("DE", "ED"), "", [], id="nothing of it is mapped"),
        pytest.param(drawing("AD", "DE"), "", [], id="one of it is mapped"),
    ],
)
def test_the_ways_that_a_workflow_lacks(drawn: Drawing, hands_off: str, checks: list[tuple[Grade, str]]) -> None:
    assert told(missing("S", drawn, {"A", "B", "C"}, set(hands_off))) == checks


# What Jira allows, and what it sends


@pytest.mark.parametrize(
    ("flavour", "limits", "grade", "said"),
    [
        pytest.param(CLOUD, None, NOTE, "Jira names no limit", id="none"),
        pytest.param(CLOUD, CloudLimits(), GOOD, "of 100 requests left", id="Cloud"),
        pytest.param(
            DATA_CENTER,
            BucketLimits(limit=1_000, fill=10, interval=60),
            GOOD,
            "of 1,000 requests left; 10 come back every 60 s",
            id="Data Center",
        ),
        pytest.param(
            DATA_CENTER,
            BucketLimits(limit=6, fill=1, interval=60),
            WARNING,
            "of 6 requests left; 1 come back every 60 s",
            id="nearly none",
        ),
    ],
)
async def test_what_jira_allows(
    sandbox: Sandbox, flavour: dict[str, Any], limits: CloudLimits | BucketLimits | None, grade: Grade, said: str
) -> None:
    sandbox.jira.limits = limits
    (check,) = (await examined(sandbox, **flavour))["budget"]
    assert check.grade is grade
    assert check.said.endswith(said)


@pytest.mark.parametrize(
    ("flavour", "old"),
    [
        pytest.param(CLOUD, False, id="Cloud"),
        pytest.param(DATA_CENTER, False, id="Data Center 10"),
        pytest.param(DATA_CENTER, True, id="Data Center 9"),
    ],
)
async def test_an_administrator_is_told_of_webhooks(sandbox: Sandbox, flavour: dict[str, Any], old: bool) -> None:
    premises = sandbox.jira.premises
    premises.administrator, premises.old_hooks = True, old
    assert told((await examined(sandbox, **flavour))["webhooks"]) == [(NOTE, "none")]
    premises.hooks += [Hook("a", "https://ci.acme.example/"), Hook("b", "https://b.acme.example/", enabled=False)]
    found = told((await examined(sandbox, **flavour))["webhooks"])
    assert found == [(GOOD, "1 of 2 are enabled, whoever they are for")]


async def test_whoever_is_no_administrator_does_not_ask(sandbox: Sandbox) -> None:
    assert told((await examined(sandbox, **CLOUD))["webhooks"]) == [(NOTE, "only an administrator of Jira sees them")]
    assert not any("webhook" in request.path for request in sandbox.jira.requests)


@pytest.mark.parametrize("status", [401, 403, 404, 500], ids=str)
async def test_webhooks_that_are_not_shown_are_a_note(sandbox: Sandbox, status: int) -> None:
    sandbox.jira.premises.administrator = True
    sandbox.jira.faults.add(answer(status), path="webhook", times=99)
    assert told((await examined(sandbox, **DATA_CENTER))["webhooks"]) == [(NOTE, "Jira does not show them")]
