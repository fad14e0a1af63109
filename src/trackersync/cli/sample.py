"""The commands that need no tracker: ``sandbox`` and ``demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trackersync.cli.running import troubles


def sandbox(
    github_port: Annotated[int, typer.Option(min=0, max=65535, help="Where GitHub listens; 0 takes a free port.")] = 0,
    jira_port: Annotated[int, typer.Option(min=0, max=65535, help="Where Jira listens; 0 takes a free port.")] = 0,
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
    administrator: Annotated[
        bool, typer.Option("--administrator", help="Jira's account may make webhooks: to try `hooks install`.")
    ] = False,
) -> None:
    """Start stand-ins for GitHub and Jira on this machine, with a sample shop or your own export in them.

    They serve until Ctrl-C. Example: trackersync sandbox --github-port 4101 --jira-port 4102
    """
    with troubles():
        from trackersync.cli.trying import serve_sandbox
        from trackersync.sandbox import Options

        options = Options(
            github_port, jira_port, repository, project, load_jira, load_github, user_map, latency, administrator
        )
        serve_sandbox(options)


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
