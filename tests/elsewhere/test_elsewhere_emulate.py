"""The real program between someone else's GitHub (npm ``emulate``) and the sandbox's Jira.

The server lacks ETag, GraphQL, ``/assignees``, an organisation's repositories, permissions and pull requests in the
list of issues; its labels differ by case, and a reason it does not know becomes ``completed``. Ours follows GitHub's
documentation all the same; where that does not work there, it says what and why, and goes on with the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elsewhere.emulated import Emulated, emulating, installed, shows
from product import Shop, spawn
from trackersync.sandbox import Options, running
from trackersync.sandbox.shop import ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from product import Ran

# With xdist all of it in one worker, which installs the server once.
pytestmark = pytest.mark.xdist_group("elsewhere")

UNTOLD = "this server does not say who can be assigned (404 on /repos/acme/shop/assignees"


@pytest.fixture(scope="session")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("npm"))


@pytest.fixture
def elsewhere(entry: Path, shop: Shop) -> Iterator[Emulated]:
    """The sample shop's issues at the other server, and the shop's configuration pointed at it."""
    with emulating(entry, shop.folder, tuple(ACCOUNTS)) as server:
        issues = [issue for _, issue in sorted(shop.sandbox.github.issues.items()) if not issue.pull]
        for issue in issues:
            server.open(issue)
        assert server.issues().keys() == {issue.number for issue in issues}
        shop.settings["limits"]["share"] = "50%"
        shop.tracker("github", url=server.url)
        yield server


def run(shop: Shop, *arguments: str) -> Ran:
    """The program, in this process: a run is then three times as fast."""
    return shop.run(*arguments)


def told(shop: Shop, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What it says to a program."""
    done = run(shop, *arguments, "--format", "json")
    assert done.code == code, done.said
    return done.record


def faults(record: dict[str, Any]) -> list[tuple[str, str, tuple[str, ...]]]:
    return sorted(
        (found["rule"], found["severity"], tuple(sorted(item["key"] for item in found["items"])))
        for found in record["findings"]
        # There all issues were made just now.
        if found["rule"] != "stuck-in-stage"
    )


def test_check_finds_the_same_there_as_at_our_own_stand_in(elsewhere: Emulated, shop: Shop) -> None:
    there = told(shop, "check", code=1)
    shop.tracker("github", url=shop.sandbox.github_url)
    shop.folder.joinpath("trackersync.db").unlink()
    here = told(shop, "check", code=1)

    assert len(there["findings"]) == 17
    assert faults(there) == faults(here)
    assert (there["tasks"], there["items"]) == (here["tasks"], here["items"]) == (48, {"github": 42, "jira": 44})


def test_a_full_sync_writes_what_was_planned_and_then_nothing(elsewhere: Emulated, shop: Shop) -> None:
    before = elsewhere.issues()
    planned = spawn(shop.folder, "plan", "--format", "json").record
    assert elsewhere.issues() == before, "a plan writes nothing"

    first = spawn(shop.folder, "sync", "--yes", "--all")
    after, jira = elsewhere.issues(), dict(shop.sandbox.jira.issues)
    assert first.code == 0, first.said
    assert "13 of 13 applied" in first.said
    assert UNTOLD in first.said
    assert {number for number in after if shows(after[number]) != shows(before[number])} == {
        int(change["key"].rpartition("#")[2]) for change in planned["changes"] if change["tracker"] == "github"
    }
    for number, old, new in ((15, "build", "verify"), (17, "idea", "build")):
        was, now = shows(before[number])[0], shows(after[number])[0]
        assert (was - now, now - was) == ({f"stage: {old}"}, {f"stage: {new}"})
    assert shows(after[32])[3] == {"grace-h"}
    assert all((after[n]["title"], after[n]["body"]) == (before[n]["title"], before[n]["body"]) for n in after)

    for _ in range(2):
        again = told(shop, "sync")
        assert (again["changes"], again["requests"]["github"].get("write", 0)) == ([], 0)
        assert again["requests"]["github"]["read"] == 1, "without ETags, one ordinary request"
    assert elsewhere.issues() == after
    assert dict(shop.sandbox.jira.issues) == jira


def test_edits_on_either_side_are_carried_over_and_a_run_is_taken_back(elsewhere: Emulated, shop: Shop) -> None:
    assert run(shop, "sync", "--yes").code == 0
    shop.sandbox.jira.edit("SHOP-42", status="In Review", by="ada-l")
    shop.sandbox.jira.edit("SHOP-41", assignee=ACCOUNTS["margaret-h"], by="susan-k")
    elsewhere.relabel(37, "stage: requirements", "stage: design")
    elsewhere.hand_over(32, "ada-l")
    elsewhere.edit(34, state="closed", state_reason="not_planned")

    record = told(shop, "sync")
    jira = {issue.key: issue for issue in shop.sandbox.jira.issues.values()}
    assert {change["receipt"] for change in record["changes"]} == {"applied"}
    assert "stage: verify" in shows(elsewhere.issue(17))[0]
    assert shows(elsewhere.issue(16))[3] == {"margaret-h"}
    assert jira["SHOP-56"].status == "Design"
    assert jira["SHOP-51"].assignee == ACCOUNTS["ada-l"]
    assert (jira["SHOP-53"].status, jira["SHOP-53"].resolution) == ("Done", "Won't Do"), "several transitions away"
    assert told(shop, "sync")["changes"] == []

    shop.sandbox.jira.edit("SHOP-54", status="Done", resolution="Done", by="alan-t")
    assert told(shop, "sync")["changes"]
    assert shows(elsewhere.issue(35))[1:3] == ("closed", "completed")
    assert run(shop, "undo", "4", "--yes").code == 0
    assert shows(elsewhere.issue(35))[1] == "open"


