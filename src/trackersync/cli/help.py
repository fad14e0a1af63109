"""How the command line speaks of itself: commands in groups, exit codes beside them, and the word that was meant.

Plain text everywhere: no boxes and no colours, so that a pipe, a narrow terminal and an old console show the same.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from trackersync.cli.exits import Exit
from trackersync.cli.mistyped import tell
from trackersync.cli.stopping import INTERRUPTED, standing
from trackersync.report.text.screen import Screen

GROUPS: Mapping[str, Sequence[str]] = {
    "Look": ("check", "plan", "explain", "conflicts", "status", "runs", "people", "stages", "rules"),
    "Settle": ("sync", "apply", "resolve", "undo", "link", "unlink", "pause", "resume", "retry"),
    "Set up": ("init", "doctor", "config", "preview", "hooks"),
    "Serve": ("serve", "worker"),
    "Keep": ("store",),
    "Try": ("demo", "sandbox"),
}
"""Every command by what one comes for, in the order in which one needs them."""
WIDEST = 80
NARROWEST = 40
_MEANINGS: Mapping[Exit, str] = {
    Exit.FINE: "fine",
    Exit.FINDINGS: "findings at or above --fail-on",
    Exit.USAGE: "usage or configuration",
    Exit.REFUSED: "refused: held by the guard, or the world moved",
    Exit.UNREACHABLE: "a tracker unreachable, or credentials refused",
    Exit.PARTLY: "written, but not all",
    Exit.BUSY: "another run holds the store",
    Exit.INTERRUPTED: "interrupted",
}
_TELLS = (Exit.FINE, Exit.USAGE)
_TAKES_A_TURN = (*_TELLS, Exit.BUSY)
_READS = (Exit.FINE, Exit.USAGE, Exit.UNREACHABLE, Exit.INTERRUPTED)
_WRITES = tuple(code for code in Exit if code is not Exit.FINDINGS)
CODES: Mapping[str, Sequence[Exit]] = {
    "check": (Exit.FINE, Exit.FINDINGS, Exit.USAGE, Exit.UNREACHABLE, Exit.INTERRUPTED),
    **dict.fromkeys(("plan", "init", "demo"), _READS),
    **dict.fromkeys(("sync", "apply", "resolve", "undo"), _WRITES),
    **dict.fromkeys(("link", "unlink", "pause", "resume", "serve"), _TAKES_A_TURN),
}
"""What commands end with, where that is more than fine or not; one that says it in its own help is not here."""

_TROUBLE: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""What typer raises for a word it cannot use; it has no public name for it."""


class Commands(TyperGroup):
    """A group of commands whose help shows them by what one comes for, and which says what was probably meant."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer's own context
        """The commands, in the order of ``GROUPS``; those of no group last."""
        order = {name: place for place, name in enumerate(name for some in GROUPS.values() for name in some)}
        return sorted(super().list_commands(ctx), key=lambda name: order.get(name, len(order)))

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ANN401  # typer's own
        """The command of this name, its exit codes told below its help."""
        found = super().get_command(ctx, cmd_name)
        # A group has commands with codes of their own; and some commands say it themselves, in their own words.
        if found is None or found.epilog or hasattr(found, "commands") or "Ends with" in (found.help or ""):
            return found
        codes = CODES.get(cmd_name, _TELLS) if ctx.parent is None else _TELLS
        found.epilog = f"Exit codes: {'; '.join(f'{code:d} {_MEANINGS[code]}' for code in codes)}."
        return found

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # noqa: ANN401
        """The commands by group, each with the first clause of its help."""
        left = {
            name: command
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None and not command.hidden
        }
        wide = max(map(len, left), default=0)
        for title, names in (GROUPS if ctx.parent is None else {}).items():
            rows = [(f"{name:{wide}}", clause(left.pop(name).help or "")) for name in names if name in left]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
        if left:
            with formatter.section("Commands"):
                formatter.write_dl([(f"{name:{wide}}", clause(command.help or "")) for name, command in left.items()])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,  # noqa: ANN401  # whatever typer's own context takes
    ) -> Any:  # noqa: ANN401  # as typer's own
        """Run; a word that cannot be used ends in a sentence that says what was probably meant."""
        columns = shutil.get_terminal_size().columns
        extra.setdefault("terminal_width", max(NARROWEST, min(columns, WIDEST)) - 2)
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except _TROUBLE as error:
            if not standalone_mode:
                raise
            tell(error, _reached(self, sys.argv[1:] if args is None else args))
            sys.exit(Exit.USAGE)
        except typer.Abort:
            if not standalone_mode:
                raise
            Screen.on(sys.stderr).say(standing.sentence())
            sys.exit(Exit.INTERRUPTED)
        if not standalone_mode:
            return code
        # Commands end with an ``Exit``, and have spoken; typer makes a bare number of Ctrl-C outside of them.
        if code == INTERRUPTED and not isinstance(code, Exit):
            Screen.on(sys.stderr).say(standing.sentence())
        sys.exit(code if isinstance(code, int) else Exit.FINE)


def clause(text: str) -> str:
    """The first clause of a command's help, for a list: what stands before the first colon, semicolon or full stop."""
    return re.split(r"[:;.](?:\s|$)", " ".join(text.split()), maxsplit=1)[0]


def _reached(command: Any, words: Sequence[str]) -> str:  # noqa: ANN401  # see _TROUBLE
    """The command that these words come to, for troubles that do not say it."""
    path = "trackersync"
    for word in words:
        found = getattr(command, "commands", {}).get(word)
        if found is not None:
            command, path = found, f"{path} {word}"
    return path
