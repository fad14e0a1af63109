"""Several owners of an issue: its assignee, and those in a field of the team's own."""

from __future__ import annotations

import json
from itertools import chain, combinations
from typing import Any

import httpx
import msgspec
import pytest
from jira_doubles import CLOUD, FLAVOURS, GRACE, HERE, Script, change, look, opened, raw, refuses, says, within

from trackersync.connector import Capacity, Item, RejectedError, UnavailableError, fold
from trackersync.core.express import express_owners, passing
from trackersync.core.model import Account, Person
from trackersync.core.people import Directory
from trackersync.sandbox import Options, answer, build, drop
from trackersync.sandbox.jira.customs import CustomField, shown_user
from trackersync.sandbox.jira.model import Jira, User
from trackersync_jira import JiraSettings, connector
from trackersync_jira.items import accounts, item
from trackersync_jira.owners import Owned, Screen, plan, steps
from trackersync_jira.shapes import Issue
from trackersync_jira.site import Site

PAIR = "customfield_10050"
PEOPLE = {name: User(f"5b10{at}", name, name.title()) for at, name in enumerate(["ann", "bob", "cyd", "dan"])}
SITE = Site("jira", "https://acme.example", cloud=True, co_owners=PAIR)


@pytest.fixture
def shop() -> Jira:
    model = build(Options())[1]
    model.welcome(PEOPLE.values())
    model.custom_fields[PAIR] = CustomField(PAIR, "Pair", "array", "user", "multiuserpicker")
    return model


def own(model: Jira, assignee: str | None, *others: str) -> None:
    model.edit(
        "SHOP-42",
        by="ada-l",
        assignee=assignee and PEOPLE[assignee].account_id,
        custom={PAIR: [shown_user(PEOPLE[name]) for name in others] or None},
    )


def held(model: Jira) -> tuple[str | None, ...]:
    """The assignee's name, and those in the field."""
    issue = model.issue("SHOP-42")
    value = issue.custom.get(PAIR) or []
    user = model.users.get(issue.assignee or "")
    return (user.name if user else None, *(one["name"] for one in (value if isinstance(value, list) else [value])))


def ids(flavour: dict[str, Any], *names: str) -> tuple[str, ...]:
    return tuple(PEOPLE[name].account_id if "email" in flavour else name for name in names)


def wanting(found: Item, owners: tuple[str, ...]) -> Any:  # noqa: ANN401  # the doubles' change
    return change(found, "owners", {"owners": owners})


# Reading.


@FLAVOURS
async def test_the_assignee_comes_first_and_everybody_once(shop: Jira, flavour: dict[str, Any]) -> None:
    own(shop, "bob", "ann", "bob", "cyd")
    async with opened(transport=within(shop), co_owners="Pair", **flavour) as at:
        pages = await at.pages()

    (found,) = (one for page in pages for one in page.items if one.key == "SHOP-42")
    assert found.facts["owners"] == ids(flavour, "bob", "ann", "cyd")
    told = [account.id for page in pages for account in page.accounts]
    assert set(told) >= set(ids(flavour, "ann", "bob", "cyd")), "co-owners are people like assignees"


def test_a_field_for_one_user_is_read_too() -> None:
    issue = msgspec.convert(raw(1, assignee={"accountId": "a"}), Issue)
    issue = msgspec.structs.replace(issue, custom={PAIR: {"accountId": "b", "displayName": "B"}})
    assert item(SITE, issue).facts["owners"] == ("a", "b")
    assert [account.id for account in accounts(SITE, [issue, issue])] == ["a", "b"]


@pytest.mark.parametrize("value", ["Ann", 3, [{"accountId": 7}], [["a"]]])
def test_a_field_that_holds_no_users_is_named(value: object) -> None:
    issue = msgspec.structs.replace(msgspec.convert(raw(1), Issue), custom={PAIR: value})
    with pytest.raises(UnavailableError, match=f"{PAIR} of SHOP-1 holds no users .*Name a user picker"):
        item(SITE, issue)


# What the planner is told.


def settings(**keys: object) -> JiraSettings:
    words = {"connector": "jira", "url": "http://127.0.0.1", "projects": ["SHOP"]}
    return JiraSettings.model_validate(words | keys)


def test_a_field_for_co_owners_makes_room_for_them() -> None:
    assert connector.capacity("owners", settings()) == Capacity(1)
    assert connector.capacity("owners", settings(co_owners="Pair")) == Capacity(10)
    assert connector.capacity("owners", settings(co_owners="Pair", most_owners=2)) == Capacity(2)
    assert connector.capacity("status", settings(co_owners="Pair")) == Capacity(1)
    with pytest.raises(ValueError, match="name it as `co_owners`"):
        settings(most_owners=3)


