"""The commands and their options. Each parses, calls, draws and exits; what it does stands in the module it calls."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from trackersync import __version__
from trackersync.cli.exits import HELP
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
from trackersync.cli.rules import rules
from trackersync.cli.running import Common, troubles
from trackersync.cli.settling import link, pause, resolve, resume, undo, unlink
from trackersync.cli.store import store as store_commands
from trackersync.cli.telling import conflicts, explain, runs, status
from trackersync.core.model import Severity
from trackersync.errors import ConfigError

app = typer.Typer(
    name="trackersync",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help=f"One delivery process across Jira and GitHub: what is wrong, and both kept in step.\n\n{HELP}",
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
    ignore: Annotated[list[str] | None, typer.Option("--ignore", metavar="RULE|FAMILY", help="Not these.")] = None,
    owner: Annotated[list[str] | None, typer.Option("--owner", metavar="NAME", help="Whose; nobody is one.")] = None,
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
    full: Full = False,
    every: Every = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Say what is wrong: no owner, two owners, stages that drift apart. `trackersync rules` lists all it looks for.

    Reads the trackers and writes to none. Example: trackersync check --select ownership --baseline known.json
    """
    common = Common(config, store, "json" if form == CheckFormat.json else "text", every, quiet, verbose)
    with troubles(common.format):
        from trackersync.cli.checking import Asked
        from trackersync.cli.checking import check as run
        from trackersync.core.selection import Selection

        chosen = Selection(
            _words(select), _words(ignore), tuple(owner or ()), tuple(stage or ()), tuple(project or ()), changed
        )
        least = None if fail_on is FailOn.never else Severity(fail_on.value)
        raise typer.Exit(run(common, Asked(_format(form), least, full, offline, chosen, baseline, update_baseline)))


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
    every: Every = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Say what would be written, and why. Writes nothing to any tracker.

    Example: trackersync plan --out plan.json
    """
    _plan(Common(config, store, form.value, every, quiet, verbose), out, only, full=full)


def _plan(common: Common, out: Path | None, only: str | None, *, full: bool) -> None:
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
    every: Every = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Plan, guard and write, so that the trackers agree.

    Example: trackersync sync --approve 7c1e44b9
    """
    common = Common(config, store, form.value, every, quiet, verbose)
    if dry_run:
        _plan(common, None, only, full=full)
    with troubles(common.format):
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


@app.command()
def stages(
    name: Annotated[str | None, typer.Argument(help="A stage or a phase, to see all of it.")] = None,
    config: Config = None,
    delivery: Annotated[
        str | None, typer.Option(metavar="PRESET|FILE", help="Another process than the configuration's.")
    ] = None,
    form: Form = FormatName.text,
) -> None:
    """Show the delivery process: its stages with role and outcome; one stage; or one phase beside the other.

    Example: trackersync stages deployment
    """
    with troubles(form.value):
        from trackersync.cli.commands import stages as run

        raise typer.Exit(run(Common(config, None, form.value), name, delivery))


for command in (rules, explain, conflicts, resolve, runs, undo, status, people, link, unlink, pause, resume):
    app.command()(command)
app.add_typer(store_commands)


@app.command()
def sandbox(
    github_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    jira_port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    repository: Annotated[str, typer.Option(metavar="OWNER/NAME", help="The repository GitHub serves.")] = "acme/shop",
    project: Annotated[str, typer.Option(metavar="KEY", help="The project Jira serves.")] = "SHOP",
    load_jira: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Raw Jira REST issues, JSON lines, .gz too.")
    ] = None,
    load_github: Annotated[
        Path | None, typer.Option(metavar="FILE", help="REST issues or import payloads, JSON lines, .gz too.")
    ] = None,
    user_map: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Display id, Jira user, GitHub login: owners of loaded issues.")
    ] = None,
    latency: Annotated[float, typer.Option(metavar="MS", help="Milliseconds every answer takes longer.")] = 0.0,
) -> None:
    """Start stand-ins for GitHub and Jira on this machine, with a sample shop or your own export in them.

    They serve until Ctrl-C. Example: trackersync sandbox --github-port 4101 --jira-port 4102
    """
    with troubles():
        from trackersync.cli.trying import serve_sandbox
        from trackersync.sandbox import Options

        options = Options(github_port, jira_port, repository, project, load_jira, load_github, user_map, latency)
        serve_sandbox(options)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its plan, store and configuration.")] = Path(
        ".demo"
    ),
) -> None:
    """Show it all in half a minute: stand-ins up, check, plan, sync, a second sync that plans nothing.

    Needs no token and touches nothing outside its folder. Example: trackersync demo
    """
    with troubles():
        from trackersync.cli.trying import run_demo

        raise typer.Exit(run_demo(folder))


def main() -> None:
    """The command `trackersync`."""
    # A run makes values and keeps them to its end; looking through them for garbage again and again is a quarter of it.
    gc.set_threshold(100_000, 50, 100)
    app()
