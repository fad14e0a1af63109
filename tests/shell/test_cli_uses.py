"""One tracker alone, trackers that are only read, Data Center; and what a screen looks like anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from product import spawn
from trackersync.sandbox.shop import ACCOUNTS

if TYPE_CHECKING:
    from pathlib import Path

    from product import Ran, Shop


def receipts(record: dict[str, list[dict[str, str]]]) -> dict[tuple[str, str], str]:
    return {(change["key"], change["field"]): change["receipt"] for change in record["changes"]}


def saved(shop: Shop) -> Path:
    file = shop.folder / "plan.json"
    assert shop.run("plan", "--out", str(file)).code == 0
    return file


# Uses of their own


def test_github_alone_is_a_whole_use(shop: Shop) -> None:
    shop.only("github")
    shop.settings["sync"] = {}
    shop.configure()
    record = shop.json("check", code=1)
    assert (record["tasks"], record["items"]) == (42, {"github": 42})
    found = {finding["rule"] for finding in record["findings"]}
    assert found == {"no-owner", "many-owners", "clashing-stage-labels", "stuck-in-stage", "role-vacant"}
    done = shop.run("check", "--fail-on", "warning")
    assert done.code == 1
    assert "jira" not in done.said
    assert "linked" not in done.said
    sync = shop.run("sync")
    assert sync.code == 0, sync.out
    assert "42 items; complete" in shop.run("sync", "--full").out
    assert shop.sandbox.jira.reads == 0
    assert shop.writes == 0


def test_a_tracker_that_may_not_be_written_is_not(shop: Shop) -> None:
    shop.tracker("github", writes="none")
    shop.tracker("jira", writes="none")
    assert shop.run("check").code == 1
    record = shop.json("plan")
    assert record["changes"] == []
    assert shop.json("sync", "--yes")["changes"] == []
    assert shop.writes == 0


def test_only_the_fields_that_may_be_written_are(shop: Shop) -> None:
    shop.tracker("github", writes=["owners"])
    record = shop.json("plan")
    assert {change["field"] for change in record["changes"] if change["tracker"] == "github"} == {"owners"}


def test_without_an_email_it_is_data_center(shop: Shop) -> None:
    # Data Center knows people by their user names, which are the shop's logins.
    for person in shop.settings["people"]:
        person["jira"] = [person["name"]]
    shop.tracker("jira", email=None)

    record = shop.json("check", code=1)
    assert sum(record["counts"].values()) == 18
    assert any(request.path == "/rest/api/2/search" for request in shop.sandbox.jira.requests)
    shop.approved()
    shop.sandbox.meanwhile()
    assert set(receipts(shop.json("sync")).values()) == {"applied"}
    assert shop.sandbox.jira.issue("SHOP-51").assignee == ACCOUNTS["ada-l"]
    shop.clear()
    assert shop.json("sync")["changes"] == []
    assert shop.writes == 0


# The screen itself


def test_without_a_terminal_it_is_plain(shop: Shop) -> None:
    done = spawn(shop.folder, "check", NO_COLOR="1")
    assert "\x1b" not in done.out + done.err
    assert not set("✗✓→…·") & set(done.out)
    assert done.err == "", "no progress line where nobody watches"


def test_eighty_columns_are_enough(shop: Shop) -> None:
    from trackersync.report.text.screen import Screen  # noqa: PLC0415  # only this test draws by itself

    screen, drawn = Screen.into(80)
    screen.say("word " * 60)
    screen.table([("SHOP-42 = shop#17", "owners", "x" * 90, "ada-l")], shrink=(2,))
    assert max(map(len, drawn.getvalue().splitlines())) <= 80


def all_screens(shop: Shop) -> list[Ran]:
    digest = shop.json("plan")["digest"]
    return [
        shop.run("check", "--all"),
        shop.run("plan", "--all"),
        shop.run("sync"),
        shop.run("sync", "--approve", digest, "--all"),
        shop.run("sync"),
        shop.run("stages"),
        shop.run("stages", "deployment"),
        shop.run("stages", "build"),
    ]


def test_hostile_titles_neither_command_the_terminal_nor_widen_the_screen(shop: Shop) -> None:
    shop.sandbox.github.edit(28, title="\x1b[31mred\x1b[0m \x07 [bold]no markup[/bold] " + "very long " * 40)
    shop.sandbox.jira.edit("SHOP-31", summary="[link=https://example.org]here[/link] \r\n\t\u202e backwards")
    for done in all_screens(shop):  # every run is searched for lines wider than 100
        assert "\x1b" not in done.out
        assert "\x07" not in done.out
        assert "\u202e" not in done.out
    assert "[bold]no markup[/bold]" in shop.run("check").out
