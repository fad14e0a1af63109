"""Whether an issue shows what was written: Jira drops some of it without a word, and automations set it otherwise."""

from __future__ import annotations

from trackersync.connector import Change, Item, RejectedError, fold
from trackersync_jira.screens import RESOLUTION, wanted


def expect_intended(change: Change, before: Item, shown: Item, hop: tuple[str, str] | None = None) -> None:
    """Notice what Jira dropped without a word, or an automation turned into something else.

    Args:
        change: as written.
        before: the issue as it was; tells whether anything of the change took effect.
        shown: the issue as it is.
        hop: the statuses of the last transition, where there was one.

    Raises:
        RejectedError: it shows something else than the change wants.
    """
    for fact, values in change.after.items():
        now = shown.facts.get(fact, ())
        if fact in change.ours:
            now = tuple(value for value in now if value.casefold() in fold(change.ours[fact]))
        # Their order is Jira's: the assignee first, then the field's.
        if fold(now) == fold(values):
            continue
        partly = any(shown.facts.get(name) != before.facts.get(name) for name in change.after)
        raise RejectedError(_other(change, fact, now), partly=partly, hop=hop if fact == "status" else None)


def _other(change: Change, fact: str, now: tuple[str, ...]) -> str:
    words = f"{change.key}: Jira took the change, but {fact} is {_says(now)} now, not {_says(change.after[fact])}. "
    if fact == RESOLUTION and wanted(change, RESOLUTION):
        return words + (
            "The transition has no screen with this field, and its workflow sets another: put Resolution on the "
            "transition's screen, or take `set: {resolution: …}` off the stage."
        )
    if fact == RESOLUTION:
        return words + "The workflow does not clear it: add a post function to the transition that does."
    return words + "A rule or automation of the project sets it otherwise; look at the issue's history."


def _says(values: tuple[str, ...]) -> str:
    return " + ".join(values) or "nothing"
