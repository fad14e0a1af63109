"""Giving Jira's issues to people: exactly the one who is meant, or nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from jira_doubles import (
    CLOUD,
    FLAVOURS,
    GRACE,
    HERE,
    MARGARET,
    change,
    look,
    opened,
    raw,
    says,
    to,
    within,
    world,
)

from trackersync.connector import (
    RejectedError,
)
from trackersync.core.people import Directory
from trackersync.sandbox import Options, build
from trackersync.sandbox.jira.model import Jira, User
from trackersync_jira.items import accounts
from trackersync_jira.items import item as translated
from trackersync_jira.shapes import Issue
from trackersync_jira.site import Site


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


# The assignee.


@FLAVOURS
@pytest.mark.parametrize("owner", ["grace-h", None], ids=["somebody", "nobody"])
async def test_the_owner_is_set(shop: Jira, flavour: dict[str, Any], owner: str | None) -> None:
    account = (GRACE if "email" in flavour else "grace-h",) if owner else ()
    async with opened(transport=within(shop), **flavour) as at:
        shown = await at.jira.apply(change(await look(at, shop, "SHOP-42"), "owners", {"owners": account}))

    assert shop.issue("SHOP-42").assignee == (GRACE if owner else None)
    assert shown.facts["owners"] == account


async def test_nobody_is_never_the_projects_default() -> None:
    script = world({"assignee": None})
    script.answers[("GET", "/issue/10001")] = says(raw(1, assignee={"accountId": GRACE}), raw(1))
    owned = replace(HERE, facts=HERE.facts | {"owners": (GRACE,)})
    async with opened(transport=script.transport, **CLOUD) as at:
        await at.jira.apply(change(owned, "owners", {"owners": ()}))

    assert script.bodies("/assignee") == [{"accountId": None}]


async def test_the_person_found_beside_the_exact_one_is_never_assigned() -> None:
    """The jira library's ``assign_issue`` takes the first of several it finds (pycontribs/jira#1284)."""
    script = world({"assignee": {"accountId": GRACE}})
    script.answers[("GET", "/assignable/search")] = says([{"accountId": MARGARET}, {"accountId": GRACE}])
    async with opened(transport=script.transport, **CLOUD) as at:
        await at.jira.apply(change(HERE, "owners", {"owners": (GRACE,)}))
        assert script.bodies("/assignee") == [{"accountId": GRACE}]

    script = world({})
    script.answers[("GET", "/assignable/search")] = says([{"accountId": MARGARET}, {"accountId": None}])
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(RejectedError, match=f"{GRACE} is not assignable in SHOP"):
            await at.jira.apply(change(HERE, "owners", {"owners": (GRACE,)}))
    assert script.bodies("/assignee") == []


async def test_a_user_name_that_begins_like_another_is_another(shop: Jira) -> None:
    shop.welcome([User("5b10d", "grace", "Grace"), User("5b10e", "grace-hopper", "Grace")])
    async with opened(transport=within(shop)) as at:
        item = await look(at, shop, "SHOP-42")
        with pytest.raises(RejectedError, match="grac is not assignable in SHOP"):
            await at.jira.apply(change(item, "owners", {"owners": ("grac",)}))
        shown = await at.jira.apply(change(item, "owners", {"owners": ("Grace-H",)}))

    assert shown.facts["owners"] == ("grace-h",)


async def test_a_deactivated_person_is_refused_before_the_write(shop: Jira) -> None:
    tim = next(user.account_id for user in shop.users.values() if not user.active)
    async with opened(transport=within(shop), **CLOUD) as at:
        item = await look(at, shop, "SHOP-42")
        with pytest.raises(RejectedError, match=f"{tim} is not assignable in SHOP: .*deactivated"):
            await at.jira.apply(change(item, "owners", {"owners": (tim,)}))

        assert at.writes == 0


async def test_two_owners_are_one_too_many() -> None:
    async with opened(transport=world({}).transport, **CLOUD) as at:
        with pytest.raises(RejectedError, match="one assignee, not 2"):
            await at.jira.apply(change(HERE, "owners", {"owners": (GRACE, MARGARET)}))


async def test_an_owner_may_be_written_where_the_stage_may_not(shop: Jira) -> None:
    async with opened(transport=within(shop), writes=["owners"], **CLOUD) as at:
        item = await look(at, shop, "SHOP-42")
        await at.jira.apply(change(item, "owners", {"owners": (GRACE,)}))
        with pytest.raises(RejectedError, match="stage may not be written"):
            await at.jira.apply(to(item, "In Review", before={"status": ("In Progress",)}))

    assert shop.issue("SHOP-42").status == "In Progress"


