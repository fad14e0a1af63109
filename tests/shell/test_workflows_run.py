"""The shipped workflows' steps as they stand: their own inputs, on the runner that ``action.yml`` is tried on."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from action_runner import Jobs, environment
from action_words import evaluated, filled
from pulled import Pulled, pulling

from product import CHECKOUT, Shop
from trackersync.sandbox import Options, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from action_runner import Done

JIRA_TOKEN = "ATATTsesame9876543210"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, connectors_declared: None) -> Path:
    return environment(tmp_path_factory.mktemp("environment"))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """The sample shop's repository, checked out."""
    (tmp_path / "work").mkdir()
    with running(Options()) as sandbox:
        yield Shop(sandbox, tmp_path / "work")


@pytest.fixture
def jobs(shop: Shop, made: Path, tmp_path: Path) -> Jobs:
    (tmp_path / "runner").mkdir()
    return Jobs(shop.folder, tmp_path / "runner", made)


@pytest.fixture
def pulls(jobs: Jobs) -> Iterator[Pulled]:
    with pulling() as pulled:
        jobs.github |= {"api_url": pulled.url}
        yield pulled


def job(stem: str, name: str) -> dict[str, Any]:
    file = CHECKOUT / "config" / "workflows" / f"trackersync-{stem}.yaml"
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"][name]
    return found


def stepped(jobs: Jobs, stem: str, name: str, **contexts: Any) -> Done:  # noqa: ANN401  # a context is anything
    """Run a job's step that uses the action, with the inputs that the workflow gives it."""
    (step,) = [one for one in job(stem, name)["steps"] if one.get("uses", "").startswith("OWNER/trackersync@")]
    given = {key: filled(str(text), contexts) for key, text in step["with"].items()}
    return jobs.run(**{key.replace("-", "_"): text for key, text in given.items()})


def synced(jobs: Jobs, **inputs: str) -> Done:
    """A run of the sync; with inputs one that somebody started."""
    jobs.github["event_name"] = "workflow_dispatch" if inputs else "schedule"
    contexts = {"secrets": {"JIRA_TOKEN": JIRA_TOKEN}, "vars": {}, "inputs": inputs}
    return stepped(jobs, "sync", "sync", **contexts)


def proposed(shop: Shop) -> None:
    """A pull request that takes a person out: its files where they are checked out, the present ones in a folder."""
    present = shop.folder / "present"
    present.mkdir()
    shutil.copy(shop.file, present / shop.file.name)
    shop.settings["people"] = [one for one in shop.settings["people"] if one["name"] != "ada-l"]
    shop.configure()


def test_a_schedule_is_held_approved_and_goes_on(jobs: Jobs, shop: Shop) -> None:
    jobs.quick = True
    held = synced(jobs)
    assert (held.ok, held.outputs["held"], shop.writes) == (False, "true", 0)

    done = synced(jobs, approve=held.outputs["plan-digest"], full="true")
    assert done.ok, done.log
    written = shop.writes
    assert written > 0

    assert synced(jobs).ok
    assert shop.writes == written
    assert JIRA_TOKEN not in done.log + held.log + done.summary


def test_a_check_writes_sarif_and_fails_nothing(jobs: Jobs, shop: Shop) -> None:
    jobs.quick = True
    done = stepped(jobs, "check", "check", secrets={"JIRA_TOKEN": JIRA_TOKEN}, vars={})
    assert done.ok, done.log
    assert int(done.outputs["errors"]) > 0
    assert json.loads((shop.folder / "trackersync.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_a_pull_request_of_ones_own_is_judged_by_the_cache_without_a_secret(
    jobs: Jobs, shop: Shop, pulls: Pulled
) -> None:
    synced(jobs)
    # As Jira Cloud has it: the variable must be there, although nobody is asked.
    shop.tracker("jira", email="${JIRA_EMAIL}")
    proposed(shop)
    shop.clear()
    jobs.github["event_name"] = "pull_request"
    jobs.event = {"pull_request": {"number": 7, "head": {"repo": {"full_name": "acme/shop"}}}}
    done = stepped(jobs, "preview", "own")

    assert done.summary.startswith("## trackersync: this configuration would mean "), done.log
    assert (done.outputs["exit-code"], shop.reads, shop.writes) == ("0", 0, 0)
    (comment,) = pulls.comments.values()
    assert comment["issue"] == 7
    assert "this configuration would mean" in comment["body"]


def test_a_fork_is_judged_by_what_was_shared_and_hands_over_its_report(
    jobs: Jobs, shop: Shop, pulls: Pulled, tmp_path: Path
) -> None:
    shared, temp = synced(jobs).outputs["state-file"], tmp_path / "temp"
    # What is uploaded is one file under the name that the fork's job fetches, whole in itself.
    (temp / "trackersync-state").mkdir(parents=True)
    shutil.copy(shared, temp / "trackersync-state")
    jobs.lose_caches()
    with closing(sqlite3.connect(temp / "trackersync-state" / "trackersync.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    proposed(shop)
    shop.clear()
    jobs.github["event_name"] = "pull_request"
    jobs.event = {"pull_request": {"number": 7, "head": {"repo": {"full_name": "mallory/shop"}}}}
    done = stepped(jobs, "preview", "fork", runner={"temp": str(temp)})

    assert done.outputs["exit-code"] == "0", done.log
    assert (shop.reads, shop.writes, pulls.asked) == (0, 0, [])
    *_, upload = job("preview", "fork")["steps"]
    report = filled(upload["with"]["path"], {"runner": {"temp": str(temp)}})
    assert report == done.outputs["report"] == str(temp / "preview.md")
    assert temp.joinpath("preview.md").read_text(encoding="utf-8") == done.summary


@pytest.mark.parametrize(
    ("head", "own", "fork"), [("acme/shop", True, False), ("mallory/shop", False, True), ("", False, True)]
)
def test_each_pull_request_has_one_of_the_two_jobs(head: str, *, own: bool, fork: bool) -> None:
    pull = {"head": {"repo": {"full_name": head} if head else ""}}
    contexts = {"github": {"repository": "acme/shop", "event": {"pull_request": pull}}}
    assert (evaluated(job("preview", "own")["if"], contexts), evaluated(job("preview", "fork")["if"], contexts)) == (
        own, fork
    )  # fmt: skip


@pytest.mark.parametrize(
    ("event", "head", "comments"),
    [("pull_request", "mallory/shop", True), ("pull_request", "acme/shop", False), ("push", "mallory/shop", False)],
)
def test_only_what_a_forks_pull_request_ran_is_commented(event: str, head: str, *, comments: bool) -> None:
    run = {"event": event, "head_repository": {"full_name": head}}
    contexts = {"github": {"repository": "acme/shop", "event": {"workflow_run": run}}}
    assert evaluated(job("preview-comment", "comment")["if"], contexts) is comments
