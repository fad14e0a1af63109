"""The commands and their options. Each parses, calls, draws and exits; what it does stands in the module it calls."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from trackersync import __version__
from trackersync.cli.action import action
from trackersync.cli.configuration import config
from trackersync.cli.doctor import doctor
from trackersync.cli.ending import ended
from trackersync.cli.exits import HELP
from trackersync.cli.healthcheck import HealthcheckUrl, watched
from trackersync.cli.help import Commands
from trackersync.cli.hooks import hooks as hooks_commands
from trackersync.cli.initial import init
from trackersync.cli.options import (
    Approve,
    CheckFormat,
    Config,
    Every,
    FailOn,
    Form,
    FormatName,
    Full,
    Only,
    Quiet,
    Store,
    Verbose,
    Yes,
)
from trackersync.cli.people import people
from trackersync.cli.previewing import preview
from trackersync.cli.retrying import retry
from trackersync.cli.rules import rules
from trackersync.cli.running import Common, troubles
from trackersync.cli.sample import demo, sandbox
from trackersync.cli.serve import serve
from trackersync.cli.settling import link, pause, resolve, resume, undo, unlink
from trackersync.cli.stages import stages
from trackersync.cli.store import store as store_commands
from trackersync.cli.telling import conflicts, explain, runs, status
from trackersync.cli.worker import worker
from trackersync.core.model import Severity
from trackersync.errors import ConfigError

app = typer.Typer(
    name="trackersync",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    cls=Commands,
    help="One delivery process across Jira and GitHub: what is wrong, and both kept in step. "
    "`trackersync COMMAND --help` has an example of each.",
    epilog=HELP,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"trackersync {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def check(
    repositories: Annotated[
        list[str] | None,
        typer.Argument(metavar="OWNER/REPO", help="Look at these on GitHub; no file is needed, and none is read."),
    ] = None,
    config: Config = None,
    store: Store = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(CheckFormat),
            help="text for people; json; sarif for code scanning; markdown; github annotations.",
            autocompletion=lambda: list(CheckFormat),
        ),
    ] = CheckFormat.text,
    fail_on: Annotated[FailOn, typer.Option(help="Exit with 1 if a finding is at least so severe.")] = FailOn.error,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="RULE|FAMILY", help="Only these: no-owner, ownership, owner-*."),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="RULE|FAMILY", help="All but these.")] = None,
    owner: Annotated[
        list[str] | None, typer.Option("--owner", metavar="NAME", help="Owned by this person; nobody is a name too.")
    ] = None,
    stage: Annotated[list[str] | None, typer.Option("--stage", metavar="STAGE", help="In this stage.")] = None,
    project: Annotated[
        list[str] | None, typer.Option("--project", metavar="PROJECT|REPO", help="Of this project or repository.")
    ] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Of what changed since the last run.")] = False,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Findings that are known: only new ones fail.")
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write the baseline anew with what is found.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Judge what was last observed; send nothing.")] = False,
    jira: Annotated[
        str | None,
        typer.Option("--jira", metavar="URL", help="Look at the --project of this Jira; no file is needed."),
    ] = None,
    github_url: Annotated[
        str | None,
        typer.Option("--github-url", metavar="URL", help="With OWNER/REPO: the API, if not https://api.github.com."),
    ] = None,
    email: Annotated[
        str | None, typer.Option("--email", metavar="ADDRESS", help="With --jira: the account at Jira Cloud.")
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", metavar="NAME", help="With --jira: the account at Data Center.")
    ] = None,
    delivery: Annotated[
        str | None, typer.Option("--delivery", metavar="PRESET|FILE", help="Without a file: the process, not `kanban`.")
    ] = None,
    full: Full = False,
    healthcheck: HealthcheckUrl = None,
    every: Every = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Say what is wrong: no owner, two owners, stages that drift apart. `trackersync rules` lists all it looks for.

    Reads the trackers and writes to none. Example: trackersync check --select ownership --baseline known.json

    Without a file: trackersync check OWNER/REPO, or trackersync check --jira URL --project KEY; the token is taken from
    GITHUB_TOKEN or `gh auth token`, and from JIRA_TOKEN (with JIRA_EMAIL); what is public needs none.
    """
    common = Common(config, store, "json" if form == CheckFormat.json else "text", every, quiet, verbose)
    with watched(healthcheck, common.format), troubles(common.format):
        from trackersync.cli.checking import Asked
        from trackersync.cli.checking import check as run
        from trackersync.cli.wanted import Wanted
        from trackersync.core.selection import Selection

        keys = tuple(project or ())
        named = keys if jira is not None else ()
        wanted = Wanted(tuple(repositories or ()), github_url, jira, named, email, user, delivery)
        chosen = Selection(
            _words(select),
            _words(ignore),
            tuple(owner or ()),
            tuple(stage or ()),
            keys if jira is None else (),
            changed,
        )
        least = None if fail_on is FailOn.never else Severity(fail_on.value)
        asked = Asked(_format(form), least, full, offline, chosen, baseline, update_baseline)
        raise typer.Exit(run(common, asked, wanted))


