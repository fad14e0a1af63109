"""``trackersync people`` on the sample shop: who is who, why, and how much open work each has; told from the store."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from product import WIDEST, spawn
from trackersync.connector import Page
from trackersync.core.likeness import Confidence, Proposal
from trackersync.core.model import Account, Item, ItemRef
from trackersync.report.people import line
from trackersync.report.text.people import people_screen
from trackersync.report.text.screen import Screen
from trackersync.sandbox.shop import ACCOUNTS
from trackersync.sandbox.shop_table import Row, rows
from trackersync.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from product import Shop

NAMES = {"ada-l": "Ada Lovelace", "grace-h": "Grace Hopper", "kath-j": "Katherine Johnson"}
"""What Jira calls some of the people; the others it calls by their logins."""


def is_open(row: Row) -> bool:
    """The shop's own table, read without a line of trackersync: who says it is not finished, or says nothing else."""
    jira = row.jira is not None and row.status != "Done"
    github = row.github is not None and row.reason is None and bool(row.labels or row.jira is None)
    return jira or github


def keys_of(name: str) -> set[tuple[str, ...]]:
    """The open tasks that somebody owns in either tracker, as a screen calls their items."""
    mine = [row for row in rows() if is_open(row) and name in {row.assignee, *row.assignees}]
    return {
        (*((f"SHOP-{row.jira}",) if row.jira else ()), *((f"shop#{row.github}",) if row.github else ())) for row in mine
    }


def strangers(shop: Shop, *names: str) -> None:
    """Take some people's Jira accounts out of the configuration, and their addresses too."""
    for person in shop.settings["people"]:
        if person["name"] in names:
            del person["jira"], person["email"]
    shop.configure()


def missing(shop: Shop, *names: str) -> None:
    """Take some people out of the configuration."""
    shop.settings["people"] = [person for person in shop.settings["people"] if person["name"] not in names]
    shop.configure()


def renamed(shop: Shop) -> None:
    """Give people names in Jira that are not their logins."""
    users = shop.sandbox.jira.users
    users.update({ACCOUNTS[login]: replace(users[ACCOUNTS[login]], display_name=name) for login, name in NAMES.items()})


def told(shop: Shop, accounts: Iterable[Account]) -> None:
    """Let the store have been told of some accounts."""
    with open_store(f"sqlite:///{shop.folder / 'trackersync.db'}") as store:
        scan = store.begin_scan("jira", "", datetime.now(UTC))
        store.put_page("jira", Page((), tuple(accounts)), scan=scan)


def mailed(shop: Shop, *names: str, verified: bool) -> None:
    """Let Jira have shown the addresses of some people."""
    told(
        shop,
        (
            Account("jira", ACCOUNTS[name], NAMES.get(name, name), f"{name}@acme.example", True, True, verified)
            for name in names
        ),
    )


def by_person(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["person"]: one for one in record["matched"]}


def test_everybody_is_matched_by_configuration_with_their_open_work(shop: Shop) -> None:
    shop.run("check")
    shop.clear()
    record = shop.json("people")

    assert record["accounts"] == {"matched": 16, "proposed": 0, "unmapped": 0}
    assert sum(map(is_open, rows())) == 36, "the oracle counts as the screens do"
    found = by_person(record)
    assert {name: one["open"] for name, one in found.items()} == {name: len(keys_of(name)) for name in ACCOUNTS}
    assert [one["open"] for one in record["matched"]] == sorted(
        (one["open"] for one in record["matched"]), reverse=True
    )
    assert found["alan-t"]["roles"] == ["QA tester", "engineer"]
    assert found["ada-l"]["accounts"] == [
        {"tracker": "github", "account": "ada-l", "name": "ada-l", "active": None, "human": None, "seen": True,
         "reason": "configuration", "confidence": "certain"},
        {"tracker": "jira", "account": ACCOUNTS["ada-l"], "name": "ada-l", "active": True, "human": True, "seen": True,
         "reason": "configuration", "confidence": "certain"},
    ]  # fmt: skip
    assert shop.reads == shop.writes == 0, "it tells what was read and asks nobody"


