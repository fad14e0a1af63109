"""Giving Jira's issues to people: exactly the one who is meant, or nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

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
from trackersync.sandbox import Options, build
from trackersync.sandbox.jira.model import Jira, User


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


# The assignee.


@FLAVOURS
@pytest.mark.parametrize("owner", ["grace-h", None], ids=["somebody", "nobody"])
async def test_the_owner_is_set(shop: Jira, flavour: dict[str, Any], owner: str | None) -> None:
    account = (GRACE if flavour else "grace-h",) if owner else ()
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