async def test_the_connector_says_the_same() -> None:
    async with opened(co_owners=PAIR) as at:
        assert at.jira.writes["owners"] == Capacity(10)
    async with opened() as at:
        assert at.jira.writes["owners"] == Capacity(1)


# Deciding.


def subsets(names: str) -> list[tuple[str, ...]]:
    return list(chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))


def owning(now: Owned) -> Issue:
    issue = msgspec.convert(raw(1, assignee={"accountId": now.assignee} if now.assignee else None), Issue)
    return msgspec.structs.replace(issue, custom={PAIR: [{"accountId": one} for one in now.others] or None})


def test_on_the_way_an_issue_shows_only_what_is_remembered_of_a_write_in_doubt() -> None:
    """Every state of four people, and every wish: the most requests are three, and none when the screen has both."""
    everybody = "abcd"
    for assignee in (None, *everybody):
        for others in subsets(everybody):
            before = Owned(assignee, others)
            for wanted in subsets(everybody):
                now, goal = plan(SITE, owning(before), wanted)
                assert (now, goal.all) == (before, frozenset(wanted))
                allowed = (now.all, goal.all, now.all | goal.all)
                ways = steps(now, goal, Screen(together=False, several=True), "SHOP-1")
                assert [step for step in ways if step.all not in allowed] == []
                assert ways[-1] == goal
                assert len(ways) <= 3
                for one, next_ in zip((now, *ways), ways, strict=False):
                    assert one.assignee == next_.assignee or one.others == next_.others, "one request a step"
                assert steps(now, goal, Screen(together=True, several=True), "SHOP-1") == (goal,)


def test_the_present_assignee_stays_if_he_is_wanted_else_the_first_does_it() -> None:
    assert plan(SITE, owning(Owned("b", ("a",))), ("a", "b", "c"))[1] == Owned("b", ("a", "c"))
    assert plan(SITE, owning(Owned("d", ("a",))), ("a", "b"))[1] == Owned("a", ("b",))
    assert plan(SITE, owning(Owned("d")), ())[1] == Owned(None)


def test_an_app_or_a_closed_account_is_the_last_to_become_the_assignee() -> None:
    issue = msgspec.structs.replace(
        msgspec.convert(raw(1), Issue),
        custom={PAIR: [{"accountId": "app", "accountType": "app"}, {"accountId": "gone", "active": False}]},
    )
    assert plan(SITE, issue, ("app", "gone", "a"))[1] == Owned("a", ("app", "gone"))


# Writing.

CHANGES = [
    (("ann",), ("ann", "bob"), 1),
    (("ann", "bob"), ("ann",), 1),
    (("ann", "bob"), ("bob", "cyd"), 3),
    (("ann",), ("cyd", "dan"), 3),
    (("ann", "bob"), ("cyd", "dan"), 3),
    (("ann", "bob"), (), 3),
    ((None, "bob"), ("cyd",), 2),
    (("ann",), ("bob",), 1),
]


@FLAVOURS
@pytest.mark.parametrize("on_screen", [True, False], ids=["both on the screen", "the assignee is not"])
@pytest.mark.parametrize(("before", "after", "most"), CHANGES)
async def test_owners_are_written(
    shop: Jira, flavour: dict[str, Any], before: tuple[str], after: tuple[str, ...], most: int, *, on_screen: bool
) -> None:
    own(shop, *before)
    shop.off_screen = frozenset() if on_screen else frozenset({"assignee"})
    async with opened(transport=within(shop), co_owners=PAIR, **flavour) as at:
        seen = await look(at, shop, "SHOP-42")
        wanted = wanting(seen, ids(flavour, *after))
        shop.edits.clear()
        shown = await at.jira.apply(wanted)
        assert await look(at, shop, "SHOP-42") == shown
        writes = at.writes

    assert fold(shown.facts["owners"]) == fold(ids(flavour, *after))
    remembered = {fold(state["owners"]) for state in passing(seen, wanted, ["owners"])}
    site = Site("jira", "https://acme.example", cloud=("email" in flavour), co_owners=PAIR)
    for edit in shop.edits:
        now = msgspec.convert(raw(1, assignee=_user(shop, edit.after.assignee)), Issue)
        now = msgspec.structs.replace(now, custom=dict(edit.after.custom))
        assert fold(item(site, now).facts["owners"]) in remembered
    assert writes == len(shop.edits) == (1 if on_screen and after else most)


