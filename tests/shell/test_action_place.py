"""Where the Action keeps its store, and what it says where GitHub will not keep it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from action_words import heard, read_pairs

from product import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from action_words import Told


def placed(folder: Path, **environ: str) -> tuple[Mapping[str, str], list[Told]]:
    """What the Action's first step says, in outputs and to the runner."""
    outputs = folder / "outputs"
    outputs.touch()
    done = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, str(CHECKOUT / ".github" / "action" / "environment.py"), "place"],
        env={"PATH": os.environ["PATH"], "RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(outputs), **environ},
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    return read_pairs(outputs.read_text(encoding="utf-8")), list(heard(done.stdout))


@pytest.mark.parametrize("event", ["issues", "issue_comment", "workflow_run", "discussion"])
def test_a_run_that_strangers_can_cause_says_that_it_is_not_kept(tmp_path: Path, event: str) -> None:
    told = placed(tmp_path, GITHUB_EVENT_NAME=event, TRACKERSYNC_ACTION_COMMAND="sync", TRACKERSYNC_ACTION_STATE="x")[1]
    (warning,) = told
    assert (warning.name, warning.properties["title"]) == ("warning", "trackersync")
    assert warning.text.startswith(f"GitHub lets no run on `{event}` save a cache")
    assert (CHECKOUT / "config" / "workflows" / "trackersync-events.yaml").exists()
    assert "config/workflows/trackersync-events.yaml" in warning.text


@pytest.mark.parametrize(
    ("event", "environ", "keep"),
    [
        pytest.param("schedule", {}, "true", id="a schedule"),
        pytest.param("workflow_dispatch", {}, "true", id="somebody's button"),
        pytest.param("push", {}, "true", id="a push"),
        pytest.param("pull_request_target", {}, "false", id="a stranger's pull request is never kept"),
        pytest.param("issues", {"TRACKERSYNC_ACTION_COMMAND": "preview"}, "false", id="a preview keeps nothing anyway"),
        pytest.param("issues", {"TRACKERSYNC_ACTION_STATE": "none"}, "false", id="none is wanted"),
        pytest.param("issues", {"TRACKERSYNC_ACTION_STATE_FILE": "a.db"}, "false", id="a file is given"),
    ],
)
def test_no_other_run_says_so(tmp_path: Path, event: str, environ: dict[str, str], keep: str) -> None:
    given = {"TRACKERSYNC_ACTION_COMMAND": "sync", "TRACKERSYNC_ACTION_STATE": "x", **environ}
    outputs, told = placed(tmp_path, GITHUB_EVENT_NAME=event, **given)
    assert (outputs["keep"], told) == (keep, [])
