"""Stopped from outside, by Ctrl-C or SIGTERM: what can be said of a command then, wherever it is at that moment.

Imports next to nothing: it has to stand before anything else does.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

STOPPED = "Stopped. Nothing was written to any tracker."
"""What is said after Ctrl-C, where nothing was being written."""
INTERRUPTED = 130
"""What a shell gives for a command that Ctrl-C ended."""


class Standing:
    """How far the command of this process has come.

    Attributes:
        done: what to say of a run that has written and ended; empty where none has.
        answering: an answer for machines has begun on standard output: a second one would spoil it.
    """

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.begin()

    def begin(self) -> None:
        """Another command begins, in the same process."""
        self.done = ""
        self.answering = False

    def sentence(self) -> str:
        """What is so, when it is stopped now."""
        return self.done or STOPPED


standing = Standing()
"""A process runs one command at a time."""


def stop_at_sigterm() -> None:
    """Let SIGTERM do what Ctrl-C does: by itself it would end the process without a word."""
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, _as_interrupt)


def listen_no_more() -> None:
    """It is ending, or all is said: Ctrl-C once more would only leave that unsaid, or break off how Python ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    # Whoever listens to Ctrl-C at this moment (asyncio does, to let things end in order) is to hear of it.
    if callable(signal.getsignal(signal.SIGINT)):
        signal.raise_signal(signal.SIGINT)
    else:
        # In the background of a shell script Ctrl-C is ignored.
        raise KeyboardInterrupt