def _user(model: Jira, account: str | None) -> dict[str, Any] | None:
    return shown_user(model.users[account]) if account else None


async def test_whom_nobody_mapped_stays_as_a_co_owner(shop: Jira) -> None:
    """A stranger is in what the planner wants, so that nobody has to be asked about them."""
    own(shop, "ann", "dan")
    people = Directory(
        [Person(name, {"jira": (PEOPLE[name].account_id,)}) for name in ("ann", "bob", "cyd")], (), ["jira"]
    )
    async with opened(transport=within(shop), co_owners=PAIR, email="bot@acme.example") as at:
        seen = await look(at, shop, "SHOP-42")
        wanted = express_owners(seen, people, at.jira.writes["owners"], ("bob", "cyd"), "a test", adoption=False)
        assert not isinstance(wanted, str)
        await at.jira.apply(wanted)

    assert set(held(shop)) == {"bob", "cyd", "dan"}


async def test_somebody_who_came_into_the_field_meanwhile_is_not_thrown_out(shop: Jira) -> None:
    """Who comes and goes is told one by one; a whole list would undo what a person did in the same moment."""
    own(shop, "ann", "bob")
    async with opened(transport=within(shop), co_owners=PAIR) as at:
        seen = await look(at, shop, "SHOP-42")
        shop.faults.decide = lambda asked: own(shop, "ann", "bob", "dan") if asked.kind == "write" else None
        with pytest.raises(RejectedError, match="owners is ann \\+ bob \\+ dan \\+ cyd now, not"):
            await at.jira.apply(wanting(seen, ("ann", "bob", "cyd")))

    assert held(shop) == ("ann", "bob", "dan", "cyd")


# A field that is not as it should be.


async def refusal(shop: Jira, *after: str, **keys: object) -> str:
    async with opened(transport=within(shop), co_owners=PAIR, **keys) as at:
        seen = await look(at, shop, "SHOP-42")
        with pytest.raises(RejectedError) as caught:
            await at.jira.apply(wanting(seen, after))
        assert at.writes == 0
        assert not caught.value.partly
    return str(caught.value)


async def test_a_field_that_is_not_on_the_edit_screen_is_named_with_the_remedy(shop: Jira) -> None:
    shop.off_screen = frozenset({PAIR})
    own(shop, "ann")
    said = await refusal(shop, "ann", "bob")
    assert f"({PAIR}) may not be edited: it is not on the edit screen" in said
    assert "Put it on the screen" in said


async def test_without_the_permission_to_edit_the_assignee_can_still_be_changed(shop: Jira) -> None:
    own(shop, "ann")
    shop.may_edit = False
    assert 'permission "Edit issues"' in await refusal(shop, "ann", "bob")
    async with opened(transport=within(shop), co_owners=PAIR) as at:
        await at.jira.apply(wanting(await look(at, shop, "SHOP-42"), ("bob",)))
    assert held(shop) == ("bob",)


async def test_a_field_of_another_type_is_named(shop: Jira) -> None:
    shop.custom_fields[PAIR] = CustomField(PAIR, "Teams", "array", "string", "labels")
    own(shop, "ann")
    assert "Teams holds no users but string" in await refusal(shop, "ann", "bob")


async def test_a_co_owner_must_be_assignable_too(shop: Jira) -> None:
    own(shop, "ann")
    assert "bo is not assignable in SHOP" in await refusal(shop, "ann", "bo")


async def test_without_a_field_two_owners_are_told_how_to_get_one(shop: Jira) -> None:
    own(shop, "ann")
    async with opened(transport=within(shop)) as at:
        seen = await look(at, shop, "SHOP-42")
        with pytest.raises(RejectedError, match=r"one assignee, not 2\. Name a field for the others as `co_owners`"):
            await at.jira.apply(wanting(seen, ("ann", "bob")))


# A field for one user.


@pytest.fixture
def single(shop: Jira) -> Jira:
    shop.custom_fields[PAIR] = CustomField(PAIR, "Second", "user", "", "userpicker")
    shop.edit("SHOP-42", assignee=PEOPLE["ann"].account_id, custom={PAIR: shown_user(PEOPLE["bob"])}, by="ada-l")
    return shop


