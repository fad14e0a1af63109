"""``check`` on the sample shop: what is asked for, what is new and gone, baselines, silences, and no request at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from trackersync.sandbox.faults import answer

if TYPE_CHECKING:
    from pathlib import Path

    from product import Shop


def keys(record: dict[str, Any], **of: object) -> list[str]:
    return [
        one["subject"] or one["items"][0]["key"].rpartition("/")[2]
        for one in record["findings"]
        if all(one[name] == value for name, value in of.items())
    ]


def test_only_what_is_asked_for(shop: Shop) -> None:
    some = shop.json("check", "--select", "no-owner,many-owners", "--project", "SHOP", code=1)
    assert {one["rule"] for one in some["findings"]} == {"no-owner", "many-owners"}
    assert keys(some, rule="no-owner") == ["SHOP-31", "SHOP-38", "SHOP-47"]
    assert keys(shop.json("check", "--offline", "--owner", "tim-b")) == ["SHOP-24"]
    verify = shop.json("check", "--offline", "--stage", "Verify", "--select", "no-owner", code=1)
    assert keys(verify) == ["SHOP-38"]
    # What is left out fails nothing.
    assert shop.run("check", "--offline", "--select", "many-owners").code == 0
    assert shop.run("check", "--offline", "--ignore", "no-owner", "--ignore", "owners-*,structure,stages").code == 0


def test_what_is_new_and_what_is_gone_is_told_each_time(shop: Shop) -> None:
    first = shop.json("check", code=1)
    assert (first["gone"], keys(first, new=True)) == ([], [])
    shop.sandbox.github.edit(42, assignees=())
    shop.sandbox.jira.edit("SHOP-61", assignee=None)
    shop.sandbox.jira.edit("SHOP-31", assignee=shop.sandbox.jira.issue("SHOP-35").assignee)

    second = shop.run("check")
    assert "1 new, 1 gone since" in second.said
    assert second.code == 1
    # The next one compares with this one.
    third = shop.json("check", "--offline", code=1)
    assert (keys(third, new=True), third["gone"]) == ([], [])


def test_of_what_changed_since_the_last_run(shop: Shop) -> None:
    shop.json("check", code=1)
    shop.sandbox.github.edit(19, title="Serve pictures from a nearer cache")
    assert keys(shop.json("check", "--changed")) == ["shop#19"]
    assert keys(shop.json("check", "--changed")) == []


def test_a_team_starts_today_with_a_baseline(shop: Shop, folder: Path) -> None:
    made = shop.run("check", "--baseline", "known.json", "--update-baseline")
    assert made.code == 0
    known = json.loads((folder / "known.json").read_text(encoding="utf-8"))
    assert len(known["findings"]) == 18
    assert "Refund" not in (folder / "known.json").read_text(encoding="utf-8")

    assert "0 new since the baseline, 18 known, 0 gone" in shop.run("check", "--baseline", "known.json").said
    shop.sandbox.jira.edit("SHOP-53", assignee=None)
    shop.sandbox.jira.edit("SHOP-31", assignee=shop.sandbox.jira.issue("SHOP-35").assignee)
    failed = shop.run("check", "--baseline", "known.json")
    assert failed.code == 1
    assert "1 new since the baseline, 17 known, 1 gone" in failed.said
    record = shop.json("check", "--offline", "--baseline", "known.json", code=1)
    assert keys(record, known=False) == ["SHOP-53"]


def test_offline_sends_nothing(shop: Shop) -> None:
    empty = shop.run("check", "--offline")
    assert (empty.code, "nothing was read yet" in empty.said) == (2, True)
    before = shop.json("check", code=1)
    shop.clear()
    after = shop.json("check", "--offline", code=1)
    assert [one["message"] for one in after["findings"]] == [one["message"] for one in before["findings"]]
    assert "from the store:" in shop.run("check", "--offline").out
    assert shop.reads == shop.writes == 0


def test_what_a_team_does_not_want_to_hear_of(shop: Shop) -> None:
    shop.settings["silence"] = [
        {"rules": ["no-owner"], "tasks": ["SHOP-31"], "reason": "waits for the new year", "until": "2999-12-31"},
        {"rules": ["many-owners"], "projects": ["acme/*"], "reason": "we pair", "until": "2026-01-01"},
    ]
    shop.configure()
    done = shop.run("check")
    assert "no owner 4" in done.out
    assert "1 silenced" in done.said
    assert "2026-01-01" in done.said
    record = shop.json("check", "--offline", code=1)
    assert [one["reason"] for one in record["silenced"]] == ["waits for the new year"]


def test_a_rule_that_is_off_runs_when_it_is_named(shop: Shop) -> None:
    everything = shop.json("check", code=1)
    assert "unlinked-task" not in everything["counts"]
    asked = shop.json("check", "--offline", "--select", "unlinked-task")
    assert keys(asked, new=True) == [], "nobody has looked for it before"
    assert asked["counts"]["unlinked-task"] == 6
    # It is neither new nor gone for the checks that do not ask for it.
    assert shop.json("check", "--offline", code=1)["gone"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--select", "no-ownr"], 'did you mean "no-owner"?', id="a rule"),
        pytest.param(["--ignore", "colour"], 'no rule, family or place is named "colour"', id="no rule at all"),
        pytest.param(["--stage", "biuld"], 'did you mean "build"?', id="a stage"),
        pytest.param(["--baseline", "none.json"], "--update-baseline", id="no baseline"),
        pytest.param(["--baseline", "trackersync.yaml"], "is no baseline: it is not JSON", id="no baseline in it"),
        pytest.param(["--update-baseline"], "needs a file", id="a baseline without a file"),
        pytest.param(
            ["--baseline", "x.json", "--update-baseline", "--owner", "ada-l"],
            "leave --owner out",
            id="part of a baseline",
        ),
        pytest.param(["--offline", "--changed"], "leave --offline out", id="no look"),
    ],
)
def test_what_cannot_be_asked_for_is_told_before_anything_is_read(shop: Shop, arguments: list[str], words: str) -> None:
    done = shop.run("check", *arguments)
    assert done.code == 2
    assert words in done.said
    assert shop.reads == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--owner", "ada"], 'nobody is called "ada"', id="an owner"),
        pytest.param(["--owner", "grase-h"], 'did you mean "grace-h"?', id="an owner, nearly"),
        pytest.param(["--project", "SHIP"], 'did you mean "SHOP"?', id="a project"),
        pytest.param(["--project", "acme/x*"], "no project or repository is called", id="a pattern"),
    ],
)
def test_whom_nobody_knows_is_no_clean_bill(shop: Shop, arguments: list[str], words: str) -> None:
    done = shop.run("check", *arguments)
    assert done.code == 2
    assert words in done.said


def test_what_only_lies_in_a_tracker_that_was_never_read_is_not_missed(shop: Shop) -> None:
    shop.sandbox.jira.faults.add(answer(503, "", {"retry-after": "0"}), times=10_000)
    shop.tracker("jira", patience="1 s")
    done = shop.json("check", code=4)
    assert "no-owner" not in done["counts"]
    assert "many-owners" in done["counts"]
    told = shop.run("check", "--format", "github")
    assert told.out.startswith("::error title=jira not read::")
    kept = shop.run("check", "--baseline", "known.json", "--update-baseline")
    assert (kept.code, (shop.folder / "known.json").exists()) == (4, False)
    assert "known.json was not written" in kept.said
    # Nothing of it is compared with later: all that is in jira would be new.
    shop.clear()
    whole = shop.json("check", code=1)
    assert (whole["counts"]["no-owner"], keys(whole, new=True)) == (5, [])


def test_what_the_command_line_asks_for_outdoes_what_the_configuration_picks(shop: Shop) -> None:
    shop.settings["check"] = {"select": ["stages"], "ignore": ["overdue"]}
    shop.settings["rules"] = {"many-owners": "off", "no-owner": {"stages": {"idea": "off"}}}
    shop.configure()
    assert {one["rule"] for one in shop.json("check", code=1)["findings"]}.isdisjoint({"no-owner", "many-owners"})
    family = shop.json("check", "--offline", "--select", "ownership", code=1)["counts"]
    assert (family["no-owner"], "many-owners" in family) == (3, False)
    assert shop.json("check", "--offline", "--select", "Many-Owners")["counts"]["many-owners"] == 2


def test_a_baseline_that_is_none_is_made_anew(shop: Shop, folder: Path) -> None:
    (folder / "known.json").write_text("<<<<<<< HEAD", encoding="utf-8")
    assert shop.run("check", "--baseline", "known.json").code == 2
    assert shop.run("check", "--baseline", "known.json", "--update-baseline").code == 0
    assert shop.run("check", "--baseline", "known.json", "--quiet").out == ""


def test_what_is_silenced_or_turned_off_is_not_mended(shop: Shop) -> None:
    shop.json("check", code=1)
    shop.settings["rules"] = {"owner-inactive": "off"}
    shop.settings["silence"] = [{"tasks": ["SHOP-31"], "reason": "next year", "until": "2999-12-31"}]
    shop.configure()
    assert shop.json("check", code=1)["gone"] == []


def test_no_silence_reaches_what_is_counted_together(shop: Shop) -> None:
    shop.settings["silence"] = [{"rules": ["role-vacant"], "reason": "known", "until": "2999-12-31"}]
    shop.configure()
    done = shop.run("check")
    assert (done.code, "rules: {role-vacant: off}" in done.said) == (2, True)


def test_json_bears_no_letter_that_commands_a_terminal(shop: Shop) -> None:
    shop.sandbox.github.edit(9, title="\u202eevil \u200b\x9b2J")
    shop.sandbox.jira.edit("SHOP-31", summary="\u202eevil\u2066")
    out = shop.run("check", "--format", "json").out
    assert not [letter for letter in out if not letter.isprintable() and letter != "\n"]
    assert "\\u202eevil" in out


@pytest.mark.parametrize(("form", "begins"), [("sarif", "{"), ("markdown", "## "), ("github", "::error")])
def test_every_format_tells_the_same_faults(shop: Shop, form: str, begins: str) -> None:
    done = shop.run("check", "--format", form)
    assert done.code == 1
    assert done.out.startswith(begins)
    assert "SHOP-31" in done.out
