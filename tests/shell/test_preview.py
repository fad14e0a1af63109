"""``preview``: what a changed configuration would do, from the store alone; held against what really happens then."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
import sqlite3
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from product import TOKENS, Shop, invoke
from trackersync.sandbox import Options, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from product import Ran

    Settings = dict[str, Any]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory, connectors_declared: None) -> Iterator[Shop]:
    """The shop, read once and planned once, so that the ways through its workflow are known."""
    with pytest.MonkeyPatch.context() as monkeypatch, running(Options()) as sandbox:
        folder = tmp_path_factory.mktemp("read")
        monkeypatch.chdir(folder)
        for name, token in TOKENS.items():
            monkeypatch.setenv(name, token)
        shop = Shop(sandbox, folder)
        shop.json("check", code=1)
        shutil.copy(folder / "trackersync.db", folder / "unasked.db")
        shop.json("plan")
        shop.clear()
        yield shop


@pytest.fixture
def shop(read: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The same, in its folder."""
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, token in TOKENS.items():
        monkeypatch.setenv(name, token)
    monkeypatch.chdir(read.folder)
    return read


def changed(shop: Shop, change: Callable[[Settings], object], name: str = "new.yaml") -> str:
    settings = copy.deepcopy(shop.settings)
    change(settings)
    (shop.folder / name).write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return name


def previewed(shop: Shop, change: Callable[[Settings], object], *more: str) -> dict[str, Any]:
    return shop.json("preview", "--config", changed(shop, change), *more)


def same(settings: Settings) -> None:
    settings["store"] = "sqlite:///elsewhere.db"


def vendor(settings: Settings) -> None:
    settings["trackers"]["jira"]["stages"]["build"] = {"statuses": ["In Progress", "Waiting for vendor"]}


def review_is_build(settings: Settings) -> None:
    jira = settings["trackers"]["jira"]["stages"]
    del jira["verify"]
    jira["build"] = {"statuses": ["In Progress", "In Review"]}


def jira_decides(settings: Settings) -> None:
    settings["sync"]["stage"] = {"authority": "jira", "adopt": "authority"}


def stricter(settings: Settings) -> None:
    settings["rules"] = {"no-owner": "warning", "many-owners": "off"}


def one_less(settings: Settings) -> None:
    settings["people"] = [one for one in settings["people"] if one["name"] != "ada-l"]


def another_repository(settings: Settings) -> None:
    settings["trackers"]["github"]["repositories"] = ["acme/shop", "acme/till"]


def github_alone(settings: Settings) -> None:
    del settings["trackers"]["jira"]
    settings["people"] = [{key: said for key, said in one.items() if key != "jira"} for one in settings["people"]]


def done_is_closed(settings: Settings) -> None:
    settings["trackers"]["jira"]["stages"]["done"] = {"statuses": ["Closed"]}


def kanban(settings: Settings) -> None:
    settings["delivery"] = "kanban"
    settings["trackers"]["github"]["stages"] = {
        "backlog": {"labels": ["stage: idea"]}, "in progress": {"labels": ["stage: build"]},
        "review": {"labels": ["stage: verify"]},
    }  # fmt: skip
    settings["trackers"]["jira"]["stages"] = {
        "backlog": {"statuses": ["Backlog", "To Do", "Research", "Requirements", "Design"]},
        "in progress": {"statuses": ["In Progress", "Prototype"]},
        "review": {"statuses": ["In Review", "Release", "Distribution", "Launch", "Support"]},
        "done": {"statuses": ["Done"], "set": {"resolution": "Done"}},
        "cancelled": {"statuses": ["Done"], "resolutions": ["Won't Do", "Duplicate"]},
    }


def moves(record: dict[str, Any]) -> dict[str, int]:
    return dict(Counter(f"{one['before'] or '?'} > {one['after'] or '?'}" for one in record["stages"]))


def rules(notes: list[dict[str, Any]]) -> dict[str, int]:
    return dict(Counter(one["rule"] for one in notes))


