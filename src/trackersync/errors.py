"""Every error trackersync raises on purpose, named by the caller's next move.

A sentence in an error says what was wrong, where, and what to do next; it never holds a token, a signature or an
``Authorization`` header. Errors are raised in one place per connector and caught once, in ``pipeline`` and ``cli``.
"""

from __future__ import annotations

from dataclasses import dataclass


class TrackersyncError(Exception):
    """The root: a trouble we can name. Anything else that escapes is a fault of ours.

    Attributes:
        containers: where it concerns only some repositories or projects of a tracker, their names: the others were
            read to their end. Empty: all of the tracker.
    """

    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a configuration: where it stands, what is wrong, and the word that was probably meant."""

    file: str
    line: int
    column: int
    where: str
    message: str
    hint: str = ""
    width: int = 1


class ConfigError(TrackersyncError):
    """The configuration, a process file or a command's argument cannot be used: correct it and run again.

    Args:
        message: the whole trouble in a sentence.
        problems: every mistake found, each with its place, where there are places.
        next_step: the command or edit that helps.
    """

    def __init__(self, message: str, problems: tuple[Problem, ...] = (), next_step: str = "") -> None:
        super().__init__(message)
        self.problems = problems
        self.next_step = next_step


class StoreError(TrackersyncError):
    """The store cannot be opened, read or written: nothing more is sent to any tracker.

    Args:
        message: the whole trouble in a sentence, and what to do.
        written: what had been written to trackers by then, in a sentence; empty for nothing.
    """

    def __init__(self, message: str, *, written: str = "") -> None:
        super().__init__(message)
        self.written = written


class StoreBusyError(StoreError):
    """Another run or service holds the store, and that outlasted the wait: run again when it has ended."""


class AuthError(TrackersyncError):
    """The tracker does not know us, or not with these rights: stop using this tracker in this run."""


class UnavailableError(TrackersyncError):
    """The tracker did not give a usable answer: try later.

    Args:
        message: what happened, with host and status.
        retry_after: seconds the tracker asked us to wait, where it did.
        in_doubt: a write was sent and its answer was lost: it may have taken effect. Look before writing again.
        passing: it is a matter of time alone: the tracker is down, slow or at a limit. Else it answered something that
            later will be the same, so that more likely the address is wrong.
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, in_doubt: bool = False, passing: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.in_doubt = in_doubt
        self.passing = passing or retry_after is not None


class BusyError(TrackersyncError):
    """Somebody else is at work on the same items: nothing was done, try again in a moment."""


class StaleError(TrackersyncError):
    """The item does not show what the change expected: someone moved it. Nothing, or no more, was done; look again."""


class NotFoundError(TrackersyncError):
    """The item, repository or project is gone, or hidden from us; trackers do not tell which."""


class RejectedError(TrackersyncError):
    """The tracker forbids it: a finding. Not tried again until item, workflow or configuration changes.

    Args:
        message: what was refused, by whom, and the remedy.
        partly: something of the change did take effect before the refusal, so the item must be read again.
        hop: the status that was not left, and the one that was not reached, where a transition was refused.
    """

    def __init__(self, message: str, *, partly: bool = False, hop: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        self.partly = partly
        self.hop = hop


class BadSignatureError(TrackersyncError):
    """A webhook delivery is unsigned or badly signed: answer 401 and count it."""


class BadDeliveryError(TrackersyncError):
    """A webhook delivery is not what its tracker sends, so it names nothing to look at: answer 400, or count it."""


TRACKER_TROUBLES = (AuthError, UnavailableError, NotFoundError, RejectedError)
"""What stops one tracker and no other."""
