"""The real program between someone else's Jira Data Center (PyPI ``jira820``) and the sandbox's GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elsewhere.mocked import LOGINS, Mocked, installed, mocking, shows
from product import Shop, spawn

if TYPE_CHECKING:
    from collections.abc import Iterator

# With xdist all of it in one worker: it is a server that has to be started, and little to compute.
pytestmark = pytest.mark.xdist_group("jira820")


@pytest.fixture
def elsewhere(shop: Shop) -> Iterator[Mocked]:
    """The sample shop's issues at the other server, among others, and the shop's configuration pointed at it."""
    with mocking(installed(), shop.folder) as server:
        for issue in shop.sandbox.jira.issues.values():
            server.become(issue)
        for person in shop.settings["people"]:
            person["jira"] = [LOGINS[account] for account in person["jira"]]
        shop.tracker("jira", url=server.url, email=None)
        yield server


def told(shop: Shop, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What it says to a program."""
    done = shop.run(*arguments, "--format", "json")
    assert done.code == code, done.said
    return done.record


def moved(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[str, str | None, str | None]]:
    """What issues show now that showed something else before."""
    assert before.keys() == after.keys()
    return {key: shows(after[key]) for key in after if shows(after[key]) != shows(before[key])}


def test_a_full_sync_goes_both_ways_and_then_three_runs_write_nothing(elsewhere: Mocked, shop: Shop) -> None:
    before, github = elsewhere.issues(), shop.sandbox.github
    assert len(before) > 150, "more than a page, so that a bound is needed"
    planned = told(shop, "plan")
    assert planned["items"] == {"github": 42, "jira": len(before)}
    assert (elsewhere.issues(), github.writes) == (before, 0), "a plan writes nothing"
    held = shop.run("sync")
    assert held.code == 3, held.said
    assert (elsewhere.issues(), github.writes) == (before, 0), "the first run waits for a person"

    # A process of its own, which has found out nothing of this server: the cursors tell it how to ask.
    first = spawn(shop.folder, "sync", "--approve", planned["digest"])
    assert first.code == 0, first.said
    assert f"{len(planned['changes'])} of {len(planned['changes'])} applied" in first.said
    assert moved(before, elsewhere.issues()) == {"SHOP-33": ("Done", "Done", "alan-t")}
    assert github.issues[32].assignees == ("grace-h",)

    elsewhere.move("SHOP-42", "In Review")
    elsewhere.assign("SHOP-41", "margaret-h")
    elsewhere.assign("SHOP-48", None)
    github.edit(37, labels=["stage: design"], by="susan-k")
    github.edit(32, assignees=["ada-l"], by="susan-k")
    before = elsewhere.issues()
    changes = told(shop, "sync")["changes"]
    assert {(change["key"], change["receipt"]) for change in changes} == {
        ("acme/shop#17", "applied"),
        ("acme/shop#16", "applied"),
        ("acme/shop#29", "applied"),
        ("SHOP-56", "applied"),
        ("SHOP-51", "applied"),
    }
    assert moved(before, elsewhere.issues()) == {
        "SHOP-56": ("Design", None, "margaret-h"),
        "SHOP-51": ("In Progress", None, "ada-l"),
    }
    assert "stage: verify" in github.issues[17].labels
    assert github.issues[16].assignees == ("margaret-h",)
    assert github.issues[29].assignees == ()

    before, after = elsewhere.issues(), dict(github.issues)
    for _ in range(3):
        again = told(shop, "sync")
        assert (again["changes"], again["requests"]["jira"].get("write", 0)) == ([], 0)
        assert again["requests"]["jira"]["read"] <= 4, "what it is, who we are, its fields, and what is new"
    assert (elsewhere.issues(), dict(github.issues)) == (before, after)


def test_a_saved_plan_finds_its_issues_and_what_is_deleted_is_missed(elsewhere: Mocked, shop: Shop) -> None:
    """That server knows no ids, and a new run has read few of the keys."""
    assert shop.run("sync", "--yes", "--all").code == 0
    shop.sandbox.github.edit(37, labels=["stage: design"], by="susan-k")
    assert shop.run("plan", "--out", "plan.json").code == 0
    applied = spawn(shop.folder, "apply", "plan.json")
    assert applied.code == 0, applied.said
    assert shows(elsewhere.issue("SHOP-56"))[0] == "Design"

    elsewhere.client.delete("/rest/api/2/issue/SHOP-61").raise_for_status()
    record = told(shop, "check", "--full", code=1)
    assert record["items"]["jira"] == len(elsewhere.issues())


def test_the_first_hour_there(elsewhere: Mocked, shop: Shop) -> None:
    """A server that knows neither boards nor permissions is looked at, proposed for and examined all the same."""
    before, url = elsewhere.issues(), elsewhere.url
    first = told(shop, "check", "--jira", url, "--project", "SHOP", code=1)
    assert first["items"] == {"jira": len(before)}
    assert not [found for found in first["findings"] if found["rule"] == "unknown-status"]
    shop.file.unlink()
    done = shop.run("init", "--jira", url, "--project", "SHOP", "--yes", "--no-baseline")
    assert done.code == 0, done.said
    assert "covers 59 of 59 open issues" in done.said
    # It lists one resolution, and its issues show three.
    checks = [check for section in told(shop, "doctor")["sections"] for check in section["checks"]]
    assert {check["name"]: check["said"] for check in checks}["resolutions"] == "2 named, all known"
    assert elsewhere.issues() == before