def test_the_screen_says_the_same(shop: Shop) -> None:
    shop.run("check")
    strangers(shop, "tim-b")
    missing(shop, "radia-p")
    told(shop, [Account("jira", "app-7", "Automation for Jira", None, True, human=False)])
    done = shop.run("people")

    assert done.code == 0
    assert re.match(r"from the store: github \d+ s old, jira \d+ s old\n\n", done.out)
    assert "7 people    13 accounts matched    2 proposed    1 unmapped" in done.out
    lines = done.out.splitlines()
    (ada,) = [line for line in lines if "ok ada-l" in line]
    assert ada.split() == ["ok", "ada-l", str(len(keys_of("ada-l"))), "ada-l", "ada-l", "engineer", "configuration"]
    (tim,) = [line for line in lines if "! jira" in line and "tim-b" in line]
    assert "tim-b (inactive)" in tim
    assert 'low: same name "tim-b"' in tim
    (app,) = [line for line in lines if "Automation" in line]
    assert app.split() == ["-", "jira", "Automation", "for", "Jira", "(app-7)", "(app)", "-"]
    assert f"{{name: radia-p, github: radia-p, jira: {ACCOUNTS['radia-p']}}}" in done.out


def test_what_is_proposed_can_be_pasted(shop: Shop) -> None:
    renamed(shop)
    shop.run("check")
    missing(shop, "kath-j", "radia-p")
    strangers(shop, "grace-h")
    mailed(shop, "grace-h", "kath-j", verified=False)
    screen = shop.run("people").out
    record = shop.json("people")

    assert {(one["name"], *one["could_be"], one["confidence"]) for one in record["proposed"]} == {
        ("Grace Hopper", "grace-h", "fair"),
        ("Katherine Johnson", "kath-j", "fair"),
        ("radia-p", "radia-p", "low"),
    }
    (kath,) = (one for one in record["proposed"] if one["could_be"] == ["kath-j"])
    assert kath["open"] == len(keys_of("kath-j")), "what both of them own"
    pasted = yaml.safe_load("people:" + screen.partition("\npeople:")[2].partition("\n\n")[0])["people"]
    assert len(pasted) == 3
    assert all(one["line"] in screen for one in record["proposed"])
    shop.settings["people"] += pasted
    shop.configure()
    after = shop.json("people")
    assert after["accounts"] == {"matched": 16, "proposed": 0, "unmapped": 0}
    assert by_person(after)["grace-h"]["open"] == len(keys_of("grace-h"))


def test_people_in_a_table_get_a_row_of_it(shop: Shop) -> None:
    shop.run("check")
    strangers(shop, "tim-b")
    table = StringIO()
    writer = csv.DictWriter(table, ["name", "roles", "jira", "github"], extrasaction="ignore")
    writer.writeheader()
    for person in shop.settings["people"]:
        writer.writerow({**person, "roles": ";".join(person["roles"]), "jira": ";".join(person.get("jira", ()))})
    file = shop.folder / "people.csv"
    file.write_text(table.getvalue(), encoding="utf-8")
    shop.settings["people"] = {"file": "people.csv"}
    shop.configure()

    done = shop.run("people")
    assert "If it is so, add to people.csv:" in done.out
    row = f"tim-b,,{ACCOUNTS['tim-b']},"
    assert f"\n{row}\n" in done.out
    with file.open("a", encoding="utf-8") as more:
        more.write(row + "\n")
    assert shop.json("people")["accounts"] == {"matched": 16, "proposed": 0, "unmapped": 0}


def test_a_verified_address_is_used_and_says_so(shop: Shop) -> None:
    for person in shop.settings["people"]:
        if person["name"] == "grace-h":
            del person["jira"]
    shop.configure()
    renamed(shop)
    shop.run("check")
    before = by_person(shop.json("people"))["grace-h"]
    assert [account["tracker"] for account in before["accounts"]] == ["github"]
    left = {one["key"]: one["because"] for one in shop.json("plan")["left_alone"]}
    assert left["SHOP-51"].startswith(f"its owner {ACCOUNTS['grace-h']} is nobody we know")
    mailed(shop, "grace-h", verified=True)

    record = shop.json("plan")
    assert "SHOP-51" not in {one["key"] for one in record["left_alone"]}
    assert ["grace-h"] in [one["after"] for one in record["changes"] if one["key"] == "acme/shop#32"]
    grace = by_person(shop.json("people"))["grace-h"]
    assert grace["accounts"][1]["reason"] == "verified e-mail grace-h@acme.example"
    assert grace["accounts"][1]["confidence"] == "high"
    assert grace["open"] == len(keys_of("grace-h")) > before["open"]
    assert "verified e-mail" in shop.run("people").out
    assert "high: verified e-mail grace-h@acme.example" in shop.run("people", "Grace Hopper").out


