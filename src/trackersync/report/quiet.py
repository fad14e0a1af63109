"""That nothing ran for too long, in words: the same in ``doctor``, ``status`` and a job's summary."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from trackersync.core.quiet import Quiet
from trackersync.report.names import ago
from trackersync.report.times import utc, when

REMEDY = (
    "look whether its schedule still runs: GitHub ends a public repository's after 60 days without activity, until "
    "somebody enables the workflow again"
)
"""What to do about it."""


def quiet_words(quiet: Quiet, now: datetime) -> str:
    """What is wrong, as part of a sentence: ``nothing ran for 63 d``."""
    due = "" if quiet.due is None else f", and a run is due since {when(quiet.due, now)}"
    return f"nothing ran for {ago(quiet.span)}{due}"


def quiet_markdown(quiet: Quiet) -> str:
    """The same as a paragraph of Markdown, written by the run that ended the quiet.

    Holds words of ours alone.
    """
    since = "" if quiet.due is None else f" (a run was due since {quiet.due.astimezone(UTC):%Y-%m-%d %H:%M} UTC)"
    return f"**Nothing ran for {ago(quiet.span)} before this**{since}: {REMEDY}."


def quiet_record(quiet: Quiet | None) -> dict[str, Any] | None:
    """The same for machines; None where all is well."""
    return None if quiet is None else {"last": utc(quiet.last), "due": utc(quiet.due)}
