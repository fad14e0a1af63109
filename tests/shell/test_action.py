"""The Action, run as a runner would: every step of ``action.yml``, on the sandbox, told in files and annotations."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import sysconfig
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import hatchling
import pytest
import yaml
from action_runner import Jobs, environment
from action_words import heard, read_pairs
from healthchecked import CHECK, listening
from pulled import Pulled, pulling

from product import CHECKOUT, Shop
from trackersync.cli.action import action
from trackersync.sandbox import Options, answer, running, stall

if TYPE_CHECKING:
    from collections.abc import Iterator

PULL = {"pull_request": {"number": 7, "head": {"repo": {"full_name": "acme/shop"}}}}
FORK = {"pull_request": {"number": 7, "head": {"repo": {"full_name": "mallory/shop"}}}}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, connectors_declared: None) -> Path:
    """An environment as the cache would bring it."""
    return environment(tmp_path_factory.mktemp("environment"))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """The sample shop, its configuration checked out where a path has blanks."""
    workspace = tmp_path / "my work space"
    workspace.mkdir()
    with running(Options()) as sandbox:
        yield Shop(sandbox, workspace)


@pytest.fixture
def jobs(shop: Shop, made: Path, tmp_path: Path) -> Jobs:
    """The shop's repository on a runner, with the tokens that its workflow has."""
    base = tmp_path / "runner"
    base.mkdir()
    return Jobs(shop.folder, base, made, env={"GITHUB_TOKEN": "ghp_people", "JIRA_TOKEN": "ATATTsesame"})


@pytest.fixture
def quick(jobs: Jobs) -> Jobs:
    """The same without the steps around: half a second less each."""
    jobs.quick = True
    return jobs


@pytest.fixture
def pulls(jobs: Jobs) -> Iterator[Pulled]:
    """GitHub's comments, on a pull request of the repository's own."""
    with pulling() as pulled:
        jobs.github |= {"api_url": pulled.url, "event_name": "pull_request"}
        jobs.event = PULL
        yield pulled


