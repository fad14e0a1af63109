"""The inputs of ``action.yml``, each read and checked. GitHub checks none: all are texts, and may be empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import SecretStr

from trackersync.cli.options import FailOn
from trackersync.core.model import Severity
from trackersync.core.nearest import did_you_mean
from trackersync.errors import ConfigError

PREFIX = "TRACKERSYNC_ACTION_"
Command = Literal["check", "plan", "sync", "preview"]
COMMANDS: tuple[Command, ...] = get_args(Command)
_VARIABLES = {"github-token": "GITHUB_TOKEN", "jira-token": "JIRA_TOKEN", "jira-email": "JIRA_EMAIL"}
_ONLY_WITH: Mapping[str, tuple[Command, ...]] = {
    "sarif": ("check",),
    "approve": ("sync",),
    "yes": ("sync",),
    "dry-run": ("sync",),
    "only": ("plan", "sync"),
    "against": ("preview",),
    "full": ("check", "plan", "sync"),
}
"""Inputs that other commands would not heed, which somebody should hear of."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the step is to do; see ``action.yml`` for each.

    Attributes:
        store: where the store is; named by ``action.yml``, and by `state-file` where that is ``given``.
        job_token: the job's own token; empty outside a job.
    """

    command: Command
    config: Path | None
    fail_on: Severity | None
    dry_run: bool
    yes: bool
    approve: str | None
    only: str | None
    full: bool
    against: Path | None
    comment: bool
    store: str
    given: bool
    sarif: Path | None
    report: Path | None
    job_token: SecretStr

    @property
    def plans(self) -> bool:
        """Whether it plans and writes nothing."""
        return self.command == "plan" or (self.command == "sync" and self.dry_run)


def read(environ: Mapping[str, str]) -> Inputs:
    """Read every input.

    Args:
        environ: the step's environment.

    Raises:
        ConfigError: an input cannot be what it is; it names the input as it stands in the workflow.
    """
    command = next((one for one in COMMANDS if one == _text(environ, "command")), None)
    if command is None:
        raise _wrong("command", _text(environ, "command"), COMMANDS)
    for name, commands in _ONLY_WITH.items():
        if _text(environ, name).casefold() not in ("", "false") and command not in commands:
            raise ConfigError(
                f"the input `{name}` belongs to {' and '.join(commands)}, and `command` is {command}",
                next_step=f"leave `{name}` out, or write command: {commands[0]}",
            )
    given = _text(environ, "state-file")
    if given and not Path(given).is_file():
        raise ConfigError(
            f"the input `state-file` names {given}, and there is no such file",
            next_step="download the artifact that holds the store first, or leave `state-file` out",
        )
    approve = _text(environ, "approve")
    if approve and (len(approve) > 64 or not approve.isalnum()):
        raise ConfigError(
            "the input `approve` is no digest of a plan",
            next_step="copy the eight letters and digits that the summary of the held run names",
        )
    return Inputs(
        command=command,
        config=_path(environ, "config"),
        fail_on=_severity(environ),
        dry_run=_yes(environ, "dry-run"),
        yes=_yes(environ, "yes"),
        approve=approve or None,
        only=_several(_text(environ, "only")),
        full=_yes(environ, "full"),
        against=_path(environ, "against"),
        comment=_yes(environ, "comment"),
        store=_text(environ, "store"),
        given=bool(given),
        sarif=_path(environ, "sarif"),
        report=_path(environ, "report"),
        job_token=SecretStr(_text(environ, "job-token")),
    )


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a configuration's ``${GITHUB_TOKEN}`` and the like are read from, as far as inputs set them.

    A token that was given counts; the job's own, which `github-token` is by default, gives way to what the step's
    ``env:`` says.
    """
    found = {}
    for name, variable in _VARIABLES.items():
        text = _text(environ, name)
        by_default = name == "github-token" and text == _text(environ, "job-token")
        if text and not (by_default and environ.get(variable)):
            found[variable] = text
    return found


def _variable(name: str) -> str:
    return PREFIX + name.upper().replace("-", "_")


def _text(environ: Mapping[str, str], name: str) -> str:
    return environ.get(_variable(name), "").strip()


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    text = _text(environ, name)
    return Path(text) if text else None


def _yes(environ: Mapping[str, str], name: str) -> bool:
    """A switch, as YAML and people write it."""
    text = _text(environ, name)
    if text.casefold() not in ("", "true", "false"):
        raise _wrong(name, text, ("true", "false"))
    return text.casefold() == "true"


def _severity(environ: Mapping[str, str]) -> Severity | None:
    text = _text(environ, "fail-on") or FailOn.error.value
    if text not in {one.value for one in FailOn}:
        raise _wrong("fail-on", text, [one.value for one in FailOn])
    return None if text == FailOn.never.value else Severity(text)


def _several(text: str) -> str | None:
    """Names on lines of their own, or with commas between them, as ``--only`` takes them."""
    names = [name.strip() for line in text.splitlines() for name in line.split(",")]
    return ",".join(name for name in names if name) or None


def _wrong(name: str, text: str, words: tuple[str, ...] | list[str]) -> ConfigError:
    said = f'is "{text}"' if text else "is empty"
    return ConfigError(f"the input `{name}` {said}", next_step=did_you_mean(text, list(words), "write one of"))
