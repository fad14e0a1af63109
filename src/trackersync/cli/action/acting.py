"""What each command of the step does: the same runs that the command line walks, told for people in the job's log."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from trackersync.cli.action.acted import Acted
from trackersync.cli.action.inputs import Inputs, variables
from trackersync.cli.checking import Asked, look
from trackersync.cli.checking import tell as tell_check
from trackersync.cli.commands import tell_plan, tell_sync
from trackersync.cli.exits import RANKS, Exit, exit_of
from trackersync.cli.options import CheckFormat
from trackersync.cli.previewing import judge, told_of
from trackersync.cli.previewing import tell as tell_preview
from trackersync.cli.running import Common, configured, walk
from trackersync.config import NAMES, Configuration
from trackersync.config.scheduling import expected
from trackersync.core.diagnose import Finding
from trackersync.core.examination import Grade
from trackersync.core.model import Severity
from trackersync.core.outcome import Outcome
from trackersync.core.plan import Plan
from trackersync.core.quiet import quiet
from trackersync.errors import ConfigError
from trackersync.pipeline import Order
from trackersync.report.annotations import annotation, check_annotations, run_annotations
from trackersync.report.markdown import check_markdown
from trackersync.report.markdown_preview import preview_markdown
from trackersync.report.markdown_run import Ordered, run_markdown, written
from trackersync.report.quiet import quiet_markdown
from trackersync.report.safe import markdown
from trackersync.report.sarif import check_sarif
from trackersync.report.text.opening import shown

_MANY = 500
"""Requests of one run, from which on it is worth a word how many an hour allows."""


def act(inputs: Inputs) -> Acted:
    """Do what the step is to do.

    Raises:
        TrackersyncError: as the commands do.
    """
    os.environ |= variables(os.environ)
    for name, file in (("config", inputs.config), ("against", inputs.against)):
        if file is not None and not file.is_file():
            raise ConfigError(
                f"the input `{name}` names {file}, and there is no such file",
                next_step="write its path from the root of the repository; a step before must check the repository out",
            )
    if inputs.command == "preview" and inputs.config is None and inputs.against is None:
        raise ConfigError(
            "the input `against` is missing: a preview compares two configurations",
            next_step="name the present one in `against`, and the changed one in `config` where it stands elsewhere",
        )
    if inputs.config is None and not any(Path(name).is_file() for name in NAMES):
        raise ConfigError(
            f"there is no configuration: neither {' nor '.join(NAMES)} is checked out here",
            next_step="let a step before check the repository out (actions/checkout), or name the file in `config`",
        )
    common = Common(inputs.config, _store(inputs), "text")
    if inputs.command == "check":
        return _check(inputs, common)
    if inputs.command == "preview":
        return _preview(inputs, common)
    return _run(inputs, common)


def _store(inputs: Inputs) -> str | None:
    """The store as it is kept between runs; None where the configuration names a server, which keeps it itself."""
    previews = inputs.command == "preview"
    present = inputs.against if previews else inputs.config
    if not inputs.given and not (previews and inputs.config is None and present is None):
        named = configured(Common(present, None, "text")).store.get_secret_value()
        if named.startswith("postgresql"):
            return None
    if previews and inputs.store and not Path(inputs.store).exists():
        raise ConfigError(
            "a preview judges what an earlier run kept, and nothing was kept under this name, or it was lost",
            next_step="run the workflow that checks or syncs once, with the same `state`; or give `state-file`",
        )
    return inputs.store or None


def _check(inputs: Inputs, common: Common) -> Acted:
    asked = Asked(CheckFormat.text, inputs.fail_on, inputs.full)
    found = look(common, asked)
    tell_check(_unkept(common), asked, found)
    configuration, outcome, checked = found.configuration, found.outcome, found.checked
    cannot = _cannot(configuration, outcome)
    fresh = [one for one in shown(checked.findings) if one in checked.new] if checked.since is not None else []
    return Acted(
        found.exit(inputs.fail_on),
        {**_found(shown(checked.findings)), "new": str(len(fresh))},
        (*cannot.annotations, *check_annotations(outcome, checked, configuration.name, len(cannot.annotations))),
        lambda room, said: check_markdown(
            outcome, checked, configuration.process, found.now, found.quiet, said=said, room=room
        ),
        cannot.said,
        lambda: json.dumps(check_sarif(outcome, checked, configuration.rulebook.rules, configuration.name), indent=1),
    )


def _run(inputs: Inputs, common: Common) -> Acted:
    configuration = configured(common)
    approve = None if inputs.plans else inputs.approve
    order = Order(
        "plan" if inputs.plans else "sync", only=inputs.only, yes=inputs.yes, approve=approve, full=inputs.full
    )
    outcome, terms = walk(common, configuration, order)
    if inputs.plans:
        tell_plan(_unkept(common), configuration, outcome, terms)
        code = exit_of(outcome, wrote=False)
    else:
        code = tell_sync(_unkept(common), configuration, outcome, terms, order)
    now, ordered = datetime.now(UTC), Ordered(not inputs.plans, approve or "")
    silent = quiet(outcome.before_read, now, expected(configuration, "sync"))
    cannot, plan = _cannot(configuration, outcome), outcome.plan or Plan(())
    return Acted(
        code,
        {
            **_found(shown(outcome.world.findings)),
            **_planned(plan, held=outcome.run is None and bool(outcome.holds or ordered.refused(outcome))),
            **({"changes": str(written(outcome))} if outcome.run is not None else {}),
        },
        (*run_annotations(outcome), *cannot.annotations),
        lambda room, said: run_markdown(outcome, terms, configuration.process, now, ordered, said=said, room=room),
        (*([quiet_markdown(silent)] if silent is not None else []), *cannot.said),
    )


def _preview(inputs: Inputs, common: Common) -> Acted:
    old, new, found = judge(common, inputs.against)
    tell_preview(_unkept(common), inputs.against, old, new, found)
    preview, told = found.preview, told_of(old, new, found)
    least = inputs.fail_on
    fails = least is not None and any(RANKS.index(one.severity) >= RANKS.index(least) for one in preview.new)
    cannot = _cannot(new, None)
    return Acted(
        Exit.FINDINGS if fails else Exit.FINE,
        {
            **_found(preview.new),
            "new": str(len(preview.new)),
            **_planned(preview.after.plan, held=bool(preview.after.plan.changes and preview.after.holds)),
        },
        cannot.annotations,
        lambda room, said: preview_markdown(preview, told, said=said, room=room),
        cannot.said,
    )


def _unkept(common: Common) -> Common:
    """For telling what to type next: where the store is on this runner is nothing to type anywhere else."""
    return replace(common, store=None)


def save(file: Path, name: str, text: str) -> None:
    """Write a file that an input names, its folder too. Raises ``ConfigError``."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"the input `{name}` names {file}, which cannot be written: {error.strerror}", next_step="name another file"
        ) from error


