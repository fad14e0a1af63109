"""What Jira shows late, elsewhere or under another name is still the same task, and nobody has moved it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from trackersync.sandbox import moments
from trackersync.sandbox.shop import ACCOUNTS, workflow

if TYPE_CHECKING:
    from product import Shop
    from trackersync.sandbox.jira.model import Issue

LOGINS = {account: login for login, account in ACCOUNTS.items()}


def begun(shop: Shop, *, cloud: bool, **jira: object) -> None:
    """The sample shop in step, as far as it can be."""
    if not cloud:
        for person in shop.settings["people"]:
            person["jira"] = [LOGINS[account] for account in person["jira"]]
        jira["email"] = None
    shop.settings["limits"]["share"] = "60%"
    shop.tracker("jira", **jira)
    assert shop.run("sync", "--yes", "--all").code == 0


def quiet(shop: Shop, *arguments: str) -> dict[str, Any]:
    """A run that must write nothing."""
    before = shop.writes
    record = shop.json("sync", *arguments)
    assert (record["changes"], shop.writes) == ([], before)
    return record


@pytest.mark.parametrize(
    ("cloud", "how"), [(True, ()), (False, ("--full",))], ids=["Cloud, what changed", "Data Center, whole"]
)
def test_a_search_that_lags_behind_our_writes_is_no_persons_revert(
    shop: Shop, cloud: bool, how: tuple[str, ...]
) -> None:
    begun(shop, cloud=cloud)
    jira, github = shop.sandbox.jira, shop.sandbox.github
    github.edit(37, labels=["stage: design"], by="susan-k")
    github.edit(32, assignees=["ada-l"], by="susan-k")
    jira.lag = math.inf
    assert {change["receipt"] for change in shop.json("sync")["changes"]} == {"applied"}
    assert jira.issue("SHOP-56").status == "Design"

    for _ in range(2):
        record = quiet(shop, *how)
        assert len(record["conflicts"]) == 2, "those of the first run"
    assert jira.issue("SHOP-56").status == "Design"
    assert jira.issue("SHOP-51").assignee == ACCOUNTS["ada-l"]
    jira.lag = 0
    jira.catch_up()
    quiet(shop)

    # What a person does then is a move as ever.
    jira.edit("SHOP-56", status="Prototype", by="susan-k")
    (change,) = shop.json("sync")["changes"]
    assert (change["key"], change["receipt"]) == ("acme/shop#37", "applied")


def test_an_issue_moved_to_another_configured_project_stays_the_same_task(shop: Shop) -> None:
    jira = shop.sandbox.jira
    jira.workflows["OPS"] = workflow()
    begun(shop, cloud=True, projects=["SHOP", "OPS"])
    moved = called(shop, jira.issue("SHOP-56"), "OPS-1")
    quiet(shop)
    jira.edit("OPS-1", status="Design", by="susan-k")
    (change,) = shop.json("sync")["changes"]
    assert (change["key"], change["receipt"]) == ("acme/shop#37", "applied")
    shop.sandbox.github.edit(37, labels=["stage: prototype"], by="susan-k")
    (change,) = shop.json("sync")["changes"]
    assert (change["key"], change["receipt"]) == ("OPS-1", "applied")
    assert jira.issues[moved.id].status == "Prototype"
    quiet(shop, "--full")


def test_an_issue_moved_out_of_the_configured_projects_is_left_alone(shop: Shop) -> None:
    shop.sandbox.jira.workflows["OPS"] = workflow()
    begun(shop, cloud=True)
    called(shop, shop.sandbox.jira.issue("SHOP-56"), "OPS-1")
    shop.sandbox.github.edit(37, labels=["stage: design"], by="susan-k")
    quiet(shop, "--full")
    assert shop.sandbox.jira.issue("OPS-1").status == "Requirements"


def test_a_project_with_a_new_key_goes_on_under_it(shop: Shop) -> None:
    begun(shop, cloud=False)
    jira = shop.sandbox.jira
    jira.workflows["STORE"] = jira.workflows.pop("SHOP")
    for issue in list(jira.issues.values()):
        # Renaming a project changes no issue's `updated`.
        jira.put(replace(issue, key=f"STORE-{issue.number}"))
    shop.tracker("jira", projects=["STORE"])
    quiet(shop)
    shop.sandbox.github.edit(37, labels=["stage: design"], by="susan-k")
    # Another project is another configuration, whose first write a person looks at.
    (change,) = shop.json("sync", "--yes")["changes"]
    assert (change["key"], change["receipt"]) == ("STORE-56", "applied")


def test_what_leaves_the_users_filter_is_left_alone_and_comes_back(shop: Shop) -> None:
    begun(shop, cloud=True, jql="labels != ours OR labels is EMPTY")
    jira, github = shop.sandbox.jira, shop.sandbox.github
    jira.edit("SHOP-56", labels=("ours",), by="susan-k")
    github.edit(37, labels=["stage: design"], by="susan-k")
    for how in ((), ("--full",)):
        quiet(shop, *how)
    assert jira.issue("SHOP-56").status == "Requirements"
    jira.edit("SHOP-56", labels=(), by="susan-k")
    (change,) = shop.json("sync")["changes"]
    assert (change["key"], change["receipt"]) == ("SHOP-56", "applied")


def called(shop: Shop, issue: Issue, key: str) -> Issue:
    """Move an issue as a person does: it gets another key, and keeps its id."""
    jira = shop.sandbox.jira
    now = max(moments.milliseconds(jira.clock()), issue.updated + 1)
    return jira.put(replace(issue, key=key, updated=now))
