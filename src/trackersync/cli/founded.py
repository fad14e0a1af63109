"""What `init` can say at once of what it wrote: the first findings, told from the store alone."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trackersync.cli import credentials
from trackersync.cli.aiming import TYPED
from trackersync.cli.credentials import Credential, variable_of
from trackersync.config import NAMES, Configuration
from trackersync.core.diagnose import Finding, Watch
from trackersync.core.outcome import Outcome, World
from trackersync.core.selection import Selection, checked
from trackersync.errors import ConfigError
from trackersync.pipeline.diagnosing import remember
from trackersync.pipeline.recall import recalled
from trackersync.report.baseline import baseline_text
from trackersync.report.names import count
from trackersync.report.people import roster_of
from trackersync.report.text.opening import open_tasks, tally, verdict
from trackersync.report.text.screen import Screen

BASELINE = "trackersync-baseline.json"


@dataclass(frozen=True, slots=True)
class Founded:
    """What there is once the file is written.

    Attributes:
        configuration: as it was read back from the file.
        world: the tasks and findings by it.
        findings: what a check shows of them.
        strangers: how many accounts with open work belong to nobody, where there are several trackers.
    """

    configuration: Configuration
    world: World
    findings: Sequence[Finding]
    strangers: int


@dataclass(frozen=True, slots=True)
class StandIns:
    """The stand-ins, where they are what is looked at.

    Attributes:
        aliases: by tracker, other addresses by which issues name it.
        tokens: by tracker, what may stand in the file.
        command: brings them up again.
    """

    aliases: Mapping[str, list[str]]
    tokens: Mapping[str, str]
    command: str


def founded(configuration: Configuration) -> Founded:
    """What the store shows under a configuration; sends nothing, and remembers the findings for the next check."""
    with recalled(configuration) as found:
        outcome = Outcome(found.world, before=remember(found.session, found.world), offline=True)
        roster = roster_of(found.session.terms.people.identity, found.world)
    rulebook = configuration.rulebook
    findings = checked(outcome, Selection(), rulebook, Watch(datetime.now(UTC), rulebook.calendar), None).findings
    several = len(configuration.trackers) > 1
    return Founded(configuration, found.world, findings, len(roster.strangers) + len(roster.possible) if several else 0)


def told(screen: Screen, found: Founded, file: Path) -> None:
    """That the file is written, and the verdict of the first look."""
    lines = len(file.read_text(encoding="utf-8").splitlines())
    screen.blank()
    screen.say(f"wrote     {file}, {count(lines, 'line')}. Nothing was written to any tracker.")
    screen.blank()
    verdict(screen, found.world, found.findings)


def counted(found: Founded) -> str:
    """How many findings there are today."""
    return count(len(found.findings), "finding")


def summed(found: Founded) -> dict[str, Any]:
    """The verdict for machines, under the words of ``check --format json``."""
    return {"places": tally(found.findings), "open_tasks": open_tasks(found.world)}


def offer(findings: str, beside: Path) -> str:
    """The question whether today's findings shall be known, which says what lies in the place of the baseline.

    Args:
        findings: how many there are, in words.
        beside: where the baseline would be.
    """
    question = f"Take {findings} as known, so that only new ones fail a check?"
    if beside.exists():
        return f"{question} They go to {beside}, which is there already; replace it?"
    return f"{question} They go to {beside}."


def keep(baseline: Path, found: Founded, file: Path) -> None:
    """Write a baseline: what is found today is known.

    Args:
        baseline: where.
        found: what is found.
        file: the configuration, which is written by now.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        baseline.write_text(baseline_text(found.findings, datetime.now(UTC)), encoding="utf-8")
    except OSError as error:
        step = f"trackersync check --update-baseline --baseline FILE{_named(file)}, with another FILE"
        message = f"the baseline cannot be written to {baseline}: {error.strerror}. {file} is written."
        raise ConfigError(message, next_step=step) from error


def _named(file: Path) -> str:
    """The option that names the configuration, where it does not lie where it is looked for."""
    return f" --config {shlex.quote(str(file))}" if str(file) not in NAMES else ""


def next_commands(
    tokens: Mapping[str, Credential], found: Founded, file: Path, baseline: Path | None, stand_ins: StandIns | None
) -> list[tuple[str, str]]:
    """What to type next, each with what it does.

    Args:
        tokens: by tracker, where its credential came from.
        found: what was found.
        file: the configuration's.
        baseline: the baseline's; None: there is none.
        stand_ins: the stand-ins, where they are looked at.
    """
    named = _named(file)
    steps = [(stand_ins.command, "first, in another terminal")] if stand_ins else []
    for name, one in tokens.items():
        if one.token is None or stand_ins is not None or one.origin in (*credentials.GITHUB, credentials.JIRA):
            continue
        value, does = ("…", "the token you typed") if one.origin == TYPED else (f'"$({one.origin})"', "for this shell")
        steps.append((f"export {variable_of(name, one)}={value}", does))
    known = f" --baseline {shlex.quote(str(baseline))}" if baseline is not None else ""
    steps.append((f"trackersync check{known}{named}", "what is wrong, and who"))
    steps.append((f"trackersync doctor{named}", "looks the set-up over"))
    if found.strangers:
        steps.append((f"trackersync people{named}", f"{found.strangers:,} accounts are nobody's yet"))
    if any(settings.writes for settings in found.configuration.trackers.values()):
        steps.append((f"trackersync plan{named}", "what would be written"))
    return steps
