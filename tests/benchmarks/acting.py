"""What the GitHub Action costs, from an empty runner on and with its caches: all steps of ``action.yml``.

The step that installs truly installs, from wherever pip is told to look; what GitHub itself takes to fetch a cache, to
check out and to set Python up is not in it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "shell")]

from action_runner import Jobs  # noqa: E402
from tests.benchmarks.made import configuration, options  # noqa: E402
from tests.product import TOKENS  # noqa: E402

from trackersync.sandbox import Sandbox, running  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator


class Cost(NamedTuple):
    """A job: what its caches held, the seconds it took, and the requests that each tracker saw."""

    cached: str
    seconds: float
    github: int
    jira: int


def costs(folder: Path, issues: int, latency: float) -> Iterator[Cost]:
    """Run jobs that sync so many pairs of issues, each answer taking so many milliseconds."""
    place, base = folder / "acting", folder / "runner"
    for one in (place, base):
        one.mkdir()
    with running(options(place, issues)) as sandbox:
        sandbox.github.allow(("ada-l", "grace-h", "alan-t", "kath-j", "radia-p"))
        text = configuration(sandbox.github_url, sandbox.jira_url, "github", "jira")
        text += "sync: {stage: {adopt: furthest}, owners: {adopt: ask}}\nlimits: {share: 100%, adoptions: 100000}\n"
        place.joinpath("trackersync.yaml").write_text(text, encoding="utf-8")
        sandbox.github.latency = sandbox.jira.latency = latency
        jobs = Jobs(place, base, None, env=dict(TOKENS))
        yield _job(jobs, sandbox, "nothing", state="lost")
        yield _job(jobs, sandbox, "the environment", state="kept")
        yield _job(jobs, sandbox, "environment and state", state="kept")


def _job(jobs: Jobs, sandbox: Sandbox, cached: str, state: str) -> Cost:
    for one in (sandbox.github, sandbox.jira):
        one.requests.clear()
    begun = time.monotonic()
    done = jobs.run(command="sync", dry_run="true", state=state)
    took = time.monotonic() - begun
    assert done.outputs["exit-code"] == "0", done.log
    return Cost(cached, took, len(sandbox.github.requests), len(sandbox.jira.requests))