def test_a_check_is_told_everywhere(jobs: Jobs, shop: Shop) -> None:
    done = jobs.run(sarif="out/check.sarif", report="out dir/report.md", fail_on="error")

    assert not done.ok
    assert (done.outputs["exit-code"], done.outputs["findings"], done.outputs["errors"]) == ("1", "18", "6")
    assert done.summary.startswith("## trackersync: 36 open tasks, 6 errors\n")
    assert [len(done.annotations(kind)) for kind in ("error", "warning", "notice")] == [6, 10, 2]
    assert json.loads((shop.folder / "out" / "check.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert (shop.folder / "out dir" / "report.md").read_text(encoding="utf-8") == done.summary
    assert done.outputs["report"] == "out dir/report.md"


def test_the_store_is_kept_although_the_step_failed(jobs: Jobs) -> None:
    first = jobs.run(state="night-shift")
    second = jobs.run(state="night-shift", fail_on="never")
    # Another name, although what it is kept under begins alike.
    other = jobs.run(state="night", fail_on="never")

    assert [one.ok for one in (first, second, other)] == [False, True, True]
    assert ["pairs linked" in one.log for one in (first, second, other)] == [True, False, True], "else only changes"
    (name,) = (jobs.base / "caches").glob("*state_night_shift")
    assert len(list(name.iterdir())) == 2
    for kept in name.iterdir():
        assert [file.name for file in kept.iterdir()] == ["trackersync.db"], "nothing waits beside the store"
        with closing(sqlite3.connect(kept / "trackersync.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_plan_writes_nothing_and_names_its_digest(quick: Jobs, shop: Shop) -> None:
    done = quick.run(command="sync", dry_run="true")

    assert done.ok
    assert (done.outputs["changes"], done.outputs["conflicts"], done.outputs["held"]) == ("13", "2", "true")
    assert done.summary.startswith("## trackersync: 13 changes planned, 2 conflicts open\n")
    assert shop.writes == 0


def test_held_then_approved_then_nothing_to_do(jobs: Jobs, shop: Shop) -> None:
    held = jobs.run(command="sync")
    digest = held.outputs["plan-digest"]

    assert not held.ok
    assert (held.outputs["exit-code"], held.outputs["held"]) == ("3", "true")
    assert held.summary.startswith("## trackersync: held, nothing written\n\nHeld by the guard. **first run**: ")
    assert f"*Run workflow → approve = {digest}*" in held.summary
    assert [one.properties["title"] for one in held.annotations("warning")] == ["held by the guard"]
    assert shop.writes == 0

    done = jobs.run(command="sync", approve=digest)
    assert done.ok
    assert done.summary.startswith("## trackersync: 13 of 13 changes written, 2 conflicts open\n")
    assert (done.outputs["changes"], done.outputs["held"], done.outputs["exit-code"]) == ("13", "false", "0")
    written = shop.writes
    assert written > 0

    again = jobs.run(command="sync")
    assert again.ok
    assert again.summary.startswith("## trackersync: nothing to write, 2 conflicts open\n")
    assert shop.writes == written


def test_of_a_run_that_broke_off_what_was_written_counts(quick: Jobs, shop: Shop) -> None:
    shop.tracker("github", patience="1 s")
    digest = quick.run(command="plan").outputs["plan-digest"]
    used_up = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 1800)}
    shop.sandbox.github.faults.add(answer(403, "{}", used_up), kind="write", skip=4, times=100)
    done = quick.run(command="sync", approve=digest)

    assert (done.outputs["exit-code"], done.outputs["changes"]) == ("5", "3")
    assert done.summary.startswith("## trackersync: 3 of 13 changes written, 2 conflicts open\n")
    assert "its rate limit is used up; it asks for 30 min" in done.summary


def test_another_plan_than_the_approved_is_refused(quick: Jobs, shop: Shop) -> None:
    done = quick.run(command="sync", approve="0123abcd")

    assert done.outputs["exit-code"] == "3"
    assert done.summary.startswith("## trackersync: refused, nothing written\n\n`0123abcd` was approved")
    assert shop.writes == 0


def test_a_lost_cache_is_held_and_said(jobs: Jobs, shop: Shop) -> None:
    jobs.quick = True
    jobs.run(command="sync", approve=jobs.run(command="plan").outputs["plan-digest"])
    shop.sandbox.meanwhile()
    # What that left is nowhere in a cache.
    jobs.quick = False
    written = shop.writes

    held = jobs.run(command="sync")
    assert held.outputs["held"] == "true"
    assert "**The store is new**: " in held.summary
    assert f"approve = {held.outputs['plan-digest']}" in held.summary
    assert shop.writes == written

    jobs.lose_caches()
    agreed = jobs.run(command="sync", yes="true")
    assert agreed.ok
    # Here nobody saw a held run that would have said so.
    assert "**The store is new**: " in agreed.summary
    assert shop.writes > written
    assert "**The store is new**" not in jobs.run(command="sync").summary


def test_several_are_named_one_on_a_line(quick: Jobs) -> None:
    done = quick.run(command="plan", only="SHOP-42\n  acme/shop#15 \n\n")
    assert done.outputs["changes"] == "3"


def changed(shop: Shop) -> str:
    """A pull request that takes a person out; where the configuration before it stands."""
    shutil.copy(shop.file, shop.folder / "old one.yaml")
    shop.settings["people"] = [one for one in shop.settings["people"] if one["name"] != "ada-l"]
    shop.configure()
    return "old one.yaml"


def test_a_preview_says_what_a_change_would_do(quick: Jobs, shop: Shop) -> None:
    quick.run(command="plan")
    old = changed(shop)
    shop.clear()
    done = quick.run(command="preview", against=old, fail_on="warning")

    assert done.outputs["exit-code"] == "1"
    assert done.summary.startswith("## trackersync: this configuration would mean ")
    assert int(done.outputs["new"]) > 0
    assert shop.reads == shop.writes == 0
    assert quick.run(command="preview", against=old).ok


def test_a_preview_without_a_store_says_where_one_comes_from(quick: Jobs, shop: Shop) -> None:
    done = quick.run(command="preview", against=changed(shop))
    assert done.outputs["exit-code"] == "2"
    assert done.annotations("error")[0].text.startswith("a preview judges what an earlier run kept, and nothing was")


def test_a_preview_reads_a_store_from_an_artifact_and_keeps_none(jobs: Jobs, shop: Shop, tmp_path: Path) -> None:
    jobs.quick = True
    kept = tmp_path / "an artifact.db"
    shutil.copy(jobs.run(command="plan").outputs["state-file"], kept)
    jobs.quick = False
    done = jobs.run(command="preview", against=changed(shop), state_file=str(kept))

    assert done.ok
    assert done.outputs["state-file"] == str(kept)
    assert not (jobs.base / "caches").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"command": "snyc"}, 'the input `command` is "snyc". Next: did you mean "sync"?', id="a word"),
        pytest.param({"command": ""}, "the input `command` is empty", id="nothing"),
        pytest.param({"yes": "yes", "command": "sync"}, 'the input `yes` is "yes"', id="no switch"),
        pytest.param({"fail-on": "errors"}, 'the input `fail-on` is "errors"', id="a severity"),
        pytest.param({"approve": "a b", "command": "sync"}, "the input `approve` is no digest", id="no digest"),
        pytest.param({"approve": "7c1e44b9"}, "the input `approve` belongs to sync", id="another command's"),
        pytest.param({"config": "no such.yaml"}, "the input `config` names no such.yaml", id="no such file"),
        pytest.param({"state-file": "gone.db"}, "the input `state-file` names gone.db", id="no such store"),
        pytest.param({"sarif": "trackersync.yaml/x"}, "the input `sarif` names trackersync.yaml/x", id="no place"),
        pytest.param({"healthcheck-url": "hc-ping.com/1"}, "the healthcheck's URL is no address", id="no address"),
        pytest.param({"command": "preview"}, "the input `against` is missing: a preview compares", id="nothing beside"),
    ],
)
def test_a_wrong_input_is_one_sentence_that_names_it(quick: Jobs, given: dict[str, str], said: str) -> None:
    done = quick.run(**{name.replace("-", "_"): text for name, text in given.items()})

    assert not done.ok
    assert done.outputs["exit-code"] == "2"
    assert done.annotations("error")[0].text.startswith(said)
    # In the page, where code stands as code.
    assert said.partition(" is ")[0].partition(" names ")[0].replace("`", "").split()[2] in done.summary


