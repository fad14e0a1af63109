"""The options that several commands share, each declared once: its name, its place holder and its help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class FormatName(StrEnum):
    """How a command answers."""

    text = "text"
    json = "json"


class CheckFormat(StrEnum):
    """How ``check`` answers."""

    text = "text"
    json = "json"
    sarif = "sarif"
    markdown = "markdown"
    github = "github"


class FailOn(StrEnum):
    """From which severity on findings fail a check."""

    error = "error"
    warning = "warning"
    note = "note"
    never = "never"


Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Default: trackersync.yaml, then .github/trackersync.yaml."),
]
Store = Annotated[
    str | None,
    typer.Option("--store", "--state", metavar="URL", help="Where the memory is; overrides `store:` of the file."),
]
Form = Annotated[FormatName, typer.Option("--format", help="text for people, json for machines.")]
Only = Annotated[
    str | None,
    typer.Option("--only", metavar="TASK|PROJECT|REPO", help="Decide and write only these: SHOP-42,SHOP,acme/shop."),
]
Full = Annotated[bool, typer.Option("--full", help="Read everything again, not only what changed.")]
Every = Annotated[bool, typer.Option("--all", help="Every line, not the first of each kind.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing unless something happened, or is wrong.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Each request and each wait, on standard error.")]
Yes = Annotated[
    bool, typer.Option("--yes", help="Answer the question of a first run or a changed mapping; lifts no limit.")
]
Approve = Annotated[
    str | None, typer.Option("--approve", metavar="DIGEST", help="Yes to exactly this plan, whatever holds it.")
]