@FLAVOURS
async def test_a_field_for_one_user_is_written(single: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(single), co_owners=PAIR, **flavour) as at:
        for after in (("ann", "cyd"), ("bob", "dan"), ("dan",), ("dan", "ann"), ()):
            seen = await look(at, single, "SHOP-42")
            shown = await at.jira.apply(wanting(seen, ids(flavour, *after)))
            assert fold(shown.facts["owners"]) == fold(ids(flavour, *after))

    assert held(single) == (None,)


async def test_a_field_for_one_user_takes_no_second(single: Jira) -> None:
    assert "Second holds one user, and 2 are to own the issue besides ann" in await refusal(single, "ann", "cyd", "dan")


async def test_a_field_for_one_user_and_an_assignee_on_no_screen_cannot_change_together(single: Jira) -> None:
    single.off_screen = frozenset({"assignee"})
    assert "the assignee is not on the edit screen. Put it there" in await refusal(single, "cyd", "dan")


# Half of it.


@pytest.mark.parametrize("skip", [1, 2])
async def test_what_stops_after_the_first_step_is_in_doubt(shop: Jira, skip: int) -> None:
    own(shop, "ann", "bob")
    shop.off_screen = frozenset({"assignee"})
    async with opened(transport=within(shop), co_owners=PAIR) as at:
        seen = await look(at, shop, "SHOP-42")
        shop.faults.add(drop(), kind="write", skip=skip)
        wanted = wanting(seen, ("cyd", "dan"))
        with pytest.raises(UnavailableError) as caught:
            await at.jira.apply(wanted)
        assert caught.value.in_doubt
        assert fold((await look(at, shop, "SHOP-42")).facts["owners"]) in (
            {"ann", "bob", "cyd", "dan"},
            {"cyd", "dan"},
        )


async def test_a_credential_that_is_revoked_after_the_first_step_leaves_half_a_write(shop: Jira) -> None:
    own(shop, "ann", "bob")
    shop.off_screen = frozenset({"assignee"})
    async with opened(transport=within(shop), co_owners=PAIR) as at:
        seen = await look(at, shop, "SHOP-42")
        shop.faults.add(answer(401), kind="write", skip=1, times=2)
        with pytest.raises(UnavailableError, match="SHOP-42 is half written") as caught:
            await at.jira.apply(wanting(seen, ("cyd", "dan")))
        assert caught.value.in_doubt


async def test_a_refusal_after_the_first_step_is_partly_done(shop: Jira) -> None:
    own(shop, "ann", "bob")
    shop.off_screen = frozenset({"assignee"})
    shop.may_assign = False
    async with opened(transport=within(shop), co_owners=PAIR) as at:
        seen = await look(at, shop, "SHOP-42")
        with pytest.raises(RejectedError, match=r"refuses to assign cyd: .*Some of it was written") as caught:
            await at.jira.apply(wanting(seen, ("cyd", "dan")))
        assert caught.value.partly


# Apps.


def test_an_app_in_the_field_is_an_owner_that_answers_nobody() -> None:
    issue = msgspec.structs.replace(
        msgspec.convert(raw(1), Issue), custom={PAIR: [{"accountId": "app", "accountType": "app"}]}
    )
    seen: tuple[Account, ...] = accounts(SITE, [issue])
    holders = Directory([], seen, ["jira"]).holders("jira", item(SITE, issue).facts["owners"])
    assert (holders.known, holders.strangers, holders.bots) == ((), ("app",), ("app",))


# A stand-in that does not list who may be assigned.


@pytest.mark.parametrize("known", [True, False])
async def test_where_nobody_is_listed_the_account_itself_is_asked_for(known: bool) -> None:
    owner: dict[str, Any] = {}

    def assign(request: httpx.Request) -> httpx.Response:
        owner.update(json.loads(request.content))
        return httpx.Response(204)

    script = Script(
        {
            ("GET", "/user/assignable/search"): refuses(404, "null for uri"),
            ("GET", "/user"): says({"accountId": GRACE}) if known else refuses(404, "No such user."),
            ("GET", "/issue/10001"): lambda _: httpx.Response(200, json=raw(1, assignee=owner or None)),
            ("PUT", "/assignee"): assign,
        }
    )
    async with opened(transport=script.transport, **CLOUD) as at:
        wanted = change(HERE, "owners", {"owners": (GRACE,)})
        if known:
            assert (await at.jira.apply(wanted)).facts["owners"] == (GRACE,)
        else:
            with pytest.raises(RejectedError, match="is not assignable in SHOP: no such account"):
                await at.jira.apply(wanted)
    assert owner == ({"accountId": GRACE} if known else {})