def test_switches_are_read_as_people_write_them(quick: Jobs) -> None:
    assert quick.run(fail_on="never", dry_run="False", yes="FALSE", full=" True\r\n").ok


def test_where_nothing_is_checked_out_it_is_said(quick: Jobs, shop: Shop) -> None:
    shop.file.unlink()
    done = quick.run(command="sync")
    (error,) = done.annotations("error")
    assert error.text.startswith("there is no configuration: neither trackersync.yaml nor .github/trackersync.yaml is")
    assert "actions/checkout" in done.summary


def test_a_fault_of_its_own_is_more_than_a_red_cross(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_file: Path) -> bool:
        raise RuntimeError("::error::nobody foresaw this")

    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("TRACKERSYNC_ACTION_COMMAND", "check")
    monkeypatch.setenv("TRACKERSYNC_ACTION_CONFIG", "a.yaml")
    monkeypatch.setattr(Path, "is_file", broken)
    with pytest.raises(RuntimeError):
        action()

    summary = (tmp_path / "GITHUB_STEP_SUMMARY").read_text(encoding="utf-8")
    assert summary.startswith("## trackersync: ended by a fault of its own\n")
    assert read_pairs((tmp_path / "GITHUB_OUTPUT").read_text(encoding="utf-8")) == {"exit-code": "1"}
    # What Python prints of it comes after, and is unheard too.
    assert list(heard(f"{capsys.readouterr().out}::error::nobody foresaw this\n")) == []


