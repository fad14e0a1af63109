"""Apache Arrow's two trackers as stand-ins, trackersync run on them as a user would, and what the raw file says.

``Facts`` counts over the raw file without a line of trackersync, so that it can be the judge.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from product import MAIN, TOKENS, environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NOT_DONE = (
    "Won't Do", "Won't Fix", "Abandoned", "Auto Closed", "Cannot Reproduce", "Duplicate", "Feedback Received",
    "Incomplete", "Information Provided", "Invalid", "Later", "Not A Bug", "Not A Problem", "REMIND", "Workaround",
    "Works for Me",
)  # fmt: skip
ALIAS = "https://issues.apache.org/jira"

# Kilobytes. On Linux the process's own account, since what the parent learns begins with what it held itself.
PEAK = """
import atexit, pathlib, resource
def peak():
    status = pathlib.Path("/proc/self/status")
    if status.is_file():
        return next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
atexit.register(lambda: pathlib.Path("peak.txt").write_text(peak()))
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One issue of the raw file, as far as the claims are about it."""

    key: str
    category: str
    status: str
    resolution: str | None
    assignee: str | None

    @property
    def open(self) -> bool:
        """Whether somebody still has to work on it."""
        return self.category != "done"

    @property
    def stage(self) -> str:
        """The stage it is in, as this project's configuration has it."""
        if self.open:
            return "build" if self.status == "In Progress" else "idea"
        return "cancelled" if self.resolution in NOT_DONE else "done"


def facts(file: Path) -> Iterator[Fact]:
    """Read the raw file. ``category`` is Jira's: new, indeterminate or done."""
    with gzip.open(file) as lines:
        for line in lines:
            issue = json.loads(line)
            fields = issue["fields"]
            status = fields["status"]
            yield Fact(
                issue["key"],
                status["statusCategory"]["key"],
                status["name"],
                (fields["resolution"] or {}).get("name"),
                (fields["assignee"] or {}).get("name"),
            )


def logins(file: Path) -> dict[str, str]:
    """Jira's user name to GitHub's login."""
    with file.open(encoding="utf-8", newline="") as rows:
        return {jira.strip(): github.strip() for _, jira, github in csv.reader(rows) if jira.strip() and github.strip()}


def settings(github_url: str, jira_url: str, people: Mapping[str, str]) -> dict[str, Any]:
    """The configuration of a team whose Jira leads, and that leaves owners of finished work alone."""
    accounts: dict[str, list[str]] = {}
    for jira, github in people.items():
        accounts.setdefault(github, []).append(jira)
    return {
        "delivery": "delivery",
        "trackers": {
            "github": {
                "connector": "github",
                "url": github_url,
                "repositories": ["apache/arrow"],
                "token": "${GITHUB_TOKEN}",
                "stages": {
                    "idea": {"labels": ["stage: idea"]},
                    "build": {"labels": ["stage: build"]},
                    "done": {"state": "closed", "reason": "completed"},
                    "cancelled": {"state": "closed", "reason": "not_planned"},
                },
            },
            "jira": {
                "connector": "jira",
                "url": jira_url,
                "aliases": [ALIAS],
                "projects": ["ARROW"],
                "token": "${JIRA_TOKEN}",
                "stages": {
                    "idea": {"statuses": ["Open", "Reopened"]},
                    "build": {"statuses": ["In Progress"]},
                    "cancelled": {"statuses": ["Closed", "Resolved"], "resolutions": list(NOT_DONE)},
                    "done": {"statuses": ["Resolved", "Closed"], "set": {"resolution": "Fixed"}},
                },
            },
        },
        "sync": {
            "stage": {"authority": "jira", "adopt": "authority"},
            "owners": {"authority": "jira", "adopt": "authority", "finished": False},
        },
        "people": [{"name": name, "github": name, "jira": names} for name, names in accounts.items()],
        "limits": {"changes": 500, "share": "20%", "adoptions": 5000},
    }


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: what it printed, and what it cost. Seconds, and peak memory in megabytes."""

    code: int
    record: dict[str, Any]
    seconds: float
    cpu: float
    peak: float

    def __str__(self) -> str:
        """One line for a report."""
        asked = {name: dict(kinds) for name, kinds in self.record["requests"].items()}
        return f"{self.seconds:.1f} s, {self.cpu:.1f} s of CPU, peak {self.peak:.0f} MB, requests {asked}"


def measured(folder: Path, *arguments: str) -> Measured:
    """Run a command in a process of its own, and measure it."""
    begun = time.monotonic()
    with (folder / "out.json").open("w+", encoding="utf-8") as out, (folder / "err.txt").open("w+") as err:
        child = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
            [sys.executable, "-c", PEAK + MAIN, *arguments, "--format", "json"],
            cwd=folder, env=environment(**TOKENS), stdout=out, stderr=err,
        )  # fmt: skip
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        out.seek(0)
        err.seek(0)
        said = err.read()
        assert not said, said
        peak = int(folder.joinpath("peak.txt").read_text(encoding="ascii")) / 2**10
        return Measured(child.returncode, json.load(out), seconds, usage.ru_utime + usage.ru_stime, peak)


@dataclass
class Project:
    """Apache Arrow, its folder and configuration, and the runs so far."""

    folder: Path
    settings: dict[str, Any]
    runs: dict[str, Measured] = field(default_factory=dict)

    def configure(self, name: str = "trackersync.yaml") -> None:
        """Write the configuration down."""
        text = yaml.safe_dump(self.settings, sort_keys=False, allow_unicode=True)
        self.folder.joinpath(name).write_text(text, encoding="utf-8")

    def run(self, name: str, *arguments: str) -> Measured:
        """Run a command once, and keep what it came to."""
        self.runs[name] = done = measured(self.folder, *arguments)
        print(f"{name}: {done}")  # shown by `pytest -rP`
        return done