def test_more_issues_than_a_page_holds_are_all_read_once(elsewhere: Emulated, shop: Shop) -> None:
    source = shop.sandbox.github.issues[26]
    for _ in range(250):
        elsewhere.open(source)
    first = told(shop, "check", code=1)
    again = told(shop, "check", code=1)

    assert first["items"]["github"] == 292
    assert again["items"]["github"] == 292
    assert faults(first) == faults(again)
    assert shop.writes == 0


def test_whom_that_server_does_not_know_is_reported_and_nobody_else_is_held_up(elsewhere: Emulated, shop: Shop) -> None:
    """GitHub would have said beforehand that nobody of that name can be assigned."""
    for person in shop.settings["people"]:
        if person["name"] == "kath-j":
            person["github"] = "unheard-of"
    shop.configure()
    done = run(shop, "sync", "--yes", "--all")

    assert done.code == 5
    assert "rejected: GitHub answered 422 (Validation failed) on assigning unheard-of on acme/shop#36" in done.said
    assert shows(elsewhere.issue(36))[3] == frozenset()
    assert shows(elsewhere.issue(32))[3] == {"grace-h"}
    assert told(shop, "sync")["changes"] == [], "what was refused is not tried again and again"


def test_a_place_that_it_does_not_have_is_refused_before_anything_is_sent(elsewhere: Emulated, shop: Shop) -> None:
    """It knows no issue types, and would take such a request without a word."""
    assert run(shop, "sync", "--yes").code == 0
    before = elsewhere.issues()
    shop.settings["trackers"]["github"]["stages"]["prototype"] = {"type": "Experiment"}
    shop.configure()
    shop.sandbox.jira.edit("SHOP-39", status="Prototype", by="susan-k")
    done = run(shop, "sync", "--yes", "--all")

    assert done.code == 5
    assert "rejected: acme/shop has no issue types, so Experiment cannot be set; nothing was written" in done.said
    assert elsewhere.issues() == before


@pytest.mark.parametrize(
    ("settings", "stage", "sentence"),
    [
        (
            {"project": {"owner": "acme", "number": 1}},
            {"board": "In Progress"},
            "project 1 of acme cannot be found (GitHub answered 404 (Not Found) on reading the fields of project 1",
        ),
        ({"field": "Stage"}, {"field": "Build"}, "acme/shop: its issue fields cannot be read"),
        (
            {"evidence": ["pulls"]},
            {"labels": ["stage: build"]},
            "evidence (pulls) needs GraphQL, and GitHub answered 404 on POST /graphql: this host serves no GraphQL",
        ),
        (
            {"repositories": ["acme/*"]},
            {"labels": ["stage: build"]},
            "the repositories of acme are not known: GitHub answered 404",
        ),
    ],
    ids=["board", "field", "evidence", "pattern"],
)
def test_what_it_lacks_is_named_and_jira_is_looked_at_all_the_same(
    elsewhere: Emulated, shop: Shop, settings: dict[str, object], stage: dict[str, object], sentence: str
) -> None:
    before = elsewhere.issues()
    shop.settings["trackers"]["github"]["stages"]["build"] = stage
    shop.tracker("github", **settings)
    done = run(shop, "check")
    assert done.code == 4
    assert sentence in done.said
    assert "SHOP-27" in done.out
    assert run(shop, "sync", "--yes").code == 4
    assert elsewhere.issues() == before


def test_a_whole_team_can_be_on_that_server_alone(entry: Path, folder: Path) -> None:
    with running(Options()) as sandbox, emulating(entry, folder, tuple(ACCOUNTS)) as server:
        shop = Shop(sandbox, folder)
        shop.only("github")
        shop.tracker("github", url=server.url)
        server.open(sandbox.github.issues[26])
        assert told(shop, "check")["counts"] == {"no-owner": 1}
        assert told(shop, "sync", "--yes")["changes"] == []


def test_the_first_hour_there(elsewhere: Emulated, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without GraphQL and permissions is looked at, proposed for and examined all the same."""
    before = elsewhere.issues()
    monkeypatch.setenv("GITHUB_API_URL", elsewhere.url)
    first = run(shop, "check", "acme/shop")
    assert first.code == 1, first.said
    assert "github acme/shop 42 items; complete" in first.said
    assert "no owner 11 duplicate owner 2 stage drift 1" in first.said
    shop.file.unlink()
    done = run(shop, "init", "acme/shop", "--yes", "--no-baseline", "--delivery", "delivery")
    assert done.code == 0, done.said
    assert "covers 28 of 33 open issues" in done.said
    examined = told(shop, "doctor")
    grades = [check["grade"] for section in examined["sections"] for check in section["checks"]]
    assert "error" not in grades
    assert elsewhere.issues() == before