def test_a_mistake_in_the_configuration_is_annotated_where_it_stands(quick: Jobs, shop: Shop) -> None:
    shop.settings["people"] = "nonsense"
    shop.configure()
    done = quick.run()

    (_, place) = done.annotations("error")
    line = shop.file.read_text(encoding="utf-8").splitlines()[int(place.properties["line"]) - 1]
    assert (place.properties["file"], line) == ("trackersync.yaml", "people: nonsense")
    assert done.outputs["exit-code"] == "2"


def test_what_came_to_nothing_stands_in_the_report_too(quick: Jobs, shop: Shop) -> None:
    shop.settings["people"] = "nonsense"
    shop.configure()
    done = quick.run(command="preview", against="trackersync.yaml", report="out/preview.md")

    assert done.outputs["report"] == "out/preview.md"
    assert (shop.folder / "out" / "preview.md").read_text(encoding="utf-8") == done.summary
    assert "a list is needed here" in done.summary


def test_a_token_given_as_input_reaches_the_configuration(quick: Jobs) -> None:
    quick.env = {}
    assert quick.run(jira_token="ATATT", fail_on="never").ok
    assert quick.run(jira_token="an-expired-one", fail_on="never").outputs["exit-code"] == "4"
    quick.env = {"GITHUB_TOKEN": "ghp_expired"}
    # What the workflow sets beats the job's own token, and what it gives beats both.
    assert quick.run(jira_token="ATATT", fail_on="never").outputs["exit-code"] == "4"
    assert quick.run(jira_token="ATATT", github_token="ghp_good", fail_on="never").ok


@pytest.mark.parametrize(("fail_on", "told"), [("never", ""), ("nothing", "/2")])
def test_a_healthcheck_hears_of_it(quick: Jobs, fail_on: str, told: str) -> None:
    with listening() as healthcheck:
        done = quick.run(fail_on=fail_on, healthcheck_url=healthcheck.url)
    assert healthcheck.heard == ["/start", told]
    assert CHECK not in done.log + done.summary


def test_a_tracker_that_was_not_read_stands_in_the_heading(quick: Jobs, shop: Shop) -> None:
    quick.run(command="sync")
    shop.sandbox.jira.faults.add(answer(401), times=100)
    checked, synced = quick.run(fail_on="never"), quick.run(command="sync")

    assert (checked.outputs["exit-code"], synced.outputs["exit-code"]) == ("4", "4")
    assert checked.summary.startswith("## trackersync: jira not read, 36 open tasks, 6 errors")
    assert synced.summary.startswith("## trackersync: jira not read, ")


def test_what_the_jobs_own_token_cannot_do_is_a_warning(quick: Jobs, shop: Shop) -> None:
    quick.env = {"JIRA_TOKEN": "ATATTsesame"}
    quick.github = {"repository": "acme/website"}
    done = quick.run(fail_on="never")

    assert done.ok
    assert "GITHUB&#95;TOKEN is acme/website's alone" in done.summary
    assert done.annotations("warning")[0].properties["title"] == "github: token"
    quick.env["GITHUB_TOKEN"] = "ghp_people"
    assert "alone" not in quick.run(fail_on="never").summary


def test_a_cancelled_job_ends_in_order_and_keeps_what_it_read(jobs: Jobs, shop: Shop) -> None:
    shop.sandbox.jira.faults.add(stall(10))
    jobs.cancel = lambda: shop.sandbox.github.reads > 1 and bool(shop.sandbox.jira.requests)
    done = jobs.run(command="sync")

    assert done.outputs["exit-code"] == "130"
    assert done.summary.startswith("## trackersync: stopped\n\nStopped. Nothing was written to any tracker.")
    assert done.ran[-2:] == ("close", "actions/cache/save")


# The pull request.


