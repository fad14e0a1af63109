"""What ``check`` does: walk the road as far as the findings, choose those asked for, compare, and tell them."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from trackersync.cli.commands import next_steps
from trackersync.cli.exits import Exit, exit_of
from trackersync.cli.fileless import Fileless, looked_up, reworded
from trackersync.cli.options import CheckFormat
from trackersync.cli.running import Common, configured, containers, emit, recall, walk
from trackersync.cli.wanted import Wanted
from trackersync.config import Configuration
from trackersync.config.scheduling import expected
from trackersync.core.checked import Baseline, Checked, Noted
from trackersync.core.diagnose import Watch
from trackersync.core.model import Severity
from trackersync.core.nearest import did_you_mean
from trackersync.core.outcome import Outcome
from trackersync.core.quiet import Quiet, quiet
from trackersync.core.selection import NOBODY, Selection, checked, chosen_rules, within
from trackersync.errors import ConfigError
from trackersync.pipeline import Order


@dataclass(frozen=True, slots=True)
class Asked:
    """What ``check`` was asked for, besides what every command shares.

    Attributes:
        form: how it answers.
        fail_on: the least severity that fails; None: none does.
        full: read everything again.
        offline: judge what was last observed; send nothing.
        selection: which findings.
        baseline: the file of findings that are known.
        renew: write that file anew with what is found.
    """

    form: CheckFormat
    fail_on: Severity | None
    full: bool = False
    offline: bool = False
    selection: Selection = field(default_factory=Selection)
    baseline: Path | None = None
    renew: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a check came to, before it is told.

    Attributes:
        configuration: whose trackers were looked at.
        outcome: of the run.
        checked: what it tells.
        now: the moment of judging.
        fileless: the configuration of what the command line names, where there is no file.
    """

    configuration: Configuration
    outcome: Outcome
    checked: Checked
    now: datetime
    fileless: Fileless | None = None

    def exit(self, fail_on: Severity | None) -> Exit:
        """What the command ends with; ``fail_on`` is the least severity that fails, None for none."""
        return exit_of(self.outcome, wrote=False, fail_on=fail_on, failing=self.checked.failing)

    @property
    def quiet(self) -> Quiet | None:
        """That nothing ran for too long before; None where it did."""
        return quiet(self.outcome.before_read, self.now, expected(self.configuration, "check"))


def check(common: Common, asked: Asked, wanted: Wanted | None = None) -> Exit:
    """Say what is wrong.

    Args:
        common: what every command shares.
        asked: what is to be told, and how.
        wanted: the trackers that the command line names, which need no file.

    Raises:
        ConfigError: the selection or the baseline cannot be used; nothing was read.
    """
    found = look(common, asked, wanted)
    tell(common, asked, found)
    return found.exit(asked.fail_on)


def look(common: Common, asked: Asked, wanted: Wanted | None = None) -> Found:
    """Find what is wrong, and say nothing yet; the same arguments and errors."""
    fileless = _fileless(common, asked, Wanted() if wanted is None else wanted)
    configuration = configured(common) if fileless is None else fileless.configuration
    rulebook = configuration.rulebook
    _known(asked, configuration)
    chosen = chosen_rules(asked.selection, rulebook.rules)
    baseline = _baseline(asked)
    if asked.selection.select:
        # Whoever names a rule wants it, although it is off; whoever names a family, although `check:` picks another.
        rulebook = rulebook.asking_for(chosen, [word.casefold() for word in asked.selection.select])
    if asked.offline:
        outcome = recall(configuration, rulebook)
    else:
        outcome, _ = walk(common, configuration, Order("check", full=asked.full), rulebook)
    outcome = outcome if fileless is None else reworded(outcome)
    _there(asked.selection, configuration, outcome)
    now = datetime.now(UTC)
    found = checked(outcome, asked.selection, rulebook, Watch(now, rulebook.calendar), baseline)
    if asked.renew and asked.baseline is not None:
        if outcome.failures:
            left = f"{asked.baseline} was not written, since not everything could be read"
            outcome = replace(outcome, warnings=(*outcome.warnings, left))
        else:
            found = _renewed(asked.baseline, found, now)
    return Found(configuration, outcome, found, now, fileless)


def _fileless(common: Common, asked: Asked, wanted: Wanted) -> Fileless | None:
    """A configuration of what the command line names; None where it names no tracker.

    Raises:
        ConfigError: it names one in part, or a file as well.
    """
    if not wanted.repositories and wanted.jira is None:
        if wanted.arguments:
            option = wanted.arguments[0]
            tracker = {"--github-url": "OWNER/REPO", "--delivery": "OWNER/REPO or --jira"}.get(option, "--jira")
            raise ConfigError(
                f"{option} belongs to a tracker that is named on the command line",
                next_step=f"name it by {tracker}, or leave {option} out",
            )
        return None
    if common.config is not None:
        raise ConfigError(
            f"trackers are named on the command line, and {common.config} names its own",
            next_step="leave one of the two out; --project PROJECT|REPO chooses among those of the file",
        )
    if asked.offline and common.store is None:
        raise ConfigError(
            "--offline judges what was read before, and without a file nothing is kept",
            next_step="leave --offline out, or name the --store of an earlier check",
        )
    return looked_up(wanted, os.environ, common.store, offline=asked.offline)


