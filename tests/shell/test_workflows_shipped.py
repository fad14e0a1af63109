"""The workflows that people copy, and our own: sound by three kept programs, and by rules that none of those has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from product import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

SHIPPED = sorted(CHECKOUT.glob("config/workflows/*.yaml"))
OURS = sorted(CHECKOUT.glob(".github/workflows/*.y*ml"))
ACTION = CHECKOUT / "action.yml"
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # \S.*")
SECRET = re.compile(r"\bsecrets\.")
STRANGERS = {"pull_request", "pull_request_target", "workflow_run", "issues", "issue_comment"}
"""Events that anybody can cause."""

Workflow = dict[Any, Any]


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the dev dependencies."""
    folders = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    program = shutil.which(name, path=folders)
    assert program is not None, f"{name} is not installed: pip install --group dev"
    return subprocess.run(  # noqa: S603  # our own words
        [program, *map(str, arguments)], cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False
    )


def read(file: Path) -> Workflow:
    found: Workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def events(workflow: Workflow) -> set[str]:
    # YAML 1.1 reads the key `on` as true.
    on = workflow.get("on", workflow.get(True))
    return {on} if isinstance(on, str) else set(on)


def steps(workflow: Workflow) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        # One that is another workflow has none.
        yield from job.get("steps", ())


def name(file: Path) -> str:
    return file.stem


# By programs that others keep.


def test_there_is_a_workflow_for_each_way_to_run_it() -> None:
    assert {file.stem.removeprefix("trackersync-") for file in SHIPPED} == {
        "check", "events", "preview", "preview-comment", "sync"
    }  # fmt: skip


def test_actionlint_finds_nothing() -> None:
    done = tool("actionlint", "-no-color", *SHIPPED, *OURS)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_zizmor_finds_nothing() -> None:
    done = tool("zizmor", "--offline", "--no-progress", "--color=never", *SHIPPED, *OURS, ACTION)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "files"),
    [("github-workflows", [*SHIPPED, *OURS]), ("github-actions", [ACTION])],
    ids=["workflows", "action"],
)
def test_they_keep_to_githubs_schema(schema: str, files: list[Path]) -> None:
    done = tool("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_programs_would_notice(tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.yaml"
    text = SHIPPED[-1].read_text(encoding="utf-8")
    spoilt.write_text(text.replace("inputs.approve", "inputs.aprove"), encoding="utf-8")
    assert 'property "aprove" is not defined' in tool("actionlint", "-no-color", spoilt).stdout
    spoilt.write_text(text.replace("persist-credentials: false", "fetch-depth: 1"), encoding="utf-8")
    assert "artipacked" in tool("zizmor", "--offline", "--no-progress", spoilt).stdout
    spoilt.write_text(text.replace("runs-on:", "run-on:"), encoding="utf-8")
    assert tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", spoilt).returncode == 1


# By rules of our own.


@pytest.mark.parametrize("file", SHIPPED, ids=name)
def test_each_may_do_the_least_and_never_runs_beside_itself(file: Path) -> None:
    workflow = read(file)
    assert workflow["permissions"] == {}
    assert set(workflow["concurrency"]) == {"group", "cancel-in-progress"}
    for job in workflow["jobs"].values():
        assert isinstance(job["permissions"], dict), "a job says what it may do"
        assert 0 < job["timeout-minutes"] <= 20
    # What writes, or keeps a state that is written, is never cancelled on the way.
    if any(step.get("with", {}).get("command") == "sync" for step in steps(workflow)):
        assert workflow["concurrency"]["cancel-in-progress"] is False


@pytest.mark.parametrize("file", [*SHIPPED, *OURS, ACTION], ids=name)
def test_whatever_is_used_is_pinned_and_says_its_version(file: Path) -> None:
    used = [
        line.partition("uses:")[2].strip()
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*(- )?uses:", line)
    ]
    assert used or file.stem == "trackersync-events"
    # What stands in this checkout is of the same commit.
    assert [one for one in used if not one.startswith("./") and not PINNED.fullmatch(one)] == []


@pytest.mark.parametrize("file", [*SHIPPED, *OURS, ACTION], ids=name)
def test_no_expression_is_part_of_a_script(file: Path) -> None:
    workflow = read(file)
    for step in workflow["runs"]["steps"] if file == ACTION else steps(workflow):
        assert "${{" not in step.get("run", "")
        assert "${{" not in step.get("with", {}).get("script", "")


@pytest.mark.parametrize("file", SHIPPED, ids=name)
def test_the_action_is_given_inputs_that_it_has(file: Path) -> None:
    inputs = read(ACTION)["inputs"]
    for step in steps(read(file)):
        if step.get("uses", "").startswith("OWNER/trackersync@"):
            given = step["with"]
            assert set(given) <= set(inputs)
            assert given["command"] in inputs["command"]["description"]


@pytest.mark.parametrize("file", [*SHIPPED, *OURS], ids=name)
def test_where_strangers_are_the_cause_there_is_no_secret_and_no_credential_is_left(file: Path) -> None:
    workflow, text = read(file), file.read_text(encoding="utf-8")
    if events(workflow) & STRANGERS:
        assert not SECRET.search(text)
        assert "pull_request_target" not in events(workflow)
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    if events(workflow) & {"workflow_run"}:
        assert "actions/checkout@" not in text


def test_they_mean_each_other() -> None:
    """A workflow is known to others by its file, or by its name."""
    by_stem = {file.stem.removeprefix("trackersync-"): read(file) for file in SHIPPED}
    comment = by_stem["preview-comment"].get("on", by_stem["preview-comment"].get(True))
    assert comment["workflow_run"]["workflows"] == [by_stem["preview"]["name"]]
    for other in ("events", "preview"):
        (script,) = [step["run"] for step in steps(by_stem[other]) if "run" in step]
        assert "trackersync-sync.yaml" in script
    named = {
        kind: {step["with"]["name"] for stem in stems for step in steps(by_stem[stem]) if kind in step.get("uses", "")}
        for kind, stems in (("upload-artifact", ("sync", "preview")), ("download-artifact", ("preview-comment",)))
    }
    assert named == {
        "upload-artifact": {"trackersync-state", "trackersync-preview"}, "download-artifact": {"trackersync-preview"}
    }  # fmt: skip


# What their scripts do. `gh` is a stand-in that writes down what it is told.

GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$TOLD"
case "$1 $2" in
  'run list') printf '%s' "$LISTED" ;;
  'run download') exit "$DOWNLOADED" ;;
