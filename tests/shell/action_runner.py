"""A runner of GitHub jobs as far as ``action.yml`` needs one: expressions, files, shells, commands; caches are folders.

Written from GitHub's documentation ("Workflow syntax", "Contexts", "Workflow commands") and held to it where a mistake
would hide one of ours: what is printed is read as the runner reads it, line by line, on both pipes.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from action_words import Told, evaluated, filled, heard, read_pairs

from product import CHECKOUT, invoke

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ACTION = CHECKOUT / "action.yml"


@dataclass(frozen=True)
class Done:
    """What became of a step that uses the action.

    Attributes:
        ok: whether the job goes on.
        outputs: the action's.
        summary: what GitHub shows of the job, in Markdown; empty where a step's was too large.
        told: the commands that the runner heard.
        log: all that was printed.
        ran: the ids (or actions) of the steps that ran, in order.
    """

    ok: bool
    outputs: Mapping[str, str]
    summary: str
    told: tuple[Told, ...]
    log: str
    ran: tuple[str, ...]

    def annotations(self, kind: str = "") -> list[Told]:
        """The annotations that GitHub shows: ten of each kind and step."""
        kinds = [kind] if kind else ["error", "warning", "notice"]
        return [one for name in kinds for one in [told for told in self.told if told.name == name][:10]]


@dataclass
class Jobs:
    """A repository's jobs on one runner: its caches stay, its temporary folder does not.

    Attributes:
        workspace: what was checked out.
        base: where caches and temporary folders are.
        environment: a ready environment, which stands for one that was cached; None: none is.
        env: what the workflow's ``env:`` says.
        cancel: says when the job is cancelled, which it is once; None: it is not.
        quick: the program alone is run, in this process: for what the steps around it have no part in.
        github: the context, besides what every job has.
    """

    workspace: Path
    base: Path
    environment: Path | None
    env: dict[str, str] = field(default_factory=dict)
    github: dict[str, str] = field(default_factory=dict)
    event: dict[str, Any] = field(default_factory=dict)
    cancel: Callable[[], bool] | None = None
    quick: bool = False
    runs: int = 0

    def lose_caches(self) -> None:
        """What GitHub does after a week without use, or where there is no room."""
        shutil.rmtree(self.base / "caches", ignore_errors=True)

    def run(self, **given: str) -> Done:
        """Run a job whose one step uses the action; inputs with underscores for hyphens."""
        self.runs += 1
        # The runner's temporary folder has one path in all runs of a kind, and is empty at the beginning.
        shutil.rmtree(self.base / "temp", ignore_errors=True)
        temp = self.base / "temp"
        temp.mkdir()
        return _Job(self, temp).run({name.replace("_", "-"): text for name, text in given.items()})


class _Job:
    def __init__(self, jobs: Jobs, temp: Path) -> None:
        self.jobs = jobs
        self.temp = temp
        self.action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
        event = temp / "event.json"
        event.write_text(json.dumps(jobs.event), encoding="utf-8")
        self.github = {
            "token": "ghs_jobsowntoken0123456789", "repository": "acme/shop", "run_id": str(1000 + jobs.runs),
            "run_attempt": "1", "event_name": "schedule", "event_path": str(event), "workflow": "trackersync",
            "api_url": "http://127.0.0.1:9", "action_path": str(CHECKOUT), "workspace": str(jobs.workspace),
            **jobs.github,
        }  # fmt: skip
        self.steps: dict[str, Any] = {}
        if jobs.quick:
            self.steps["place"] = {"outputs": {"store": str(jobs.base / "quick.db")}}
        self.failed = False
        self.log = ""
        self.told: list[Told] = []
        self.summaries: list[str] = []
        self.ran: list[str] = []

    def run(self, given: Mapping[str, str]) -> Done:
        declared = self.action["inputs"]
        assert given.keys() <= declared.keys(), f"no such inputs: {given.keys() - declared.keys()}"
        defaults = {
            name: filled(str(one.get("default", "")), {"github": self.github}) for name, one in declared.items()
        }
        inputs = {**defaults, **given}
        for step in self.action["runs"]["steps"]:
            if self.jobs.quick and step.get("id") != "run":
                continue
            contexts = {
                "inputs": inputs,
                "github": self.github,
                "steps": self.steps,
                "runner": {"temp": str(self.temp)},
            }
            condition = str(step.get("if", "success()")).removeprefix("${{").removesuffix("}}")
            if "(" not in condition:
                condition = f"success() && ({condition})"
            if not evaluated(condition, contexts, failed=self.failed):
                continue
            name = step.get("id") or step["uses"].partition("@")[0]
            self.ran.append(name)
            outputs = self.used(step, contexts) if "uses" in step else self.shell(step, contexts)
            self.steps[name] = {"outputs": outputs}
        contexts = {"inputs": inputs, "github": self.github, "steps": self.steps}
        outputs = {name: filled(one["value"], contexts) for name, one in self.action["outputs"].items()}
        secrets = [self.github["token"], *(text for name, text in self.jobs.env.items() if name.endswith("TOKEN"))]
        shown = "\n".join([self.log, *self.summaries, *outputs.values()])
        # The runner would hide them from the log alone.
        assert not [secret for secret in secrets if len(secret) > 1 and secret in shown], "a secret was told"
        return Done(not self.failed, outputs, "".join(self.summaries), tuple(self.told), self.log, tuple(self.ran))

    def shell(self, step: Mapping[str, Any], contexts: Mapping[str, Any]) -> dict[str, str]:
        """A step's shell, as the runner starts it: ``bash --noprofile --norc -eo pipefail {0}``."""
        assert step["shell"] == "bash"
        script = self.temp / f"{secrets.token_hex(8)}.sh"
        script.write_text(filled(step["run"], contexts), encoding="utf-8")
        files = {
            name: self.temp / f"{name}-{secrets.token_hex(8)}" for name in ("OUTPUT", "STEP_SUMMARY", "ENV", "PATH")
        }
        for file in files.values():
            file.touch()
        environ = {
            "PATH": os.environ["PATH"], "HOME": str(self.temp), "GITHUB_ACTIONS": "true", "CI": "true",
            **{f"GITHUB_{name.upper()}": text for name, text in self.github.items() if name != "token"},
            **{f"GITHUB_{name}": str(file) for name, file in files.items()},
            "RUNNER_TEMP": str(self.temp), "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
            **self.jobs.env,
            **{name: filled(str(text), contexts) for name, text in step.get("env", {}).items()},
        }  # fmt: skip
        code, printed = self.typed(environ) if self.jobs.quick else self.started(script, environ)
        self.log += printed
        self.told += heard(printed)
        self.failed |= code != 0
        summary = files["STEP_SUMMARY"].read_bytes()
        # One byte more than 1 MiB, and GitHub shows none of it.
        self.summaries.append(summary.decode() if len(summary) <= 1024 * 1024 else "")
        assert files["ENV"].read_text() == files["PATH"].read_text() == "", "the job's own environment stays as it is"
        return read_pairs(files["OUTPUT"].read_text(encoding="utf-8"))

    def started(self, script: Path, environ: Mapping[str, str]) -> tuple[int, str]:
        """Its exit code, and what it printed on both pipes; cancelled where that is asked for."""
        child = subprocess.Popen(  # noqa: S603  # what the action says
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],  # noqa: S607  # as the runner does
            cwd=self.jobs.workspace, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        until = time.monotonic() + 60
        while self.jobs.cancel is not None and child.poll() is None and time.monotonic() < until:
            if self.jobs.cancel():
                # What the runner sends first, to the shell alone; 7.5 s later it would be SIGTERM.
                child.send_signal(signal.SIGINT)
                self.jobs.cancel = None
            time.sleep(0.02)
        printed, _ = child.communicate(timeout=240)
        return child.returncode, printed.decode()

    def typed(self, environ: Mapping[str, str]) -> tuple[int, str]:
        """The same of the program in this process."""
        before = dict(os.environ)
        try:
            with chdir(self.jobs.workspace):
                os.environ.clear()
                os.environ.update(environ)
                done = invoke("action")
        finally:
            os.environ.clear()
            os.environ.update(before)
        return done.code, done.out + done.err

    def used(self, step: Mapping[str, Any], contexts: Mapping[str, Any]) -> dict[str, str]:
        """The doubles of the actions that ours uses."""
        name = step["uses"].partition("@")[0]
        given = {key: filled(str(text), contexts) for key, text in step.get("with", {}).items()}
        if name == "actions/setup-python":
            return {"python-path": sys.executable}
        caches = self.jobs.base / "caches"
        if name == "actions/cache/save":
            self.save(caches, given)
            return {}
        assert name == "actions/cache/restore"
        return self.restore(caches, given)

    def save(self, caches: Path, given: Mapping[str, str]) -> None:
        """Under a name that is not taken; one that is stays as it is."""
        there = Path(given["path"])
        kept = caches / _version(given["path"]) / given["key"]
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(there, kept, symlinks=True)

    def restore(self, caches: Path, given: Mapping[str, str]) -> dict[str, str]:
        """The same name, else the youngest that begins so; of the same path only."""
        there = Path(given["path"])
        if given["key"].startswith("trackersync-environment-") and self.jobs.environment is not None:
            shutil.copytree(self.jobs.environment, there, symlinks=True)
            return {"cache-hit": "true"}
        folder = caches / _version(given["path"])
        kept = sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime_ns) if folder.is_dir() else []
        exact = [one for one in kept if one.name == given["key"]]
        starts = [line for line in given.get("restore-keys", "").splitlines() if line]
        near = [one for one in kept if any(one.name.startswith(start) for start in starts)]
        if not exact and not near:
            return {"cache-hit": ""}
        shutil.copytree((exact or near)[-1], there, symlinks=True, dirs_exist_ok=True)
        return {"cache-hit": "true" if exact else "false"}


def _version(path: str) -> str:
    """A cache is known by what was kept in it, too."""
    return re.sub(r"\W+", "_", path)


def environment(folder: Path) -> Path:
    """What the action's own step makes of a checkout, without pip: the program of this process's packages."""
    made = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made)], check=True)  # noqa: S603  # our own
    (site,) = made.glob("lib/python*/site-packages")
    (site / "here.pth").write_text("\n".join(path for path in sys.path if path) + "\n", encoding="utf-8")
    program = made / "bin" / "trackersync"
    program.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -c "from trackersync.cli import main; main()" "$@"\n')
    program.chmod(0o755)
    return made