# Nobody.


@FLAVOURS
async def test_nobody_stays_nobody_where_the_project_has_a_default(shop: Jira, flavour: dict[str, Any]) -> None:
    shop.default_assignee = MARGARET
    shop.edit("SHOP-42", assignee=GRACE)
    async with opened(transport=within(shop), **flavour) as at:
        item = await look(at, shop, "SHOP-42")
        await at.jira.apply(change(item, "owners", {"owners": ()}))
        assert shop.issue("SHOP-42").assignee is None
        item = await look(at, shop, "SHOP-42")
        with pytest.raises(RejectedError, match="-1 is not assignable"):
            await at.jira.apply(change(item, "owners", {"owners": ("-1",)}))

    assert shop.issue("SHOP-42").assignee is None


@FLAVOURS
async def test_a_site_that_insists_on_assignees_is_told_apart_with_the_remedy(
    shop: Jira, flavour: dict[str, Any]
) -> None:
    shop.edit("SHOP-42", assignee=GRACE)
    shop.may_be_nobodys = False
    async with opened(transport=within(shop), **flavour) as at:
        item = await look(at, shop, "SHOP-42")
        with pytest.raises(RejectedError) as caught:
            await at.jira.apply(change(item, "owners", {"owners": ()}))

    assert "refuses to take the assignee off: assignee: Issues must be assigned." in str(caught.value)
    assert 'allow "unassigned issues"' in str(caught.value)
    assert shop.issue("SHOP-42").assignee == GRACE


# Accounts that are no ordinary ones.


async def test_an_old_directory_that_lists_deactivated_people_has_none_assigned() -> None:
    script = world({})
    script.answers[("GET", "/assignable/search")] = says([{"accountId": GRACE, "active": False}])
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(RejectedError, match=f"{GRACE} is not assignable"):
            await at.jira.apply(change(HERE, "owners", {"owners": (GRACE,)}))
    assert script.bodies("/assignee") == []


KINDS = {
    "a person whose address is hidden": (
        {"accountId": "a", "displayName": "Ann", "active": True, "accountType": "atlassian"},
        ("Ann", True, True, None),
    ),
    "deactivated": (
        {"accountId": "a", "displayName": "Ann", "active": False, "accountType": "atlassian"},
        ("Ann", False, True, None),
    ),
    "closed": (
        {"accountId": "a", "displayName": "Former user", "active": False, "accountType": "unknown"},
        ("Former user", False, None, None),
    ),
    "hidden from us": ({"accountId": "a"}, ("a", None, None, None)),
    "an app": (
        {"accountId": "a", "displayName": "Bot", "active": True, "accountType": "app"},
        ("Bot", True, False, None),
    ),
    "a customer of the portal": (
        {
            "accountId": "a",
            "displayName": "Cy",
            "active": True,
            "accountType": "customer",
            "emailAddress": "c@x.example",
        },
        ("Cy", True, True, "c@x.example"),
    ),
}


@pytest.mark.parametrize(("user", "told"), KINDS.values(), ids=KINDS)
def test_an_account_is_told_as_what_it_is(user: dict[str, Any], told: tuple[object, ...]) -> None:
    issue = msgspec.convert(raw(1, assignee=user), Issue)
    site = Site("jira", "https://acme.example", cloud=True)
    (account,) = accounts(site, [issue])
    assert (account.name, account.active, account.human, account.email) == told
    assert account.id == "a"
    assert not account.verified


def test_an_app_alone_is_nobodys_answer() -> None:
    issue = msgspec.convert(raw(1, assignee={"accountId": "a", "accountType": "app", "displayName": "Bot"}), Issue)
    site = Site("jira", "https://acme.example", cloud=True)
    holders = Directory([], accounts(site, [issue]), ["jira"]).holders("jira", translated(site, issue).facts["owners"])
    assert holders.bots == holders.strangers == ("a",)


async def test_a_renamed_user_of_a_data_center_is_told_how_to_be_found(shop: Jira) -> None:
    """People are assigned by name there; the key, which stays, is taken by no request that assigns."""
    grace = shop.users[GRACE]
    shop.welcome([replace(grace, name="grace-m")])
    async with opened(transport=within(shop)) as at:
        item = await look(at, shop, "SHOP-42")
        with pytest.raises(RejectedError, match=r"grace-h is not assignable .* a renamed user has another user name"):
            await at.jira.apply(change(item, "owners", {"owners": ("grace-h",)}))
        shown = await at.jira.apply(change(item, "owners", {"owners": ("grace-m",)}))
    assert shown.facts["owners"] == ("grace-m",)
