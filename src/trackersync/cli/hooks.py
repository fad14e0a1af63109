"""``trackersync hooks``: make, show, test and remove the webhooks at the trackers. An administrator's own commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trackersync.cli.exits import PRECEDENCE, Exit
from trackersync.cli.help import Commands
from trackersync.cli.options import Config, Form, FormatName, Verbose
from trackersync.cli.running import Common, configured, emit, log_request, named, troubles
from trackersync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackersync.pipeline.hooked import Act, Hooked

hooks = typer.Typer(
    name="hooks",
    no_args_is_help=True,
    rich_markup_mode=None,
    cls=Commands,
    help="Manage the webhooks at the trackers, which tell `serve` of every edit at once.",
)

Trackers = Annotated[list[str] | None, typer.Argument(metavar="TRACKER", help="Of these; default: of all.")]
Wide = Annotated[
    bool, typer.Option("--organization", help="On GitHub, at the organisations and not at each repository.")
]


@hooks.command("list")
def list_(
    trackers: Trackers = None,
    config: Config = None,
    wide: Wide = False,
    form: Form = FormatName.text,
    verbose: Verbose = False,
) -> None:
    """Show the webhooks: ours and others', and what came of the last delivery. Changes nothing.

    Ends with 0 if ours tell of everything, 1 if one is missing, incomplete or failing, 2 for the configuration, 4 for a
    tracker that did not answer or does not show them. Example: trackersync hooks list github
    """
    _do("list", Common(config, None, form.value, verbose=verbose), trackers, wide=wide)


@hooks.command()
def install(
    trackers: Trackers = None,
    config: Config = None,
    wide: Wide = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    form: Form = FormatName.text,
    verbose: Verbose = False,
) -> None:
    """Make the webhooks that are missing, and mend those that lack something. Doing it twice equals once.

    They deliver to `service.address` and sign with the first of `webhook_secrets`. Whatever `writes` says: you ask for
    it by name, and no issue is touched. Ends with 0 if all are there, 2 for the configuration, 4 if a tracker did not
    answer or allows none, 5 if it allows some. Example: trackersync hooks install --dry-run
    """
    _do("install", Common(config, None, form.value, verbose=verbose), trackers, wide=wide, dry=dry_run)


@hooks.command("test")
def try_(
    trackers: Trackers = None,
    config: Config = None,
    wide: Wide = False,
    form: Form = FormatName.text,
    verbose: Verbose = False,
) -> None:
    """Have each webhook deliver a ping, and see whether it arrives; where a tracker cannot, deliver one ourselves.

    Ends with 0 if they arrive, 1 if not, 2 for the configuration, 4 for a tracker that did not answer or does not show
    its webhooks.
    Example: trackersync hooks test jira
    """
    _do("test", Common(config, None, form.value, verbose=verbose), trackers, wide=wide)


@hooks.command()
def redeliver(
    trackers: Trackers = None,
    config: Config = None,
    wide: Wide = False,
    form: Form = FormatName.text,
    verbose: Verbose = False,
) -> None:
    """Have what failed in the last 3 days delivered once more, where a tracker does not do so by itself: GitHub.

    Not needed for anything to be found: the timer of `serve` finds every edit. Ends with 0, 1 where there is no webhook
    of ours, 2 for the configuration, 4 for a tracker that did not answer. Example: trackersync hooks redeliver github
    """
    _do("redeliver", Common(config, None, form.value, verbose=verbose), trackers, wide=wide)


@hooks.command()
def remove(
    trackers: Trackers = None,
    config: Config = None,
    wide: Wide = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    form: Form = FormatName.text,
    verbose: Verbose = False,
) -> None:
    """Remove our webhooks, and no other: those that deliver to `service.address`. Asks first on a terminal.

    Ends with 0 if none is left, 2 for the configuration or without an answer, 4 if a tracker did not answer or forbids
    it, 5 if some are left. Example: trackersync hooks remove github --yes
    """
    common = Common(config, None, form.value, verbose=verbose)
    with troubles(common.format):
        if not yes and not dry_run:
            _ask(common, trackers or (), wide=wide)
    _do("remove", common, trackers, wide=wide, dry=dry_run)


def _do(act: Act, common: Common, trackers: list[str] | None, *, wide: bool, dry: bool = False) -> None:
    with troubles(common.format):
        found = _found(act, common, trackers or (), wide=wide, dry=dry)
        code = exit_of(act, found)
        if common.format == "json":
            from trackersync.report.hooks import hooks_record

            sections = [one.section for one in found]
            seen = {one.section.name: one.hooks for one in found}
            emit(hooks_record(sections, seen, {one.section.name: one.url for one in found}, code))
        else:
            _draw(act, common, found, code, dry=dry)
        raise typer.Exit(code)


def _found(act: Act, common: Common, trackers: Sequence[str], *, wide: bool, dry: bool) -> tuple[Hooked, ...]:
    import asyncio

    from trackersync.pipeline.hooking import hooked

    log = log_request if common.verbose else None
    return asyncio.run(hooked(configured(common), act, trackers, wide=wide, dry=dry, log=log))


def _ask(common: Common, trackers: Sequence[str], *, wide: bool) -> None:
    """Ask whether to remove what there is.

    Raises:
        ConfigError: nobody can be asked, or the answer is no.
    """
    import sys

    from trackersync.cli.asking import Asker, on_terminal
    from trackersync.report.names import count
    from trackersync.report.text.screen import Screen

    if common.format == "json" or not on_terminal():
        raise ConfigError("nobody can be asked here whether to remove them; say --yes, or look with --dry-run first")
    number = sum(one.count for one in _found("remove", common, trackers, wide=wide, dry=True))
    if number and not Asker(Screen.on(sys.stdout)).yes(f"Remove {count(number, 'webhook')}?", default=False):
        raise ConfigError("nothing was removed")


def exit_of(act: Act, found: Sequence[Hooked]) -> Exit:
    """What a command of this group ends with."""
    from trackersync.pipeline.hooked import Ended

    ends = {end for one in found for end in one.ended}
    writing = act in {"install", "remove"}
    codes = {
        Exit.USAGE: Ended.UNSET in ends,
        Exit.UNREACHABLE: Ended.UNREACHED in ends or (Ended.REFUSED in ends and not (writing and Ended.DONE in ends)),
        Exit.PARTLY: writing and not ends.isdisjoint({Ended.REFUSED, Ended.LACKING}),
        Exit.FINDINGS: not writing and Ended.LACKING in ends,
    }
    return next((code for code in PRECEDENCE if codes.get(code)), Exit.FINE)


def _draw(act: Act, common: Common, found: Sequence[Hooked], code: Exit, *, dry: bool) -> None:
    import re
    import sys
    from dataclasses import replace

    from trackersync.report.text.doctor import sections_screen
    from trackersync.report.text.screen import Screen

    options = "".join(f" {one}" for one in named(common))

    def whole(text: str) -> str:
        """The same with commands that can be pasted."""
        return re.sub(r"trackersync hooks install \S+?(?=[,;:]|$)", lambda at: at[0] + options, text)

    sections = [
        replace(one.section, checks=tuple(replace(check, remedy=whole(check.remedy)) for check in one.section.checks))
        for one in found
    ]
    screen = Screen.on(sys.stdout)
    sections_screen(screen, sections)
    if dry:
        screen.say(("Nothing was changed: --dry-run.", "bold"))
    elif act == "install" and code is Exit.FINE:
        screen.say(f"next    trackersync hooks test{options}    whether they arrive")
