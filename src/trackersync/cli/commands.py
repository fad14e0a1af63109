"""What each command does: open the configuration, walk the road, draw the outcome, give the exit code."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from trackersync.cli.exits import Exit, exit_of
from trackersync.cli.running import Common, configured, containers, emit, named, walk
from trackersync.config import Configuration
from trackersync.core.model import Outcome as Became
from trackersync.core.outcome import Outcome
from trackersync.core.plan import Plan
from trackersync.core.record import changes_of, plan_record, saved_plan
from trackersync.core.terms import Terms
from trackersync.errors import ConfigError
from trackersync.pipeline import Order
from trackersync.report.names import count
from trackersync.report.record import planned_record, written_record
from trackersync.report.text.opening import observed
from trackersync.report.text.plan import plan_screen
from trackersync.report.text.screen import Screen
from trackersync.report.text.sync import interrupted, refused, sync_screen


def plan(common: Common, *, out: Path | None, only: str | None, full: bool) -> Exit:
    """Say what would be written, and why; keep it in a file where one is named."""
    configuration = configured(common)
    outcome, terms = walk(common, configuration, Order("plan", only=only, full=full))
    found = outcome.plan or Plan(())
    if out is not None:
        _save(out, saved_plan(plan_record(found, outcome.world.tasks, terms), configuration.fingerprint))
    tell_plan(common, configuration, outcome, terms, out)
    return exit_of(outcome, wrote=False)


def tell_plan(
    common: Common, configuration: Configuration, outcome: Outcome, terms: Terms, out: Path | None = None
) -> None:
    """Say what would be written; ``out`` is the file that keeps it."""
    found = outcome.plan or Plan(())
    if common.format == "json":
        emit(planned_record(outcome, terms))
    elif not common.quiet or outcome.failures or found.changes:
        screen = Screen.on(sys.stdout)
        plan_screen(screen, outcome, terms, containers(configuration), every=common.every)
        if found.changes:
            next_steps(
                screen,
                common,
                ("trackersync plan --out plan.json", "keep it; `apply plan.json` does exactly this")
                if out is None
                else (f"trackersync apply {shlex.quote(str(out))}", "do exactly this"),
                (f"trackersync sync --only {_first(found)} --yes", "try it on one task first"),
                (f"trackersync sync --approve {found.digest}", "write all of it"),
            )


def sync(common: Common, order: Order) -> Exit:
    """Plan, guard and write."""
    configuration = configured(common)
    outcome, terms = walk(common, configuration, order)
    return tell_sync(common, configuration, outcome, terms, order)


def tell_sync(common: Common, configuration: Configuration, outcome: Outcome, terms: Terms, order: Order) -> Exit:
    """Say what was written, or why nothing was; and with what to end."""
    found = outcome.plan or Plan(())
    other = outcome.run is None and order.approve is not None and order.approve != found.digest
    if common.format == "json":
        emit(written_record(outcome, terms))
    elif not common.quiet or outcome.failures or outcome.run is None or found.changes or outcome.raised:
        _sync_screen(Screen.on(sys.stdout), common, configuration, outcome, terms)
        if other:
            screen = Screen.on(sys.stdout)
            screen.blank()
            screen.say(f"Refused: {order.approve} was approved, the plan is {found.digest} now. Nothing was written.")
    return exit_of(outcome, wrote=True, refused=other)


def _sync_screen(screen: Screen, common: Common, configuration: Configuration, outcome: Outcome, terms: Terms) -> None:
    found = outcome.plan or Plan(())
    sync_screen(screen, outcome, terms, containers(configuration), every=common.every)
    if outcome.interrupted:
        interrupted(screen, outcome, terms)
        left = sum(
            receipt is None or receipt.outcome not in {Became.APPLIED, Became.ALREADY_SO}
            for receipt in outcome.receipts
        )
        next_steps(screen, common, ("trackersync sync", f"goes on with the {count(left, 'change')} left"))
    if found.changes and outcome.written and not outcome.interrupted:
        waits = [("trackersync conflicts", f"{len(found.conflicts):,} wait for you")] if found.conflicts else []
        next_steps(
            screen, common, *waits, (f"trackersync undo {outcome.run}", "takes back what nobody has touched since")
        )
    if outcome.run is None and found.changes:
        next_steps(
            screen,
            common,
            ("trackersync plan", "see it line by line"),
            (f"trackersync sync --only {_first(found)} --yes", "one task"),
            (f"trackersync sync --approve {found.digest}", "this plan and no other; refused if the world moves"),
        )


def apply(common: Common, file: Path, *, skip_stale: bool) -> Exit:
    """Do exactly what a saved plan says, or refuse and name what moved."""
    saved = _saved(file)
    try:
        changes = changes_of(saved)
    except ValueError as error:
        raise ConfigError(f"{file} cannot be applied: {error}", next_step="trackersync plan --out FILE") from error
    configuration = configured(common)
    if saved["fingerprint"] != configuration.fingerprint:
        return _other_configuration(common, file)
    outcome, terms = walk(common, configuration, Order("apply", exactly=changes, skip_stale=skip_stale))
    still = len(outcome.plan.changes) if outcome.plan else 0
    if common.format == "json":
        emit(written_record(outcome, terms))
    elif outcome.run is None:
        screen = Screen.on(sys.stdout)
        observed(screen, outcome, containers(configuration))
        screen.blank()
        refused(screen, outcome, saved)
        pasted = shlex.quote(str(file))
        next_steps(
            screen,
            common,
            (f"trackersync plan --out {pasted}", "make it anew"),
            *([(f"trackersync apply {pasted} --skip-stale", f"do the {count(still, 'change')} left")] if still else []),
        )
    elif not common.quiet or found_trouble(outcome):
        screen = Screen.on(sys.stdout)
        _sync_screen(screen, common, configuration, outcome, terms)
        if outcome.moved:
            screen.blank()
            refused(screen, outcome, saved)
    return exit_of(outcome, wrote=True)


def found_trouble(outcome: Outcome) -> bool:
    """Whether there is anything that ``--quiet`` must not keep."""
    return exit_of(outcome, wrote=True) is not Exit.FINE


_STORELESS = ("trackersync rules", "trackersync stages")
"""Commands that look into no store."""


def next_steps(screen: Screen, common: Common, *steps: tuple[str, str]) -> None:
    """The next commands as they can be pasted: with the options that named the configuration and the store."""
    whole: list[tuple[str, str]] = []
    for command, does in steps:
        told = replace(common, store=None) if command.startswith(_STORELESS) else common
        whole.append((" ".join([command, *named(told)]), does))
    screen.next(*whole)


def _first(found: Plan) -> str:
    return found.changes[0].key.rpartition("/")[2]


def _save(file: Path, record: dict[str, Any]) -> None:
    try:
        file.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"the plan cannot be saved to {file}: {error.strerror}", next_step="name another --out"
        ) from error


def _saved(file: Path) -> dict[str, Any]:
    step = "trackersync plan --out FILE"
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"the plan {file} cannot be read: {error.strerror}", next_step=step) from error
    except ValueError as error:
        raise ConfigError(f"{file} is not a plan: {error}", next_step=step) from error
    if not isinstance(record, dict):
        raise ConfigError(f"{file} is not a plan, as `trackersync plan --out FILE` writes it", next_step=step)
    return record


def _other_configuration(common: Common, file: Path) -> Exit:
    sentence = f"Refused: the configuration changed since {file} was made. Nothing was written."
    if common.format == "json":
        emit({"error": {"message": sentence, "exit": int(Exit.REFUSED)}})
    else:
        screen = Screen.on(sys.stdout)
        screen.say(sentence)
        next_steps(screen, common, (f"trackersync plan --out {shlex.quote(str(file))}", "make it anew"))
    return Exit.REFUSED