def _found(findings: Sequence[Finding]) -> dict[str, str]:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    return {"findings": str(len(findings)), "errors": str(errors)}


def _planned(plan: Plan, *, held: bool) -> dict[str, str]:
    return {
        "changes": str(len(plan.changes)),
        "conflicts": str(len(plan.conflicts)),
        "plan-digest": plan.digest if plan.changes else "",
        "held": "true" if held else "false",
    }


@dataclass(frozen=True, slots=True)
class _Cannot:
    """What the token cannot do here: sentences for the page, and warnings beside the run."""

    said: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()


def _cannot(configuration: Configuration, outcome: Outcome | None) -> _Cannot:
    """What a job's own token cannot do of what the configuration asks; that it can do little, where that matters."""
    said, lines = [], []
    for tracker, plugin in configuration.plugins.items():
        spent = sum(outcome.requests.get(tracker, {}).values()) if outcome is not None else 0
        down = (
            outcome is not None and tracker in outcome.world.looks and outcome.world.looks[tracker].failure is not None
        )
        wrote = outcome is not None and bool(outcome.requests.get(tracker, {}).get("write"))
        for check in plugin.surroundings(configuration.trackers[tracker], os.environ):
            told = f"{check.said}; {check.remedy}" if check.remedy else check.said
            if check.grade in (Grade.WARNING, Grade.ERROR):
                lines.append(annotation("warning", f"{tracker}: {check.name}", told))
            elif not (down or wrote or spent >= _MANY):
                continue
            said.append(f"**{markdown(tracker)}**: {markdown(told, 600)}")
    return _Cannot(tuple(said), tuple(lines))