ALIKE: dict[str, Any] = {"stages": {}, "new": {}, "gone": {}, "changes": (0, 0, 13), "alike": True}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(same, ALIKE, id="another place of its own for a store"),
        pytest.param(
            vendor,
            # SHOP-27 was counted in build already, by what github says of it.
            {"stages": {}, "gone": {"unknown-status": 1}, "new": {}, "changes": (0, 0, 13)},
            id="a status that belonged to no stage",
        ),
        pytest.param(
            review_is_build,
            # A status for build covers verify now, and a label says which of the two it is.
            {"stages": {}, "new": {}, "gone": {"stages-disagree": 1}, "changes": (0, 1, 12)},
            id="two statuses for one stage",
        ),
        pytest.param(stricter, ALIKE | {"gone": {"many-owners": 2}, "alike": False}, id="rules only"),
        pytest.param(
            one_less,
            {"stages": {}, "new": {"owner-unknown": 8}, "gone": {}, "changes": (0, 2, 11)},
            id="a person less",
        ),
        pytest.param(another_repository, ALIKE, id="a repository that was never read"),
    ],
)
def test_what_differs_before_and_after(
    shop: Shop, change: Callable[[Settings], None], expected: dict[str, Any]
) -> None:
    record = previewed(shop, change)

    found = {
        "stages": moves(record),
        "new": rules(record["new_findings"]),
        "gone": rules(record["gone_findings"]),
        "changes": tuple(record["changes"].values()),
        "alike": record["alike"],
    }
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("change", [jira_decides, github_alone, kanban])
def test_it_foresees_what_a_check_and_a_plan_really_say(shop: Shop, change: Callable[[Settings], None]) -> None:
    record = previewed(shop, change)["after"]

    shutil.copy(shop.folder / "trackersync.db", shop.folder / "tried.db")
    now = ("--config", "new.yaml", "--store", "tried.db", "--format", "json")
    plan = invoke("plan", *now).record
    check = invoke("check", "--fail-on", "never", *now).record
    shop.clear()
    assert record["not_told"] == []
    assert (record["plan"]["digest"], record["plan"]["conflicts"]) == (plan["digest"], plan["conflicts"])
    assert record["plan"]["left_alone"] == plan["left_alone"]
    assert record["held"] == plan["held"]
    assert (record["places"], record["findings"]) == (check["places"], len(check["findings"]))
    assert record["open_tasks"] == check["open_tasks"]


def test_of_another_process_stages_compare_by_name(shop: Shop) -> None:
    record = previewed(shop, kanban)

    assert moves(record)["idea > backlog"] == 7
    assert {"keys": ["acme/shop#19"], "before": "build", "after": "in progress"} in record["stages"]
    assert not [one for one in record["stages"] if one["before"] == one["after"]]
    assert {"part": "delivery", "words": "delivery, 13 stages → kanban, 6 stages"} in record["changed"]
    told = shop.run("preview", "--config", "new.yaml")
    assert "build -> in progress" in told.said


def test_nothing_is_asked_and_nothing_is_remembered(shop: Shop) -> None:
    shop.clear()
    before = rows(shop.folder / "trackersync.db")
    for change in (kanban, jira_decides, another_repository):
        shop.run("preview", "--config", changed(shop, change))
    assert (shop.reads, shop.writes) == (0, 0)
    assert rows(shop.folder / "trackersync.db") == before
    assert not (shop.folder / "elsewhere.db").exists()