def test_one_comment_is_edited_in_place(quick: Jobs, pulls: Pulled) -> None:
    pulls.add(7, "User", "Looks good")
    quick.run(comment="true", fail_on="never")
    first = dict(pulls.comments[2])
    quick.run(comment="true", fail_on="error")

    assert len(pulls.comments) == 2
    assert first["body"].startswith("<!-- trackersync ")
    assert "## trackersync: 36 open tasks" in first["body"]
    assert pulls.asked[-1] == "PATCH /repos/acme/shop/issues/comments/2"


def test_a_persons_comment_with_the_same_mark_is_left_alone(quick: Jobs, pulls: Pulled) -> None:
    quick.run(comment="true", fail_on="never")
    stolen = pulls.comments.pop(1)["body"]
    pulls.add(7, "User", stolen)
    quick.run(comment="true", fail_on="never")
    assert pulls.comments[1]["body"] == stolen
    assert len(pulls.comments) == 2


def test_ours_is_found_behind_a_hundred_others(quick: Jobs, pulls: Pulled) -> None:
    for number in range(130):
        pulls.add(7, "User", f"comment {number}")
    quick.run(comment="true", fail_on="never")
    quick.run(comment="true", fail_on="never")
    assert len(pulls.comments) == 131


def test_a_forks_pull_request_gets_no_comment_and_fails_nothing(jobs: Jobs, pulls: Pulled) -> None:
    pulls.may_write = False
    jobs.event = FORK
    done = jobs.run(comment="true", fail_on="never")

    assert done.ok
    assert "Not commented on the pull request: the job's token may not." in done.summary
    # Nothing of a fork's run is kept for others.
    assert "close" not in done.ran


def test_a_mistake_in_a_changed_configuration_is_commented_too(quick: Jobs, pulls: Pulled, shop: Shop) -> None:
    shop.settings["people"] = "nonsense"
    shop.configure()
    quick.run(command="preview", comment="true", against="trackersync.yaml")
    assert "a list is needed here" in pulls.comments[1]["body"]


def test_without_a_pull_request_it_is_said_and_nothing_is_asked(quick: Jobs, pulls: Pulled) -> None:
    quick.event = {}
    assert "this run is about no pull request" in quick.run(comment="true", fail_on="never").summary
    assert pulls.asked == []


def test_the_checkout_is_truly_installed_once(shop: Shop, tmp_path: Path) -> None:
    # What it needs and what builds it are here already, which spares half a minute and every download. That a variable
    # which says no to isolation must be 0 is pip's own way.
    here = {"PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1"}
    here["PYTHONPATH"] = os.pathsep.join({sysconfig.get_path("purelib"), str(Path(hatchling.__file__).parents[1])})
    (tmp_path / "runner").mkdir()
    # What is checked out may be a fork's: modules in it are not run in the place of the library's, or of ours.
    for name in ("logging", "pip", "trackersync", "venv"):
        (shop.folder / f"{name}.py").write_text('print("a stranger\'s")\n', encoding="utf-8")
    jobs = Jobs(shop.folder, tmp_path / "runner", None, env={**here, "GITHUB_TOKEN": "x", "JIRA_TOKEN": "x"})
    first, second = jobs.run(fail_on="never"), jobs.run(fail_on="never")

    assert "a stranger's" not in first.log + second.log
    assert "trackersync is installed, with Python" in first.log, first.log
    assert "trackersync is installed: from the cache" in second.log, second.log
    assert [one.ok for one in (first, second)] == [True, True]
    assert second.outputs["new"] == "0"
    assert [one.ran.count("actions/cache/save") for one in (first, second)] == [2, 1]


def test_the_shell_has_no_logic_and_takes_no_text_in() -> None:
    steps = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    runs = [step["run"] for step in steps if "run" in step]
    assert len(runs) == 4
    assert all(
        re.fullmatch(r'(exec )?"\$TRACKERSYNC_\w+"( "\$GITHUB_ACTION_PATH/[\w./]+")? \w+', run) for run in runs
    ), runs