def _format(word: str) -> CheckFormat:
    try:
        return CheckFormat(word)
    except ValueError:
        from trackersync.core.nearest import did_you_mean

        hint = did_you_mean(word, CheckFormat, "there are")
        raise ConfigError(f'--format: there is no format "{word}"', next_step=hint) from None


def _words(given: list[str] | None) -> tuple[str, ...]:
    """The words of options that may be given again, or hold several with commas between them."""
    return tuple(word.strip() for one in given or () for word in one.split(",") if word.strip())


@app.command()
def plan(
    config: Config = None,
    store: Store = None,
    form: Form = FormatName.text,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Keep the plan; `apply FILE` does it.")
    ] = None,
    only: Only = None,
    full: Full = False,
    healthcheck: HealthcheckUrl = None,
    every: Every = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Say what would be written, and why. Writes nothing to any tracker.

    Example: trackersync plan --out plan.json
    """
    common = Common(config, store, form.value, every, quiet, verbose)
    with watched(healthcheck, common.format):
        _plan(common, out, only, full=full)


def _plan(common: Common, out: Path | None, only: str | None, *, full: bool) -> NoReturn:
    with troubles(common.format):
        from trackersync.cli.commands import plan as run

        raise typer.Exit(run(common, out=out, only=only, full=full))


@app.command()
def sync(
    config: Config = None,
    store: Store = None,
    form: Form = FormatName.text,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Exactly `plan`.")] = False,
    yes: Yes = False,
    approve: Approve = None,
    only: Only = None,
    full: Full = False,
    healthcheck: HealthcheckUrl = None,
    every: Every = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Plan, guard and write, so that the trackers agree.

    Example: trackersync sync --approve 7c1e44b9
    """
    common = Common(config, store, form.value, every, quiet, verbose)
    with watched(healthcheck, common.format), troubles(common.format):
        if dry_run:
            _plan(common, None, only, full=full)
        from trackersync.cli.commands import sync as run
        from trackersync.pipeline import Order

        raise typer.Exit(run(common, Order("sync", only=only, yes=yes, approve=approve, full=full)))


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="A plan saved by `plan --out FILE`.")],
    config: Config = None,
    store: Store = None,
    form: Form = FormatName.text,
    skip_stale: Annotated[
        bool, typer.Option("--skip-stale", help="Do what still holds although some does not.")
    ] = False,
    every: Every = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Do exactly what a saved plan says, or refuse and name what moved.

    Example: trackersync apply plan.json
    """
    common = Common(config, store, form.value, every, quiet, verbose)
    with troubles(common.format):
        from trackersync.cli.commands import apply as run

        raise typer.Exit(run(common, file, skip_stale=skip_stale))


COMMANDS: tuple[Callable[..., None], ...] = (
    *(init, doctor, config, preview, sandbox, demo, serve, worker),
    *(rules, explain, conflicts, resolve, runs, undo, status, stages, people, link, unlink, pause, resume, retry),
)
"""Commands whose options stand beside what they do."""
for command in COMMANDS:
    app.command()(command)
app.command(hidden=True)(action)
app.add_typer(store_commands)
app.add_typer(hooks_commands)


def main() -> None:
    """The command `trackersync`."""
    # A run makes values and keeps them to its end; looking through them for garbage again and again is a quarter of it.
    gc.set_threshold(100_000, 50, 100)
    for stream in (sys.stdout, sys.stderr):
        # Nothing ends for the sake of a letter that a console or a pipe cannot show.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    ended(app)
