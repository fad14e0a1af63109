"""``trackersync doctor`` over the stand-ins: what it sees, what it ends with, and that it changes nothing."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from socket import create_server
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tls_server import certificate, hanging, serving_tls

from github_apps import CLIENT, keys, registered
from product import CHECKOUT, TOKENS
from trackersync.cli.doctor import _pasted, exit_of
from trackersync.cli.running import Common
from trackersync.config import load
from trackersync.connector import Check, Facts, Grade, Probe, Wire
from trackersync.core.examination import Examination, Section
from trackersync.errors import AuthError, RejectedError, TrackersyncError, UnavailableError
from trackersync.http import SystemClock
from trackersync.pipeline.examining import examined
from trackersync.registry import discover
from trackersync.sandbox import GitHub, stall
from trackersync.store import open_store
from trackersync.store.schema import HEAD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from product import Shop
    from trackersync.config import Configuration

SCHEMA = json.loads(CHECKOUT.joinpath("config", "doctor.schema.json").read_text(encoding="utf-8"))
VERSIONS = CHECKOUT / "tests" / "shell" / "test_store" / "versions"
Checks = dict[str, list[dict[str, Any]]]


def told(shop: Shop, *options: str, code: int | None = 0) -> dict[str, Checks]:
    """By section and name, the checks, from an answer that keeps to its schema."""
    done = shop.run("doctor", *options, "--format", "json")
    assert code is None or done.code == code, done.out
    Draft202012Validator(SCHEMA).validate(done.record)
    assert done.record["exit"] == done.code
    found: dict[str, Checks] = {}
    for section in done.record["sections"]:
        by_name = found.setdefault(section["name"], {})
        for check in section["checks"]:
            by_name.setdefault(check["name"], []).append(check)
    return found


def one(found: dict[str, Checks], section: str, name: str) -> tuple[str, str, str | None]:
    (check,) = found[section][name]
    return check["grade"], check["said"], check["remedy"]


def again(shop: Shop, times: int) -> None:
    """Let the last run have been made so many times more."""
    columns = "command, fingerprint, digest, approved, begun, ended, summary, plan, place"
    with closing(sqlite3.connect(shop.folder / "trackersync.db", isolation_level=None)) as connection:
        for _ in range(times):
            connection.execute(f"INSERT INTO run ({columns}) SELECT {columns} FROM run ORDER BY id LIMIT 1")  # noqa: S608  # our own words


def unused() -> str:
    with closing(create_server(("127.0.0.1", 0))) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_before_anything_was_read_nothing_is_made(shop: Shop) -> None:
    found = told(shop)

    assert list(found) == ["configuration", "github", "jira", "running"]
    assert one(found, "configuration", "file") == (
        "good", "2 trackers, 13 stages of `delivery`, 8 people", None
    )  # fmt: skip
    assert one(found, "configuration", "people")[0] == "note"
    assert one(found, "github", "mapping") == ("note", "not read yet", "trackersync check")
    assert one(found, "running", "store")[0] == "note"
    assert [file.name for file in shop.folder.iterdir()] == ["trackersync.yaml"]


def test_after_a_run_the_mapping_is_measured_and_nothing_is_written(shop: Shop) -> None:
    shop.approved()
    again(shop, 3)
    hub, site = shop.sandbox.github, shop.sandbox.jira
    edits, before = (len(hub.edits), len(site.edits)), shop.folder.joinpath("trackersync.db").read_bytes()
    written = hub.writes, site.writes
    found = told(shop)

    assert one(found, "configuration", "roles") == (
        "warning", "nobody holds marketing, a role of stage launch", "people: add roles: [marketing] to someone"
    )  # fmt: skip
    assert one(found, "configuration", "people") == (
        "good", "16 accounts seen as owners, all mapped (16 by configuration)", None
    )  # fmt: skip
    assert one(found, "jira", "mapping") == (
        "warning",
        '30 of 31 open items show a stage (96 %); "Waiting for vendor" (SHOP-27) belongs to none',
        "add it to a stage, or to hands_off: {statuses: [Waiting for vendor]}",
    )
    assert "; a usual run takes " in one(found, "github", "budget")[1]
    grade, said, _ = one(found, "running", "store")
    assert grade == "good"
    assert said.startswith(f"sqlite trackersync.db, schema {HEAD}, ")
    assert "nothing in doubt; no backup beside it" in said
    grade, said, _ = one(found, "running", "last run")
    assert grade == "good"
    assert re.fullmatch(r"run 4 \(sync\), \d+ s ago: 13 of 13 changes applied", said), said
    assert (len(hub.edits), len(site.edits)) == edits
    assert (hub.writes, site.writes) == written
    assert shop.folder.joinpath("trackersync.db").read_bytes() == before

    with closing(sqlite3.connect(shop.folder / "trackersync.db", isolation_level=None)) as connection:
        connection.execute("UPDATE run SET ended = NULL, summary = '{}'")
    grade, said, remedy = one(told(shop), "running", "last run")
    assert (grade, remedy) == ("warning", "trackersync sync, which reads back what it may have left in doubt")
    assert said.endswith(", never ended")


@pytest.mark.parametrize("tracker", ["github", "jira"])
def test_a_refused_credential_is_told_and_the_other_tracker_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tracker: str
) -> None:
    other = {"github": "jira", "jira": "github"}[tracker]
    monkeypatch.setenv(f"{tracker.upper()}_TOKEN", "an-expired-token")
    found = told(shop, code=4)

    grade, said, remedy = one(found, tracker, "who we are")
    assert grade == "error"
    assert said
    assert remedy
    assert "token" in f"{said} {remedy}"
    assert "an-expired-token" not in str(found)
    assert one(found, other, "who we are")[0] == "good"


def test_where_nothing_listens(shop: Shop) -> None:
    shop.tracker("github", url=unused())
    found = told(shop, code=4)

    assert one(found, "github", "reachable") == (
        "error", "nothing listens there", "start what should listen there, or correct the port in `url`"
    )  # fmt: skip
    assert list(found["github"]) == ["reachable", "mapping"]
    assert one(found, "jira", "reachable")[0] == "good"


def configuration(shop: Shop) -> Configuration:
    return load(shop.file, registry=discover())


def sections(found: Examination) -> dict[str, list[tuple[str, Grade]]]:
    return {one.name: [(check.name, check.grade) for check in one.checks] for one in found.sections}


def test_a_tracker_that_hangs_keeps_nobody_waiting(shop: Shop) -> None:
    with hanging() as url:
        shop.tracker("jira", url=url)
        found = sections(asyncio.run(examined(configuration(shop), patience=0.8)))

    assert found["jira"][0] in {("reachable", Grade.ERROR), ("answers", Grade.ERROR)}
    assert ("who we are", Grade.GOOD) in found["github"]


def test_a_tracker_that_answers_once_and_hangs_then(shop: Shop) -> None:
    shop.sandbox.github.faults.add(stall(1.5), path="/user", times=9)
    found = asyncio.run(examined(configuration(shop), only="github", patience=1.0))

    (section,) = found.sections
    errors = [check for check in section.checks if check.grade is Grade.ERROR]
    assert section.checks[0].name == "reachable"
    assert section.checks[0].grade is Grade.GOOD
    assert [check.remedy for check in errors] == ["try again later: trackersync doctor --tracker github"]


def test_a_clock_that_is_an_hour_off(shop: Shop) -> None:
    real = shop.sandbox.jira.clock
    shop.sandbox.jira.clock = lambda: real() - timedelta(hours=1)
    found = told(shop, "--tracker", "jira")

    grade, said, remedy = one(found, "jira", "clock")
    assert (grade, remedy) == ("warning", "set it by NTP")
    assert said.startswith("this machine's is 1 h ahead of the tracker's")


def test_certificates(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    day = timedelta(days=1)
    monkeypatch.setenv("SSL_CERT_FILE", "")
    file = certificate(shop.folder, since=-day, until=3 * day)
    with serving_tls(file) as url:
        shop.tracker("github", url=url)
        shop.only("github")
        unknown = told(shop, code=4)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        known = told(shop, code=None)

    grade, said, remedy = one(unknown, "github", "reachable")
    assert (grade, said) == ("error", "its certificate is signed by itself")
    assert remedy is not None
    assert "SSL_CERT_FILE" in remedy
    assert one(known, "github", "reachable")[0] == "good"
    assert one(known, "github", "certificate")[0] == "warning"
    assert ", in 2 d" in one(known, "github", "certificate")[1]


def test_an_account_that_may_only_read(shop: Shop) -> None:
    shop.sandbox.github.push = False
    shop.sandbox.jira.may_transition = False
    found = told(shop, code=None)

    assert {check["grade"] for check in found["github"]["acme/shop"]} & {"warning", "error"}
    assert {check["grade"] for check in found["jira"]["SHOP"]} & {"warning", "error"}


# What it ends with.


def ended(*grades: Grade, strict: bool = False) -> int:
    names = ("configuration", "jira", "running")
    found = tuple(
        Section(name, (Check("x", Grade.GOOD, "y"), Check("x", grade, "y")), tracker=name == "jira")
        for name, grade in zip(names, grades, strict=True)
    )
    return int(exit_of(Examination(found), strict=strict))


G, N, W, E = Grade.GOOD, Grade.NOTE, Grade.WARNING, Grade.ERROR


@pytest.mark.parametrize(
    ("grades", "code", "strict"),
    [
        pytest.param((G, G, G), 0, 0, id="all is well"),
        pytest.param((N, N, N), 0, 0, id="notes never count"),
        pytest.param((W, G, G), 0, 2, id="a warning in the configuration"),
        pytest.param((G, W, G), 0, 4, id="a warning of a tracker"),
        pytest.param((G, G, W), 0, 1, id="a warning of the store"),
        pytest.param((E, G, G), 2, 2, id="an error in the configuration"),
        pytest.param((G, E, G), 4, 4, id="an error of a tracker"),
        pytest.param((G, G, E), 1, 1, id="an error of the store"),
        pytest.param((G, E, E), 4, 4, id="the tracker before the store"),
        pytest.param((E, E, E), 2, 2, id="the configuration first"),
        pytest.param((W, G, E), 1, 2, id="a warning counts only when it is strict"),
    ],
)
def test_what_it_ends_with(grades: tuple[Grade, ...], code: int, strict: int) -> None:
    assert (ended(*grades), ended(*grades, strict=True)) == (code, strict)


def test_its_commands_can_be_pasted(shop: Shop) -> None:
    moved = shop.folder / "our shop.yaml"
    shop.file.rename(moved)
    found = told(shop, "--config", moved.name, "--store", "kept.db")

    assert one(found, "jira", "mapping")[2] == "trackersync check --config 'our shop.yaml' --store kept.db"
    assert one(found, "configuration", "roles")[2] == "people: add roles: [marketing] to someone"
    assert not shop.folder.joinpath("kept.db").exists()


@pytest.mark.parametrize(
    ("remedy", "pasted"),
    [
        ("trackersync check", "trackersync check --config our.yaml"),
        (
            "try again later: trackersync doctor --tracker acme.hub",
            "try again later: trackersync doctor --config our.yaml --tracker acme.hub",
        ),
        ("trackersync doctor --tracker acme-hub", "trackersync doctor --config our.yaml --tracker acme-hub"),
        ("trackersync store migrate", "trackersync store migrate --config our.yaml"),
        ("trackersync runs 12", "trackersync runs --config our.yaml 12"),
        (
            "trackersync sync, which reads back what it may",
            "trackersync sync --config our.yaml, which reads back what it may",
        ),
        ("let trackersync read it", "let trackersync read it"),
    ],
)
def test_options_stand_behind_the_commands_word(remedy: str, pasted: str) -> None:
    found = Examination((Section("acme.hub", (Check("answers", Grade.ERROR, "none", remedy),)),))
    common = Common(Path("our.yaml"), None, "text")

    assert _pasted(found, common).checks[0].remedy == pasted


def test_a_mistake_in_the_configuration_is_told_as_everywhere(shop: Shop) -> None:
    shop.tracker("github", stages={"biuld": {"labels": ["x"]}})
    done = shop.run("doctor")

    assert done.code == 2
    assert 'did you mean "build"?' in done.said
    assert not shop.sandbox.github.requests


def test_a_tracker_that_is_not_there(shop: Shop) -> None:
    done = shop.run("doctor", "--tracker", "jiar")

    assert done.code == 2
    assert 'no tracker is called "jiar"' in done.said
    assert 'did you mean "jira"?' in done.said


def test_quiet_leaves_trouble_alone_and_verbose_tells_requests(shop: Shop) -> None:
    quiet = shop.run("doctor", "--quiet", "--strict")
    verbose = shop.run("doctor", "--verbose", "--tracker", "jira")

    assert (quiet.code, verbose.code) == (2, 0)
    assert "may also administer" in quiet.out
    assert "reachable" not in quiet.out
    assert "not read yet" not in quiet.out
    assert " /rest/api/3/" in verbose.err

    shop.sandbox.jira.administers = False
    assert shop.run("doctor", "--quiet", "--tracker", "jira").out == ""


# The store.


def test_a_store_that_was_put_back_is_left_as_it_is(shop: Shop) -> None:
    open_store("trackersync.db").close()
    store = shop.folder / "trackersync.db"
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        # A backup's; whoever opens a store to write sets it anew.
        connection.execute("PRAGMA journal_mode=DELETE")
    before = store.read_bytes()

    assert one(told(shop), "running", "store")[0] == "good"
    assert store.read_bytes() == before


def test_an_older_store_is_left_as_it_is(shop: Shop) -> None:
    store = shop.folder / "trackersync.db"
    with closing(sqlite3.connect(store)) as connection:
        connection.executescript(VERSIONS.joinpath("0003.sql").read_text(encoding="utf-8"))
    before = store.read_bytes()
    found = told(shop)

    first, *more = found["running"]["store"]
    assert "schema 0003" in first["said"]
    assert ("note", "trackersync store migrate") in {(check["grade"], check["remedy"]) for check in more}
    assert one(found, "jira", "mapping") == (
        "note",
        "not known: the store is of an earlier version",
        "trackersync store migrate",
    )
    assert store.read_bytes() == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(
            "UPDATE trackersync_version SET version_num = '9999'", "written by a newer trackersync", id="newer"
        ),
        pytest.param("DROP TABLE trackersync_version", "is another program's database", id="another program's"),
    ],
)
def test_a_store_that_cannot_be_used_is_an_error_of_its_own(shop: Shop, spoil: str, said: str) -> None:
    open_store("trackersync.db").close()
    with closing(sqlite3.connect(shop.folder / "trackersync.db", isolation_level=None)) as connection:
        connection.execute(spoil)
    found = told(shop, code=1)

    grade, sentence, remedy = one(found, "running", "store")
    assert grade == "error"
    assert said in sentence
    assert remedy
    assert one(found, "jira", "who we are")[0] == "good"


def test_a_store_on_a_server_that_is_down_keeps_its_password(shop: Shop) -> None:
    port = unused().rpartition(":")[2]
    shop.settings["store"] = f"postgresql://me:hushhush@127.0.0.1:{port}/shop"
    shop.configure()
    done = shop.run("doctor", "--format", "json")

    assert done.code in (1, 2)
    assert "hushhush" not in done.out + done.err
    names = [check["name"] for section in done.record["sections"] for check in section["checks"]]
    assert "store" in names
    assert "secret" in names


# Credentials.


def test_a_credential_in_the_file_is_told_by_its_place_and_never_itself(shop: Shop) -> None:
    shop.tracker("jira", token=TOKENS["JIRA_TOKEN"])
    done = shop.run("doctor")

    line = 1 + next(n for n, text in enumerate(shop.file.read_text().splitlines()) if TOKENS["JIRA_TOKEN"] in text)
    assert f"trackers.jira.token stands in trackersync.yaml:{line} as plain text" in done.said
    assert "write token: ${JIRA_TOKEN}, or token_file: PATH" in done.said
    assert "trackers.github.token" not in done.said


def test_a_credential_from_a_variable_is_where_it_belongs(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.tracker("jira", token="written-here")
    monkeypatch.setenv("TRACKERSYNC_TRACKERS__JIRA__TOKEN", TOKENS["JIRA_TOKEN"])

    assert "secret" not in told(shop)["configuration"]


def test_an_app(shop: Shop) -> None:
    made = registered(shop.sandbox.github)
    made.long = True
    made.install("acme", {"issues": "write", "metadata": "read"})
    shop.folder.joinpath("app.pem").write_text(keys()[0], encoding="utf-8")
    shop.tracker("github", token=None, app={"client_id": CLIENT, "private_key_file": "app.pem"})
    shop.only("github")
    found = told(shop)

    assert one(found, "github", "who we are")[0] == "good"
    assert "secret" not in found["configuration"]


def test_without_a_credential(shop: Shop) -> None:
    shop.tracker("github", token=None, anonymous=True, writes=None)
    shop.only("github")
    found = told(shop)

    assert one(found, "github", "who we are")[0] == "note"
    assert {check["grade"] for check in found["github"]["acme/shop"]} == {"good"}


def test_repositories_named_by_a_pattern(shop: Shop) -> None:
    shop.tracker("github", repositories=["acme/*"])
    shop.only("github")
    shop.run("check")
    found = told(shop)

    assert one(found, "github", "mapping")[0] == "note"
    assert one(found, "configuration", "people")[1] == (
        "8 accounts seen as owners; with one tracker nobody needs to be mapped"
    )


# Connectors that keep less, or more, than is promised.


class Bare:
    """A connector that can be probed and no more."""

    def __init__(self, name: str, wire: Wire) -> None:
        self.tracker = name
        self.wire = wire

    async def probe(self) -> Probe:
        return Probe("acme-bot", ("acme/shop",), ("acme/web cannot be read: no such repository. Correct its name.",))

    async def aclose(self) -> None:
        """Nothing is held."""


class Writing(Bare):
    """One that writes where it should only look."""

    async def examine(self, named: Facts, shown: Facts | None = None) -> AsyncIterator[Check]:
        await self.wire.write("POST", "/repos/acme/shop/labels", fact="labels", json={"name": named["labels"][0]})
        yield Check("written", Grade.GOOD, "")


class Endless(Bare):
    """One that goes on asking, though every answer comes."""

    async def examine(self, named: Facts, shown: Facts | None = None) -> AsyncIterator[Check]:
        yield Check("who we are", Grade.GOOD, "acme-bot")
        while named:
            await self.wire.read("GET", "/user")


class Slow(Bare):
    """One that takes long over many answers, each of which comes soon."""

    async def examine(self, named: Facts, shown: Facts | None = None) -> AsyncIterator[Check]:
        for _ in range(8):
            await asyncio.sleep(0.1)
            await self.wire.read("GET", "/user")
        yield Check("who we are", Grade.GOOD, "acme-bot")


class Falling(Bare):
    """One that falls silent after a while."""

    async def examine(self, named: Facts, shown: Facts | None = None) -> AsyncIterator[Check]:
        yield Check("who we are", Grade.GOOD, "acme-bot")
        await asyncio.sleep(60)


class Mute(Bare):
    """One whose tracker answers something that it will answer later as well."""

    trouble: TrackersyncError

    async def examine(self, named: Facts, shown: Facts | None = None) -> AsyncIterator[Check]:
        yield Check("who we are", Grade.GOOD, "acme-bot")
        raise self.trouble


def with_connector(shop: Shop, kind: type[Bare], **limits: float) -> Examination:
    found = configuration(shop)
    plugin = replace(found.plugins["github"], create=lambda name, _settings, wire, _clock: kind(name, wire))
    changed = replace(found, plugins={**found.plugins, "github": plugin})
    return asyncio.run(examined(changed, only="github", clock=SystemClock(), **limits))


def test_a_connector_that_cannot_be_examined_is_probed(shop: Shop) -> None:
    (section,) = with_connector(shop, Bare).sections

    assert section.checks[1:4] == (
        Check("who we are", Grade.GOOD, "acme-bot"),
        Check("acme/shop", Grade.GOOD, "may be read"),
        Check("rights", Grade.WARNING, "acme/web cannot be read: no such repository", "Correct its name"),
    )


def test_no_tracker_is_asked_for_ever(shop: Shop) -> None:
    began = time.monotonic()
    (section,) = with_connector(shop, Endless, longest=0.5).sections

    assert time.monotonic() - began < 10
    assert section.checks[1:3] == (
        Check("who we are", Grade.GOOD, "acme-bot"),
        Check(
            "answers",
            Grade.ERROR,
            "not through with it after 0.5 s; what was found by then is told",
            "try again later: trackersync doctor --tracker github",
        ),
    )


def test_a_tracker_that_answers_is_not_given_up_for_being_many_answers_long(shop: Shop) -> None:
    (section,) = with_connector(shop, Slow, patience=0.5).sections

    assert section.checks[1] == Check("who we are", Grade.GOOD, "acme-bot")
    assert not [check for check in section.checks if check.grade is Grade.ERROR]


def test_what_was_found_before_it_fell_silent_is_told(shop: Shop) -> None:
    (section,) = with_connector(shop, Falling, patience=0.3).sections

    assert [(check.name, check.said) for check in section.checks[1:3]] == [
        ("who we are", "acme-bot"),
        ("answers", "no answer for 0.3 s; what was found by then is told"),
    ]


LATER = "try again later: trackersync doctor --tracker github"


@pytest.mark.parametrize(
    ("trouble", "said", "remedy"),
    [
        pytest.param(UnavailableError("it is down", passing=True), "it is down", LATER, id="down"),
        pytest.param(
            UnavailableError("a answered 503 twice; it asks for 9 s (GET /x)", retry_after=9),
            "a answered 503 twice; it asks for 9 s (GET /x)",
            LATER,
            id="asks for time",
        ),
        pytest.param(
            UnavailableError("GET /x is no JSON"), "GET /x is no JSON", "check `url` of tracker github in ", id="a page"
        ),
        pytest.param(
            UnavailableError("an answer that is none; check the tracker's `url`"),
            "an answer that is none",
            "check the tracker's `url`",
            id="advice in the same sentence",
        ),
        pytest.param(
            RejectedError("github: refused (GET /x). Let it. Then go on."), "refused (GET /x)", "Let it. Then go on",
            id="advice after it",
        ),
        pytest.param(AuthError("who?"), "who?", "check the credential of tracker github in ", id="who"),
    ],
)  # fmt: skip
def test_what_to_do_about_what_stopped_it(shop: Shop, trouble: TrackersyncError, said: str, remedy: str) -> None:
    (section,) = with_connector(shop, type("Mute", (Mute,), {"trouble": trouble})).sections

    (check,) = [check for check in section.checks if check.grade is Grade.ERROR]
    assert check.said == said
    assert check.remedy.startswith(remedy)
    assert check.remedy == remedy or "trackersync.yaml:" in check.remedy
    assert section.checks[1] == Check("who we are", Grade.GOOD, "acme-bot")


def test_no_wire_of_an_examination_writes(shop: Shop) -> None:
    hub: GitHub = shop.sandbox.github
    (section,) = with_connector(shop, Writing).sections

    (check,) = [check for check in section.checks if check.grade is Grade.ERROR]
    assert "may not be written" in check.said
    assert {request.method for request in hub.requests} == {"GET"}