@pytest.mark.parametrize("name", ["kath-j", "KATH-J", ACCOUNTS["kath-j"], "kath-j@acme.example", "Katherine Johnson"])
def test_one_person_by_any_of_their_names(shop: Shop, name: str) -> None:
    renamed(shop)
    shop.run("check")
    record = shop.json("people", name)

    (kath,) = record["matched"]
    assert kath["person"] == "kath-j"
    assert {tuple(keys) for keys in kath["tasks"]} == keys_of("kath-j")
    done = shop.run("people", name)
    assert done.code == 0
    for keys in keys_of("kath-j"):
        assert " = ".join(keys) in done.out
    assert "kath-j    operations, sales    kath-j@acme.example" in done.out


def test_an_account_that_is_nobodys_by_its_name(shop: Shop) -> None:
    renamed(shop)
    shop.run("check")
    missing(shop, "ada-l", "kath-j")
    mailed(shop, "kath-j", verified=False)

    nobody = shop.run("people", "Ada Lovelace")
    assert f"! jira   Ada Lovelace ({ACCOUNTS['ada-l']})   nobody's" in nobody.out
    (one,) = shop.json("people", ACCOUNTS["ada-l"])["unmapped"]
    assert one["open"] == len(one["tasks"])
    possible = shop.run("people", ACCOUNTS["kath-j"])
    assert "could be kath-j, who is kath-j in github; fair: e-mail kath-j@acme.example, as their login" in possible.said


def test_nobody_of_that_name(shop: Shop) -> None:
    shop.run("check")
    done = shop.run("people", "grace")
    assert done.code == 2
    assert 'nobody is called "grace", in any tracker' in done.err
    assert 'did you mean "grace-h"?' in done.err
    assert shop.json("people", "grace", code=2)["error"]["exit"] == 2


def test_an_empty_store_says_so_and_what_fills_it(shop: Shop) -> None:
    done = shop.run("people")
    assert done.code == 0
    assert done.out.startswith("from the store: nothing, no tracker has been read yet. 8 people configured.")
    assert "trackersync check    reads github and jira into the store" in done.out
    record = shop.json("people")
    assert record["read"] == {"github": None, "jira": None}
    assert record["accounts"] == {"matched": 0, "proposed": 0, "unmapped": 0}
    assert (shop.reads, shop.writes) == (0, 0)
    elsewhere = shop.run("people", "--store", "sqlite:///other.db", "--config", "trackersync.yaml")
    assert "trackersync check --config trackersync.yaml --store sqlite:///other.db" in elsewhere.out


def test_without_a_configuration_it_is_a_mistake(shop: Shop) -> None:
    shop.file.unlink()
    done = shop.run("people")
    assert (done.code, done.out) == (2, "")
    assert "there is no configuration" in done.err


def test_one_tracker_alone(shop: Shop) -> None:
    shop.only("github")
    missing(shop, "ada-l", "tim-b")
    shop.run("check")
    done, record = shop.run("people"), shop.json("people")
    assert "jira" not in done.said
    assert "6 people" in done.out
    assert [(one["account"], one["open"] > 0) for one in record["unmapped"]] == [("ada-l", True), ("tim-b", True)]
    assert record["proposed"] == []


def test_many_trackers_share_a_column(shop: Shop) -> None:
    for number in range(1, 4):
        shop.settings["trackers"][f"jira{number}"] = {**shop.settings["trackers"]["jira"], "aliases": []}
        for person in shop.settings["people"]:
            person[f"jira{number}"] = person["jira"]
    for number in range(1, 4):
        shop.settings["trackers"][f"jira{number}"]["url"] += f"/{number}"
    shop.configure()
    shop.run("check")
    done = shop.run("people")  # every run is searched for lines wider than 100
    (ada,) = [line for line in done.out.splitlines() if "ok ada-l" in line]
    assert "github ada-l, jira ada-l" in ada
    assert "jira1 not read to its end" in done.out


@pytest.mark.parametrize("width", [80, WIDEST])
def test_two_thousand_accounts(shop: Shop, width: int) -> None:
    shop.run("check")
    crowd = [Account("jira", f"5b{number:06}", f"Visitor Number {number}", None, True, True) for number in range(2_000)]
    with open_store(f"sqlite:///{shop.folder / 'trackersync.db'}") as store:
        scan = store.begin_scan("jira", "", datetime.now(UTC))
        mine = next(iter(store.items("jira")))
        busy = [owned(mine, 90_000 + place, crowd[number].id) for place, number in enumerate((7, 7, 8))]
        store.put_page("jira", Page(tuple(busy), tuple(crowd)), scan=scan)
    done = spawn(shop.folder, "people", COLUMNS=str(width))
    assert done.code == 0
    assert "2,000 unmapped" in done.out
    assert "1,990 more: --all, or --format json" in done.out
    unmapped = done.out.partition("unmapped - 2,000")[2].splitlines()
    assert [line.split()[2:5] for line in unmapped[1:3]] == [["Visitor", "Number", "7"], ["Visitor", "Number", "8"]]
    assert [line.split()[-1] for line in unmapped[1:4]] == ["2", "1", "-"], "most work first"
    assert len(shop.run("people", "--all").out.splitlines()) > 2_000
    assert len(shop.json("people")["unmapped"]) == 2_000