esac
"""


def scripted(tmp_path: Path, stem: str, **environ: str) -> tuple[int, str, list[str]]:
    """Run a workflow's one script as a runner does: what it ended with, printed, and asked of ``gh``."""
    program, told = tmp_path / "bin" / "gh", tmp_path / "told"
    program.parent.mkdir()
    program.write_text(GH, encoding="utf-8")
    program.chmod(0o755)
    (script,) = [step["run"] for step in steps(read(CHECKOUT / f"config/workflows/{stem}.yaml")) if "run" in step]
    file = tmp_path / "script.sh"
    file.write_text(script, encoding="utf-8")
    done = subprocess.run(  # noqa: S603  # our own words
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)],  # noqa: S607
        env={"PATH": f"{program.parent}:{os.environ['PATH']}", "TOLD": str(told), **environ},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, told.read_text(encoding="utf-8").splitlines()


def test_an_event_starts_a_run_of_the_default_branch(tmp_path: Path) -> None:
    assert scripted(tmp_path, "trackersync-events", BRANCH="a branch; true") == (
        0, "", ["workflow run trackersync-sync.yaml --ref a branch; true"]
    )  # fmt: skip


LIST = (
    "run list --workflow trackersync-sync.yaml --branch main --status success --limit 1 --json databaseId "
    "--jq .[].databaseId"
)
FETCH = "run download 71 --name trackersync-state --dir /tmp/a folder"


@pytest.mark.parametrize(
    ("listed", "downloaded", "code", "told"),
    [
        pytest.param("71", "0", 0, [LIST, FETCH], id="shared"),
        pytest.param("71", "1", 1, [LIST, FETCH], id="not shared"),
        pytest.param("", "0", 1, [LIST], id="never run"),
    ],
)
def test_a_fork_is_judged_by_what_the_default_branch_shared(
    tmp_path: Path, listed: str, downloaded: str, code: int, told: list[str]
) -> None:
    found = scripted(
        tmp_path, "trackersync-preview", BRANCH="main", FOLDER="/tmp/a folder", LISTED=listed, DOWNLOADED=downloaded  # noqa: S108  # a name
    )  # fmt: skip
    assert (found[0], found[2]) == (code, told)
    assert found[1].startswith("::error::The last run of trackersync-sync.yaml shared no state") is bool(code)
