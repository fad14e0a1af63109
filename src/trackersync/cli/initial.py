"""``trackersync init``: from an empty folder to a configuration that fits, and the first findings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackersync.cli.options import Form, FormatName, Quiet, Verbose
from trackersync.cli.running import Common, troubles

if TYPE_CHECKING:
    from trackersync.cli.founding import Manner
    from trackersync.cli.wanted import Wanted
    from trackersync.sandbox import Sandbox

PORTS = (4101, 4102)
"""Where the stand-ins are brought up, so that the file's addresses hold when they are brought up again."""


def init(
    repositories: Annotated[
        list[str] | None,
        typer.Argument(metavar="OWNER/REPO", help="On GitHub; addresses of pages will do.", show_default=False),
    ] = None,
    github_url: Annotated[
        str | None, typer.Option("--github-url", metavar="URL", help="GitHub's API, if not https://api.github.com.")
    ] = None,
    jira: Annotated[
        str | None, typer.Option("--jira", metavar="URL", help="A Jira; the address of any of its pages will do.")
    ] = None,
    project: Annotated[
        list[str] | None, typer.Option("--project", metavar="KEY", help="A project in that Jira; several by several.")
    ] = None,
    email: Annotated[
        str | None, typer.Option("--email", metavar="ADDRESS", help="The account at Jira Cloud; or JIRA_EMAIL.")
    ] = None,
    user: Annotated[
        str | None,
        typer.Option("--user", metavar="NAME", help="The account at Data Center, if JIRA_TOKEN is its password."),
    ] = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Read without a token what is public; nothing can be written then.")
    ] = False,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Try it on stand-ins with a sample shop in them, without a token.")
    ] = False,
    delivery: Annotated[
        str | None,
        typer.Option(
            "--delivery",
            metavar="PRESET|FILE",
            help="The process; by default kanban for one tracker with few stages, else delivery.",
        ),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PLACE:VALUE=STAGE", help="Say it otherwise: 'statuses:Blocked=build', …=none."),
    ] = None,
    board: Annotated[
        str | None,
        typer.Option("--board", metavar="NAME|none", help="The GitHub project whose columns tell the stage."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="The file to write. Default: trackersync.yaml.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Take today's findings as known, in this file.")
    ] = None,
    no_baseline: Annotated[bool, typer.Option("--no-baseline", help="Do not ask for a baseline.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take what is proposed.")] = False,
    form: Form = FormatName.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Propose a stage for every status and label, and write trackersync.yaml.

    Looks at the trackers and writes to none. On a terminal it asks for what the flags do not say, and lets you change
    what is proposed. Tokens come from GITHUB_TOKEN or `gh auth token`, and JIRA_TOKEN, or are typed; none is written.

    Example: trackersync init acme/shop --jira https://acme.atlassian.net --project SHOP --email bot@acme.example
    """
    common = Common(config, None, form.value, quiet=quiet, verbose=verbose)
    with troubles(common.format):
        from trackersync.cli.founding import Manner
        from trackersync.cli.wanted import Wanted

        wanted = Wanted(
            tuple(repositories or ()), github_url, jira, tuple(project or ()), email, user, delivery, anonymous
        )
        manner = Manner(tuple(sets or ()), board, baseline, no_baseline, force, yes)
        raise typer.Exit(_begin(common, wanted, manner, sandbox=sandbox))


def _begin(common: Common, wanted: Wanted, manner: Manner, *, sandbox: bool) -> int:
    import os

    from trackersync.cli.founding import found
    from trackersync.cli.unfiled import unfiled

    if not sandbox:
        asked = {"github": wanted.repositories or wanted.github_url, "jira": wanted.jira or wanted.projects}
        with unfiled([name for name, named in asked.items() if named] or list(asked)):
            return found(common, wanted, manner, os.environ)
    return _on_stage(common, wanted, manner)


def _on_stage(common: Common, wanted: Wanted, manner: Manner) -> int:
    """The same on stand-ins that are up for as long as it takes."""
    import os
    from dataclasses import replace
    from urllib.parse import urlsplit

    from trackersync.cli.founded import StandIns
    from trackersync.cli.founding import found
    from trackersync.errors import ConfigError
    from trackersync.sandbox.shop import SITE

    if wanted.github_url or wanted.jira or wanted.anonymous:
        raise ConfigError(
            "--sandbox brings its own trackers", next_step="leave --github-url, --jira and --anonymous out"
        )
    with _stand_ins() as stands:
        ports = [urlsplit(url).port for url in (stands.github_url, stands.jira_url)]
        both = bool(wanted.repositories) == bool(wanted.projects)
        if both or wanted.repositories:
            wanted = replace(wanted, repositories=wanted.repositories or ("acme/shop",), github_url=stands.github_url)
        if both or wanted.projects:
            wanted = replace(
                wanted,
                jira=stands.jira_url,
                projects=wanted.projects or ("SHOP",),
                email=wanted.email or "bot@acme.example",
            )
        token = "sandbox"  # noqa: S105  # the stand-ins take any
        stand_ins = StandIns(
            {"github": ["https://github.com"], "jira": [SITE]},
            {"github": token, "jira": token},
            f"trackersync sandbox --github-port {ports[0]} --jira-port {ports[1]}",
        )
        return found(common, wanted, manner, {**os.environ, "GITHUB_TOKEN": token, "JIRA_TOKEN": token}, stand_ins)


@contextmanager
def _stand_ins() -> Iterator[Sandbox]:
    """Both stand-ins, on the usual ports where these are free."""
    import socket

    from trackersync.sandbox import Options, running

    taken = False
    for port in PORTS:
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            taken = True
    with running(Options() if taken else Options(*PORTS)) as stands:
        yield stands
