"""The product as a user runs it: a command line over a running sandbox, and what it printed, wrote and ended with.

Every run is judged on the way: no traceback, nothing for people wider than 100 columns, no token in anything printed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.testing
import yaml
from typer.testing import CliRunner

from trackersync import __version__
from trackersync.cli.app import app
from trackersync.registry import GROUP
from trackersync.sandbox import Sandbox, configuration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHECKOUT = Path(__file__).parents[1]
SHARED = CHECKOUT.parent / "shared"
WIDEST = 100
TOKENS = {"GITHUB_TOKEN": "ghp_sesame0123456789", "JIRA_TOKEN": "ATATTsesame9876543210"}
# Made once in a process, as the program does it, and not before every command: 70 ms each, some thousand times.
typer.testing._get_command = cache(typer.testing._get_command)  # type: ignore[attr-defined]  # typer's own
MAIN = "from trackersync.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command ended with, and what it printed on standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """All that a person reads, on one line: where a long sentence folds is not a test's business."""
        return " ".join((self.out + " " + self.err).split())

    @property
    def record(self) -> dict[str, Any]:
        """What a program reads; raises ``ValueError`` where standard output is no JSON."""
        found: dict[str, Any] = json.loads(self.out)
        return found


def ran(code: int, out: str, err: str, secrets: Sequence[str] = tuple(TOKENS.values())) -> Ran:
    """Judge what every run must keep to."""
    both = out + err
    assert "Traceback (most recent call last)" not in both, both
    assert not [secret for secret in secrets if secret in both], "a secret was printed"
    if not out.lstrip().startswith(("{", "## ", "::")):
        assert not [line for line in both.splitlines() if len(line) > WIDEST], both
    return Ran(code, out, err)


def invoke(*arguments: str) -> Ran:
    """Run the command line in this process; an error that it does not name is raised, as a bug of ours."""
    found = CliRunner().invoke(app, [*arguments])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return ran(found.exit_code, found.stdout, found.stderr)


def environment(**more: str) -> dict[str, str]:
    """The environment of a child that finds the same packages as this process."""
    quiet = {name: text for name, text in os.environ.items() if not name.startswith(("COLUMNS", "FORCE_COLOR", "NO_"))}
    return {**quiet, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1", **more}


def spawn(folder: Path, *arguments: str, **more: str) -> Ran:
    """Run the command line in a process of its own."""
    done = subprocess.run(  # noqa: S603  # our own interpreter and our own words
        [sys.executable, "-c", MAIN, *arguments],
        cwd=folder, env=environment(**{**TOKENS, **more}), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return ran(done.returncode, done.stdout, done.stderr)


def begin(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the command line in a process of its own, to be interrupted."""
    return subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
        [sys.executable, "-c", MAIN, *arguments],
        cwd=folder, env=environment(**TOKENS), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def interrupt(child: subprocess.Popen[str]) -> Ran:
    """Press Ctrl-C, and wait for the end."""
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    return ran(child.returncode, out, err)


def declared(folder: Path) -> Path | None:
    """Where the entry points of a checkout that is only on the path are declared; None where it is installed.

    A test run needs no installation: what an installer would write is written from ``pyproject.toml``.
    """
    if entry_points(group=GROUP):
        return None
    import tomllib  # noqa: PLC0415  # only where nothing is installed

    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    meta = folder / f"trackersync-{__version__}.dist-info"
    meta.mkdir()
    meta.joinpath("METADATA").write_text(f"Name: trackersync\nVersion: {__version__}\n", encoding="utf-8")
    lines = [f"{name} = {target}" for name, target in project["entry-points"][GROUP].items()]
    meta.joinpath("entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines, ""]), encoding="utf-8")
    return folder


@dataclass
class Shop:
    """The sample shop with a configuration for it, in a folder of its own."""

    sandbox: Sandbox
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take the shop's own configuration, with the stand-ins' addresses in it."""
        text = configuration().replace("${GITHUB_URL}", self.sandbox.github_url)
        self.settings = yaml.safe_load(text.replace("${JIRA_URL}", self.sandbox.jira_url))
        self.configure()

    @property
    def file(self) -> Path:
        """The configuration's file."""
        return self.folder / "trackersync.yaml"

    def configure(self) -> None:
        """Write the settings down."""
        self.file.write_text(yaml.safe_dump(self.settings, sort_keys=False, allow_unicode=True), encoding="utf-8")

    def tracker(self, name: str, **settings: object) -> None:
        """Change a tracker's settings; None takes one away."""
        mine = self.settings["trackers"][name]
        mine.update(settings)
        self.settings["trackers"][name] = {key: value for key, value in mine.items() if value is not None}
        self.configure()

    def only(self, name: str) -> None:
        """Leave one tracker in the configuration."""
        gone = self.settings["trackers"].keys() - {name}
        self.settings["trackers"] = {name: self.settings["trackers"][name]}
        self.settings["people"] = [
            {word: text for word, text in person.items() if word not in gone} for person in self.settings["people"]
        ]
        self.configure()

    def run(self, *arguments: str) -> Ran:
        """Run a command in the shop's folder."""
        return invoke(*arguments)

    def json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """Run a command for a machine, and read what it says."""
        done = self.run(*arguments, "--format", "json")
        assert done.code == code, f"exit {done.code} and not {code}:\n{(done.out + done.err)[:2000]}"
        return done.record

    def approved(self) -> dict[str, Any]:
        """Sync with the present plan's digest; answer what was printed."""
        digest = self.json("plan")["digest"]
        return self.json("sync", "--approve", digest)

    def state(self) -> tuple[Mapping[int, object], Mapping[int, object]]:
        """Both trackers as they are: frozen issues, so two states can be compared."""
        return dict(self.sandbox.github.issues), dict(self.sandbox.jira.issues)

    @property
    def writes(self) -> int:
        """Requests so far that could have changed something."""
        return self.sandbox.github.writes + self.sandbox.jira.writes

    @property
    def reads(self) -> int:
        """Requests so far that could not."""
        return self.sandbox.github.reads + self.sandbox.jira.reads

    def clear(self) -> None:
        """Forget what was asked so far, and disarm every fault."""
        for model in (self.sandbox.github, self.sandbox.jira):
            model.requests.clear()
            model.faults.clear()
