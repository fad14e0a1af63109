"""The end of a command whose output cannot be written: one sentence and an exit code, never a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TextIO

from trackersync.cli.exits import Exit

PIPE_CLOSED = 141
"""What a shell gives for a command that SIGPIPE ended: 128 and 13."""
_FULL = frozenset({errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC})


def ended(run: Callable[[], None]) -> None:
    """Run a command and see to it that all it printed is written.

    Args:
        run: the command; ends by ``SystemExit``.

    Raises:
        SystemExit: with the command's own code; with 2 where its output cannot be written, because a disk is full say;
            with 141, silently, where whoever reads it stopped, as `head` does.
    """
    # There is none where a shell closed it: `>&-`.
    output: TextIO | None = sys.stdout
    try:
        try:
            run()
        except SystemExit as end:
            # So do typer and rich end where the reader is gone, but with 1, which means findings.
            if isinstance(end.__context__, BrokenPipeError):
                raise end.__context__ from None
            raise
        finally:
            if output is not None:
                output.flush()
    except BrokenPipeError:
        drop_output()
        raise SystemExit(PIPE_CLOSED) from None
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _unwritten(error)


def _unwritten(error: OSError) -> NoReturn:
    drop_output()
    try:
        print(f"The output cannot be written: {error.strerror}. What is shown is not all.", file=sys.stderr, flush=True)
    except OSError:  # it may be the same full disk
        drop_output(2)
    raise SystemExit(int(Exit.USAGE))


def drop_output(output: int = 1) -> None:
    """Let what is still to be written go nowhere, or Python would complain of it once more at its end.

    Args:
        output: 1 for standard output, 2 for standard error.
    """
    with suppress(OSError, ValueError):
        stream = (sys.stdout if output == 1 else sys.stderr).fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream)
        os.close(nowhere)