def rows(file: Path) -> str:
    """A digest of every row of every table."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def test_what_was_never_read_is_said_and_not_guessed(shop: Shop) -> None:
    record = previewed(shop, another_repository)
    assert record["never_read"] == {"github": ["acme/till"]}
    told = shop.run("preview", "--config", "new.yaml")
    assert "github: acme/till was never read, and not in this preview" in told.said
    assert "trackersync check" in told.out

    def another(settings: Settings) -> None:
        settings["trackers"]["hub"] = settings["trackers"].pop("github")
        settings["people"] = []

    record = previewed(shop, another)
    assert record["never_read"] == {"hub": []}
    assert (record["after"]["tasks"], record["looked_at_no_more"]) == (44, 42)
    assert "hub was never read under this name" in shop.run("preview", "--config", "new.yaml").said


def test_a_pattern_that_finds_what_was_read_may_find_more(shop: Shop) -> None:
    def pattern(settings: Settings) -> None:
        settings["trackers"]["github"]["repositories"] = ["acme/sh*"]

    record = previewed(shop, pattern)
    assert (record["never_read"], record["stages"], record["looked_at_no_more"]) == ({"github": ["acme/sh*"]}, [], 0)
    assert "what else acme/sh* finds was never read" in shop.run("preview", "--config", "new.yaml").said

    def excluded(settings: Settings) -> None:
        settings["trackers"]["github"]["repositories"] = ["acme/*", "!acme/shop"]

    assert previewed(shop, excluded)["looked_at_no_more"] == 42


def test_a_way_that_was_never_asked_for_is_said(shop: Shop) -> None:
    record = previewed(shop, vendor, "--store", "unasked.db")

    assert [one["key"] for one in record["after"]["not_told"]] == ["SHOP-33"]
    assert record["changes"]["staying"] == 12
    assert "which transitions jira allows there was not asked yet" in shop.run(
        "preview", "--config", "new.yaml", "--store", "unasked.db"
    ).said  # fmt: skip


def test_a_way_that_there_is_not_is_told_as_a_plan_tells_it(shop: Shop) -> None:
    record = previewed(shop, done_is_closed)["after"]

    assert record["not_told"] == []
    assert [one["key"] for one in record["plan"]["left_alone"] if "Closed" in one["because"]] == ["SHOP-33"]


def test_a_name_that_another_connector_has_now_was_never_read(shop: Shop) -> None:
    def swapped(settings: Settings) -> None:
        settings["trackers"] = {"jira": settings["trackers"]["github"]}
        settings["people"] = []

    record = previewed(shop, swapped)
    assert (record["never_read"], record["after"]["tasks"]) == ({"jira": []}, 0)


def test_the_guard_would_ask_once_another_mapping_has_written(shop: Shop) -> None:
    shutil.copy(shop.folder / "trackersync.db", shop.folder / "approved.db")
    old = invoke("preview", "--config", changed(shop, same), "--store", "approved.db", "--format", "json").record
    with sqlite3.connect(shop.folder / "approved.db") as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(approval)")]
        assert columns[0] == "fingerprint", columns
        values = ", ".join("'0' " for _ in columns)
        connection.execute(f"INSERT INTO approval VALUES ({values})")  # noqa: S608  # our own table
    new = invoke("preview", "--config", changed(shop, vendor), "--store", "approved.db", "--format", "json").record

    assert [one["name"] for one in old["after"]["held"]] == ["first run", "limits.share"]
    assert [one["name"] for one in new["after"]["held"]] == ["changed mapping", "limits.share"]


def test_the_screen_says_what_is_compared_and_what_to_do(shop: Shop) -> None:
    told = shop.run("preview", "--config", changed(shop, review_is_build))

    lines = told.out.splitlines()
    assert told.code == 0
    assert lines[0].startswith("from the store: github ")
    assert lines[0].endswith("no request was sent")
    assert lines[2] == "new.yaml beside trackersync.yaml"
    assert "jira build    status In Progress -> status In Progress or In Review" in told.out
    assert "jira verify   status In Review -> nothing" in told.out
    assert ["stage", "drift", "5", "4", "-1"] in [line.split() for line in lines]
    assert "cp trackersync.yaml trackersync.yaml.bak && cp new.yaml trackersync.yaml" in told.said
    assert "trackersync plan then: what would be written" in told.said


def test_an_overlay_never_takes_the_place_of_what_it_includes(shop: Shop) -> None:
    text = "include: trackersync.yaml\nlimits: {share: 50%}\n"
    (shop.folder / "overlay.yaml").write_text(text, encoding="utf-8")
    told = shop.run("preview", "--config", "overlay.yaml")
    assert told.code == 0
    assert "cp " not in told.out
    other = changed(shop, lambda settings: (vendor(settings), settings.update(store="sqlite:///other.db")))
    told = shop.run("preview", "--config", other)
    assert "cp " not in told.out, "its store is another one"
    assert "trackersync plan --config new.yaml then:" in told.said


def test_what_is_to_be_typed_names_the_files_that_were_named(shop: Shop) -> None:
    folder = shop.folder / "conf"
    folder.mkdir(exist_ok=True)
    new = changed(
        shop, lambda settings: (vendor(settings), settings.update(store="sqlite:///../trackersync.db")), "conf/new.yaml"
    )
    old = changed(shop, lambda settings: settings.update(store="sqlite:///../trackersync.db"), "conf/team.yaml")
    told = shop.run("preview", "--config", new, "--against", old)
    assert "cp conf/team.yaml conf/team.yaml.bak && cp conf/new.yaml conf/team.yaml" in told.said
    assert "trackersync plan --config conf/team.yaml then:" in told.said


def test_what_says_the_same_is_said_to_say_the_same(shop: Shop) -> None:
    told = shop.run("preview", "--config", changed(shop, same))
    assert "new.yaml says what trackersync.yaml says." in told.out
    assert "next" not in told.out
    assert shop.run("preview", "--config", "new.yaml", "--quiet").out == ""
    assert shop.run("preview", "--config", changed(shop, vendor), "--quiet").out


def test_a_file_that_was_changed_in_place_is_compared_with_its_old_self(shop: Shop) -> None:
    (shop.folder / "elsewhere").mkdir(exist_ok=True)
    record = shop.json("preview", "--against", changed(shop, vendor, "elsewhere/old.yaml"))
    assert (record["old"], record["new"]) == ("elsewhere/old.yaml", "trackersync.yaml")
    assert rules(record["new_findings"]) == {"unknown-status": 1}
    assert not (shop.folder / "elsewhere" / "trackersync.db").exists()


def test_a_changed_file_in_another_folder_has_paths_of_its_own(shop: Shop) -> None:
    there = shop.folder / "proposed"
    there.mkdir(exist_ok=True)
    (there / "people.csv").write_text("name,github\nada-l,ada-l\n", encoding="utf-8")

    def filed(settings: Settings) -> None:
        settings["people"] = {"file": "people.csv"}

    record = shop.json("preview", "--config", changed(shop, filed, "proposed/new.yaml"))
    assert any(one["part"] == "people" for one in record["changed"])
    assert record["after"]["tasks"] == 48
    assert not (there / "trackersync.db").exists()


def broken(settings: Settings) -> None:
    settings["trackers"]["jira"]["stages"]["biuld"] = {"statuses": ["Doing"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            ["--config", "broken.yaml"], "broken.yaml has 1 problem. Nothing was", id="the new one is not sound"
        ),
        pytest.param(
            ["--config", "new.yaml", "--against", "broken.yaml"], "broken.yaml has 1 problem", id="nor the old one"
        ),
        pytest.param(["--config", "none.yaml"], "no configuration file none.yaml check the path", id="no such file"),
        pytest.param(["--config", "new.yaml", "--against", "none.yaml"], "given with --against", id="no such old file"),
        pytest.param([], "a preview needs two configurations", id="nothing to compare"),
        pytest.param(
            ["--config", "new.yaml", "--store", "empty.db"], "empty.db yet. The first run makes it", id="no store"
        ),
    ],
)
def test_what_cannot_be_compared_is_said(shop: Shop, arguments: list[str], words: str) -> None:
    changed(shop, broken, "broken.yaml")
    changed(shop, vendor)
    told = shop.run("preview", *arguments)
    assert told.code == 2
    assert words in said(told)
    assert not (shop.folder / "empty.db").exists()


def said(told: Ran) -> str:
    return told.said.replace(" next ", " ")


def test_secrets_are_compared_and_never_told(shop: Shop) -> None:
    def another(settings: Settings) -> None:
        settings["trackers"]["jira"]["token"] = "ATATTanother-secret"
        settings["trackers"]["jira"]["webhook_secrets"] = ["hush-hush"]
        settings["trackers"]["jira"]["jql"] = "issuetype != Epic"

    record = previewed(shop, another)
    told = shop.run("preview", "--config", "new.yaml")
    text = json.dumps(record) + told.said
    assert "another-secret" not in text
    assert "hush" not in text
    assert [one["part"] for one in record["changed"]] == ["jira jql"]
