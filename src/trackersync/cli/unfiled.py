"""What trackers say in words of the command line, while there is no file whose keys could be mended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from trackersync.cli import credentials
from trackersync.errors import AuthError, NotFoundError, RejectedError, UnavailableError

NOTHING = "Nothing was written."
_TRACKER = re.compile(r" of (?:this tracker|tracker [\w.-]*\w)")
_WORDS = {
    "github": {"`token`": credentials.GITHUB[0], "`url`": "--github-url", "under `repositories`": "of OWNER/REPO"},
    "jira": {"`token`": credentials.JIRA, "`url`": "--jira", "under `projects`": "of --project"},
}
_BOTH = {"`email`": "--email", "`user`": "--user", "`anonymous`": "--anonymous"}
_OURS = re.compile(r"`repositories`|api\.github|/repos/|GitHub")


def worded(message: str, tracker: str) -> str:
    """A sentence about a tracker, with options and variables in place of keys.

    Args:
        message: as a connector or the wire says it to whoever has a file.
        tracker: ``github`` or ``jira``; of any other the sentence stays as it is.
    """
    if tracker not in _WORDS:
        return message
    for key, word in {**_WORDS[tracker], **_BOTH}.items():
        message = message.replace(key, word)
    return _TRACKER.sub("", message)


@contextmanager
def unfiled(trackers: Sequence[str]) -> Iterator[None]:
    """Every trouble with a tracker is told in words of the command line.

    Args:
        trackers: those that are looked at.

    Raises:
        AuthError, NotFoundError, RejectedError, UnavailableError: the same in other words.
    """
    try:
        yield
    except (AuthError, UnavailableError) as error:
        raise type(error)(worded(str(error), _whose(str(error), trackers))) from error
    except (NotFoundError, RejectedError) as error:
        raise type(error)(f"{worded(str(error), _whose(str(error), trackers))} {NOTHING}") from error


def _whose(message: str, trackers: Sequence[str]) -> str:
    """The tracker that a sentence is about: it is named first, or by what only one kind has."""
    if len(trackers) == 1:
        return trackers[0]
    named = next((name for name in trackers if message.startswith(f"{name}: ") or f"tracker {name}" in message), None)
    return named or ("github" if _OURS.search(message) else "jira")
