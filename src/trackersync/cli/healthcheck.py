"""A job that tells a healthcheck when it begins and how it ends, and that nothing about the healthcheck can hold up."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from trackersync.cli.exits import Exit
from trackersync.cli.running import Format, troubles

if TYPE_CHECKING:
    from pydantic import SecretStr

VARIABLE = "TRACKERSYNC_HEALTHCHECK_URL"
"""Where the address is best kept: other users of the machine can read a command line."""
WORKED = frozenset({Exit.FINE, Exit.FINDINGS})
"""The codes of a job that did its work: findings are what a check is for, and stay until people mend them."""

HealthcheckUrl = Annotated[
    str | None,
    typer.Option(
        "--healthcheck-url",
        metavar="URL",
        envvar=VARIABLE,
        help="Told at URL/start, then at URL, or URL/CODE after trouble. Better in the variable: it is a secret.",
    ),
]


@contextmanager
def watched(url: str | None, form: Format = "text") -> Iterator[None]:
    """Tell a healthcheck of the command that runs within: at once, and what it ends with.

    Telling goes on beside the command, and is given up after some seconds at its end. A healthcheck that cannot be told
    is a sentence on standard error, and never changes what the command does or ends with.

    Args:
        url: of the healthcheck; None, or nothing: nobody is told.
        form: how the command answers, for the sentence of a URL that is none.
    """
    if not url:
        yield
        return
    with troubles(form):
        from trackersync.http.healthcheck import address

        told = address(url)
    begun = _Told(told, "start")
    try:
        yield
    except typer.Exit as end:
        # Another run is at it, and tells its own end; if none does for too long, it is silence that alarms.
        if end.exit_code != Exit.BUSY:
            _tell_end(begun, told, _signal(end.exit_code))
        raise
    except KeyboardInterrupt:
        _tell_end(begun, told, _signal(Exit.INTERRUPTED))
        raise
    except BaseException:
        # A fault of ours: the interpreter will make 1 of it, which is no finding here.
        _tell_end(begun, told, "fail")
        raise
    _tell_end(begun, told, "")


def _signal(code: int) -> str:
    """What a healthcheck is told of an exit code: nothing more where the job did its work."""
    return "" if code in WORKED else str(int(code))


def _tell_end(begun: _Told, url: SecretStr, signal: str) -> None:
    """Tell the end after the beginning; whoever presses Ctrl-C meanwhile breaks off nothing but that."""
    with suppress(KeyboardInterrupt):
        begun.wait()
        ended = _Told(url, signal)
        ended.wait()
        if ended.trouble:
            print(f"The healthcheck was not told how this ended. {ended.trouble}.", file=sys.stderr)


class _Told:
    """Something that a healthcheck is being told, in a thread: looking up a host has no time-out of its own."""

    def __init__(self, url: SecretStr, signal: str) -> None:
        from trackersync.http.healthcheck import host_of

        self.trouble = f"{host_of(url)}: no answer in time"
        self._thread = threading.Thread(target=self._run, args=(url, signal), name="healthcheck", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until it is told or in vain, and no longer than that may take."""
        from trackersync.http.healthcheck import PATIENCE

        self._thread.join(PATIENCE)

    def _run(self, url: SecretStr, signal: str) -> None:
        from trackersync.http.healthcheck import UnheardError, tell

        try:
            tell(url, signal)
            self.trouble = ""
        except UnheardError as error:
            self.trouble = str(error)