def tell(common: Common, asked: Asked, told: Found) -> None:
    """Say what was found, in the form that was asked for."""
    configuration, outcome, found, now, fileless = (
        *(told.configuration, told.outcome, told.checked, told.now),
        told.fileless,
    )
    if asked.form == "json":
        from trackersync.report.record import check_record

        emit(check_record(outcome, found))
    elif asked.form == "sarif":
        from trackersync.report.sarif import check_sarif

        emit(check_sarif(outcome, found, configuration.rulebook.rules, configuration.name))
    elif asked.form == "markdown":
        from trackersync.report.markdown import check_markdown

        sys.stdout.write(check_markdown(outcome, found, configuration.process, now, told.quiet))
    elif asked.form == "github":
        from trackersync.report.annotations import check_annotations

        for line in check_annotations(outcome, found, configuration.name):
            sys.stdout.write(f"{line}\n")
    elif not common.quiet or outcome.failures or found.failing:
        from trackersync.report.text.check import check_screen
        from trackersync.report.text.screen import Screen

        screen, places = Screen.on(sys.stdout), containers(configuration)
        book = configuration.rulebook
        if fileless is not None:
            screen.say(fileless.said)
        steps = check_screen(screen, outcome, found, places, now, every=common.every, rulebook=book)
        if fileless is not None:
            # What tells of a task needs a store, which is gone with this check.
            steps = [step for step in steps if step[0].startswith("trackersync rules")]
            steps.append(
                (
                    shlex.join(["trackersync", "init", *fileless.arguments]),
                    "writes trackersync.yaml, to keep and to change",
                )
            )
        next_steps(screen, replace(common, store=None) if fileless is not None else common, *steps)


def _there(selection: Selection, configuration: Configuration, outcome: Outcome) -> None:
    """Whether owners and projects that are asked for are known. Raises ``ConfigError``."""
    cases = outcome.world.cases
    owners = {owner for case in cases for owner in case.owners} | {person.name for person in configuration.people}
    owners |= {NOBODY, *(finding.subject for finding in outcome.world.findings if finding.subject)}
    places = {name for some in containers(configuration).values() for name in some}
    places |= {name for case in cases for name in case.containers}
    told = {word.casefold() for word in owners}
    for name in selection.owners:
        if name.casefold() not in told:
            hint = did_you_mean(name, sorted(owners), "there are")
            raise ConfigError(f'--owner: nobody is called "{name}"', next_step=hint)
    for name in selection.projects:
        if not any(within(place, (name,)) for place in places):
            hint = did_you_mean(name, sorted(places), "there are")
            raise ConfigError(f'--project: no project or repository is called "{name}"', next_step=hint)


def _known(asked: Asked, configuration: Configuration) -> None:
    """Whether what is asked for can be asked for. Raises ``ConfigError``."""
    stages = [stage.key for stage in configuration.process.stages]
    for name in asked.selection.stages:
        if name.casefold() not in [stage.casefold() for stage in stages]:
            process = configuration.process.name
            raise ConfigError(
                f'--stage: `{process}` has no stage "{name}"', next_step=did_you_mean(name, stages, "its stages")
            )
    if asked.offline and (asked.selection.changed or asked.full):
        option = "--changed" if asked.selection.changed else "--full"
        raise ConfigError(f"{option} needs a look at the trackers", next_step="leave --offline out")
    if asked.renew and asked.baseline is None:
        raise ConfigError("--update-baseline needs a file", next_step="--baseline FILE --update-baseline")
    if asked.renew and asked.selection.asked:
        raise ConfigError(
            "--update-baseline writes all that is found", next_step=f"leave {asked.selection.asked[0].split()[0]} out"
        )


def _baseline(asked: Asked) -> tuple[str, tuple[Noted, ...]] | None:
    """The baseline's file and what stands in it; none where it is to be made now."""
    file = asked.baseline
    if file is None or (asked.renew and not file.exists()):
        return None
    from trackersync.report.baseline import read_baseline

    step = f"trackersync check --baseline {shlex.quote(str(file))} --update-baseline"
    try:
        return str(file), read_baseline(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"the baseline {file} cannot be read: {error.strerror}", next_step=step) from error
    except ValueError as error:
        if asked.renew:
            return None
        raise ConfigError(f"{file} is no baseline: {error}", next_step=step) from error


def _renewed(file: Path, found: Checked, now: datetime) -> Checked:
    """Write the baseline with what is found, which is known from now on."""
    from trackersync.report.baseline import baseline_text

    try:
        file.write_text(baseline_text(found.findings, now), encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"the baseline cannot be written to {file}: {error.strerror}", next_step="name another --baseline"
        ) from error
    gone = found.baseline.gone if found.baseline else ()
    return replace(found, baseline=Baseline(str(file), frozenset(found.findings), gone))
