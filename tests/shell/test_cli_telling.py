"""``explain``, ``runs``, ``status`` and ``conflicts``, as somebody types them over the running sample shop."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from product import spawn
from trackersync.sandbox.faults import lose, powerless
from trackersync.store import open_store

if TYPE_CHECKING:
    from product import Shop

TELLING = (("explain", "SHOP-42"), ("runs",), ("runs", "1"), ("status",), ("conflicts",))


@pytest.fixture
def written(shop: Shop) -> Shop:
    """The shop after its first approved run, and what people did meanwhile."""
    shop.approved()
    shop.sandbox.meanwhile()
    assert shop.json("sync")["run"] == 2
    return shop


@pytest.mark.parametrize("command", TELLING, ids=" ".join)
def test_telling_sends_no_request_and_changes_nothing(written: Shop, command: tuple[str, ...]) -> None:
    before = (written.reads, written.writes, written.state())
    done = written.run(*command)
    assert (done.code, done.err) == (0, "")
    assert (written.reads, written.writes, written.state()) == before


@pytest.mark.parametrize("command", [("status",), ("runs",), ("conflicts",)], ids=" ".join)
def test_on_a_new_store_there_is_little_to_tell(shop: Shop, command: tuple[str, ...]) -> None:
    done = shop.run(*command)
    assert done.code == 0
    assert any(words in done.said for words in ("last run none yet", "No run yet", "0 open"))


# explain


@pytest.mark.parametrize("key", ["SHOP-42", "shop-42", "shop#17", "acme/shop#17"])
def test_any_key_in_any_case_names_the_task(written: Shop, key: str) -> None:
    assert written.run("explain", key).out.startswith("SHOP-42 = shop#17    Checkout rejects gift cards")


def test_explain_tells_what_moved_what_we_wrote_and_which_setting_decided(written: Shop) -> None:
    said = written.run("explain", "SHOP-42").said
    story = (
        "SHOP-42 was created in jira.",
        "SHOP-42 and shop#17 were linked as one task:",
        "run 1 wrote shop#17: stage idea -> build.",
        "They met for the first time: jira is further (sync.stage.adopt: furthest).",
        '"stage: idea" -> "stage: build"; github confirmed it.',
        "ada-l moved SHOP-42 to In Review: stage verify.",
        "run 2 wrote shop#17: stage build -> verify.",
        "Only jira had moved since they last agreed (sync.stage.authority: changed).",
        "next trackersync undo 2",
    )
    places = [said.find(sentence) for sentence in story]
    assert -1 not in places, said
    assert places == sorted(places)


def test_explain_names_who_did_it_where_the_trackers_history_tells(written: Shop) -> None:
    """As both trackers do."""
    (line,) = (line for line in written.json("explain", "shop#32")["story"] if line["sentence"].startswith("grace-h "))
    assert (line["sentence"], line["by"]) == ("grace-h handed shop#32 over to ada-l.", "grace-h")
    assert written.json("explain", "shop#32")["owned_since"] is not None


def test_explain_names_nobody_as_mover_who_is_not_told(shop: Shop) -> None:
    """Two looks tell what changed and not who did it; ada-l owns the task, and is told as its owner only."""
    shop.settings["journal"] = {"history": False}
    shop.configure()
    shop.approved()
    shop.sandbox.meanwhile()
    shop.json("sync", "--yes")
    moved = [line["sentence"] for line in shop.json("explain", "SHOP-42")["story"] if line["kind"] == "moved"]
    assert moved
    assert not [sentence for sentence in moved if "ada-l" in sentence]


def test_the_screen_and_json_say_the_same_words(written: Shop) -> None:
    record, said = written.json("explain", "SHOP-29"), written.run("explain", "SHOP-29").said
    plain = said.replace("->", "→")
    for line in record["story"]:
        assert line["sentence"] in plain
        assert all(sentence in plain for sentence in line["because"])
    assert record["fields"]["owners"]["state"] == "conflict"
    assert all(step["command"] in plain for step in record["next"])
    assert record["next"][0]["command"] == "trackersync resolve SHOP-29 --take jira"


def test_verbose_adds_the_vendors_request_ids(written: Shop) -> None:
    ids = [one for line in written.json("explain", "SHOP-42")["story"] for one in line["requests"]]
    assert ids
    assert not [one for one in ids if one in written.run("explain", "SHOP-42").said]
    said = written.run("explain", "SHOP-42", "--verbose").said
    assert all(f"request: {one}" in said for one in ids)
    assert re.match(r"(POST|PATCH|PUT|DELETE) /repos/acme/shop/issues/17\S* 20\d \S+", ids[0])


@pytest.mark.parametrize(
    ("command", "sentences"),
    [
        pytest.param(("explain", "SHOP-421"), ('no task is named "SHOP-421"', "did you mean", "SHOP-42"), id="key"),
        pytest.param(("runs", "99"), ("there is no run 99; the latest is run 2",), id="run"),
    ],
)
def test_what_is_not_there_gets_a_sentence(written: Shop, command: tuple[str, ...], sentences: tuple[str, ...]) -> None:
    done = written.run(*command)
    assert done.code == 2
    assert all(sentence in done.said for sentence in sentences)


def test_a_deleted_item_still_names_its_task(written: Shop) -> None:
    written.sandbox.github.delete(17)
    written.json("sync", "--full")
    done = written.run("explain", "shop#17")
    assert done.code == 0
    assert "not there (gone)" in done.said
    assert "shop#17 is not there any more: it was deleted" in done.said


# runs


def test_runs_stand_latest_first_with_their_figures(written: Shop) -> None:
    record = written.json("runs")["runs"]
    assert [run["run"] for run in record] == [2, 1]
    assert [(run["state"], run["planned"], run["applied"]) for run in record] == [("done", 2, 2), ("done", 13, 13)]
    rows = [line.split() for line in written.run("runs").out.splitlines()]
    assert [row[0] for row in rows] == ["run", "2", "1"]
    assert rows[1][-6:-3] == ["2", "of", "2"]


def test_a_held_run_is_listed_with_what_held_it_and_what_it_would_have_written(shop: Shop) -> None:
    assert shop.run("sync").code == 3
    record = shop.json("runs", "1")
    assert record["state"] == "held"
    assert {change["receipt"] for change in record["changes"]} == {"held"}
    done = shop.run("runs", "1")
    assert f"Held: none of its {len(record['changes'])} changes was written." in done.said
    assert "this configuration has not written before" in done.said
    assert f"trackersync sync --approve {record['digest']}" in done.said
    assert "held" in shop.run("runs").out.splitlines()[1].split()


def test_one_run_shows_its_changes_its_requests_and_the_way_back(written: Shop) -> None:
    done = written.run("runs", "1")
    assert "approved by a person" in done.said
    assert "13 of 13 changes applied" in done.said
    assert "shop#17 = SHOP-42 stage idea -> build" in done.said
    assert "trackersync undo 1 takes back what nobody has touched since" in done.said


def test_a_refusal_stands_with_the_trackers_words(shop: Shop) -> None:
    shop.sandbox.github.faults.add(powerless(), kind="write", times=10_000)
    digest = shop.json("plan")["digest"]
    shop.json("sync", "--approve", digest, code=5)
    rejected = [change for change in shop.json("runs", "1")["changes"] if change["receipt"] == "rejected"]
    assert rejected
    assert rejected[0]["message"] in shop.run("runs", "1").said
    explained = shop.run("explain", "SHOP-42").said
    assert "run 1 wanted to write shop#17: stage idea -> build, and github refused." in explained
    assert "It is not tried again until the item, its workflow or the configuration changes." in explained


# status


def test_a_lost_answer_is_in_doubt_until_the_next_run(shop: Shop) -> None:
    digest = shop.json("plan")["digest"]
    shop.sandbox.github.faults.add(lose(), kind="write", times=1)
    shop.json("sync", "--approve", digest, code=5)
    (doubt,) = shop.json("status")["in_doubt"]
    done = shop.run("status")
    assert "in doubt 1 conflicts 2 paused 0 killed runs 0" in done.said
    assert f"{' = '.join(doubt['task'])} {doubt['field']}, written by run 1; no answer for" in done.said
    assert "next trackersync sync" in done.said
    told = shop.run("explain", doubt["task"][0]).said
    assert f"in doubt since {clock(doubt['since'])}" in told
    assert "No answer came back" in told
    shop.approved()
    assert shop.json("status")["in_doubt"] == []
    assert "It was written again later." in shop.run("explain", doubt["task"][0]).said


def clock(moment: str) -> str:
    """A moment of a JSON report as a screen of today shows it."""
    return f"{datetime.fromisoformat(moment).astimezone():%H:%M}"


def test_status_says_how_fresh_what_waits_and_what_is_paused(written: Shop) -> None:
    assert written.run("pause", "SHOP-42", "--reason", "demo on Friday").code == 0
    done = written.run("status")
    assert re.search(r"jira +SHOP +44 items +as of [\d:]+, now +complete", done.out)
    assert "waits 2 conflicts: 2 on owners; the oldest, SHOP-" in done.said
    assert "paused SHOP-42 = shop#17 since" in done.said
    assert "demo on Friday" in done.said
    assert "trackersync resume SHOP-42" in done.said
    assert "trackersync resume SHOP-42" in written.run("explain", "shop#17").said


def test_a_run_that_never_ended_is_named(written: Shop) -> None:
    with open_store(f"sqlite:///{written.folder / 'trackersync.db'}") as store:
        killed = store.begin_run("sync", "f", "", datetime.now(UTC), place="process 1 on nowhere")
    done = written.run("status")
    assert f"killed run {killed} began" in done.said
    assert "never ended; what it had begun is read back by the next run" in done.said
    assert written.json("status")["never_ended"][0]["run"] == killed
    assert "It never ended: it was killed." in written.run("runs", str(killed)).said
    assert written.json("sync")["run"] > killed
    assert written.json("status")["never_ended"] == []


# conflicts


def test_conflicts_say_who_says_what_since_when_and_how_to_settle_them(written: Shop) -> None:
    record = written.json("conflicts")
    told = {one["task"][0]: (one["field"], one["says"], one["base"]) for one in record["conflicts"]}
    assert told == {
        "SHOP-29": ("owners", {"jira": "alan-t", "github": "grace-h"}, None),
        "SHOP-44": ("owners", {"jira": "susan-k", "github": "ada-l"}, None),
    }
    done = written.run("conflicts")
    assert done.out.startswith("2 open: 2 on owners; the oldest waits ")
    assert re.search(r"SHOP-29 = shop#8 +owners +alan-t +grace-h +first met", done.out)
    assert "trackersync resolve --field owners --take jira all 2 of them alike" in done.said


def test_a_conflict_that_settled_itself_is_told(written: Shop) -> None:
    github = written.sandbox.github
    github.edit(8, assignees=["alan-t"], by="grace-h")
    written.json("sync")
    record = written.json("conflicts")
    assert [one["task"][0] for one in record["conflicts"]] == ["SHOP-44"]
    (settled,) = record["settled"]
    assert settled["ending"] == "The conflict about the owners settled itself: the trackers agree."
    done = written.run("conflicts").said
    assert "1 settled within 7 d" in done
    assert "Now owners: jira alan-t, github alan-t." in done


def test_a_conflict_that_a_person_settled_is_told(written: Shop) -> None:
    assert written.run("resolve", "SHOP-29", "--take", "jira", "--yes").code == 0
    written.json("sync")
    (settled,) = written.json("conflicts")["settled"]
    assert settled["ending"] == "A person settled the conflict about the owners (trackersync resolve)."
    assert "As that person decided: jira's owners." in written.run("explain", "SHOP-29").said


# Screens


def test_the_next_commands_carry_the_configuration_they_were_asked_with(written: Shop) -> None:
    elsewhere = written.folder / "elsewhere.yaml"
    written.file.rename(elsewhere)
    said = written.run("conflicts", "--config", str(elsewhere)).said
    assert "trackersync resolve SHOP-" in said
    assert re.search(r"--take github --config \S*elsewhere\.yaml", said)


def test_a_process_of_its_own_says_the_same(written: Shop) -> None:
    for command in TELLING:
        done = spawn(written.folder, *command)
        assert (done.code, done.err) == (0, "")
        assert "→" not in done.out