def owned(item: Item, serial: int, owner: str) -> Item:
    """Another open item of this tracker, owned by somebody."""
    facts = {**item.facts, "owners": (owner,), "status": ("In Progress",), "resolution": ()}
    ref, key = ItemRef("jira", str(serial)), f"SHOP-{serial}"
    return replace(item, ref=ref, key=key, title="A task", facts=facts, urls=(), keys=())


@pytest.mark.parametrize("width", [80, WIDEST])
def test_nothing_is_wider_than_the_terminal(shop: Shop, width: int) -> None:
    from trackersync.cli.running import Common, configured  # noqa: PLC0415  # only this test draws by itself
    from trackersync.pipeline.recall import recalled  # noqa: PLC0415
    from trackersync.report.people import only, roster_of  # noqa: PLC0415
    from trackersync.report.text.people import lines, one_screen  # noqa: PLC0415

    renamed(shop)
    shop.run("check")
    strangers(shop, "grace-h", "alan-t", "tim-b")
    missing(shop, "kath-j", "radia-p")
    mailed(shop, "grace-h", "kath-j", verified=False)
    with recalled(configured(Common(None, None, "text"))) as found:
        roster = roster_of(found.session.terms.people.identity, found.world)
    screen, drawn = Screen.into(width)
    people_screen(screen, roster, datetime.now(UTC), every=True)
    lines(screen, roster, "trackersync.yaml", None, every=True)
    one_screen(screen, only(roster, "grace-h"), datetime.now(UTC))
    assert max(map(len, drawn.getvalue().splitlines())) <= width
    assert "✓ margaret-h" in drawn.getvalue()
    entries = yaml.safe_load("people:" + drawn.getvalue().partition("\npeople:")[2].partition("from the store")[0])
    assert len(entries["people"]) == len(roster.possible) == 5, "a folded line can be pasted too"


def test_without_a_terminal_it_is_plain(shop: Shop) -> None:
    shop.run("check")
    missing(shop, "radia-p")
    done = spawn(shop.folder, "people", NO_COLOR="1")
    assert "\x1b" not in done.out
    assert not set("✗✓→…·") & set(done.out)
    assert done.err == ""


def test_hostile_names_command_nobody(shop: Shop) -> None:
    shop.run("check")
    missing(shop, "radia-p")
    name = "\x1b[31mred\x1b[0m [bold]x[/bold] \u202e ok → … " + "long " * 60
    told(shop, [Account("jira", ACCOUNTS["radia-p"], name), Account("jira", "557058:1:2", f"other {name}")])
    told(shop, [Account("github", f"x{name}", name), Account("jira", "y: {z}", name)])
    for arguments in ((), ("--all",), ("radia-p",), ("557058:1:2",), (name,)):
        done = shop.run("people", *arguments)
        assert done.code == 0
        assert "\x1b" not in done.out
        assert "\u202e" not in done.out


@pytest.mark.parametrize(
    "name",
    ["José", "A → B · C", "x\u202ey", "\x1b[31mred", "null", "12:30", "1e3", "- a", "#b", '"q', "a: b, {c}", "'"],
)
def test_a_line_to_paste_means_what_it_says(name: str) -> None:
    twin, account = Account("github", name, name), Account("jira", f"{name}1", "Ada")
    text = line(Proposal(account, (name,), "same name", Confidence.LOW, twin))
    assert yaml.safe_load(text) == [{"name": name, "github": name, "jira": f"{name}1"}]
    assert text.isprintable()
    assert not set("✗✓→…·") & set(text), "which a plain screen would replace"
    assert ("José" in text) is (name == "José")
    row = line(Proposal(account, (name,), "same name", Confidence.LOW, twin), ["name", "jira", "roles", "github"])
    assert next(csv.reader([row])) == [name, f"{name}1", "", name]
    assert not line(Proposal(account, (name,), "", Confidence.LOW, twin), ["name", "jira"]), "no column for github"
    assert not line(Proposal(account, (name, "b"), "", Confidence.LOW)), "which of the two is for people to say"
