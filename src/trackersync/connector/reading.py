"""What every connector needs and none should write again: decode an answer, find mentions, compare with a change."""

from __future__ import annotations

import re
from typing import Literal, TypeVar

import msgspec

from trackersync.connector.promise import Answer
from trackersync.core.expect import fold, ours, shows
from trackersync.core.link import keys_in
from trackersync.core.model import Change, Item
from trackersync.errors import StaleError, UnavailableError

T = TypeVar("T")


def decode(answer: Answer, shape: type[T]) -> T:
    """Decode an answer's JSON body into ``shape``.

    Raises:
        UnavailableError: the body is not the JSON it should be (cut short, or a page for people), so nothing in it can
            be believed.
    """
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        kind = answer.headers.get("content-type", "").partition(";")[0] or "no content type"
        start = answer.body[:40].decode("utf-8", "replace").strip().replace("\n", " ")
        page = start[:1] == "<"
        what = "an HTML page" if page else f"{len(answer.body)} bytes of {kind}"
        why = "" if page else f" ({error})"
        raise UnavailableError(
            f"{answer.request} answered {answer.status} with {what} where JSON was due{why}. "
            "Check that the tracker's `url` is its API and that no proxy or login page stands before it."
        ) from error


_URL = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]+", re.IGNORECASE)
MENTIONS = 100
"""Of one body, at most so many URLs and so many keys are kept; the first ones decide anyway."""


def mentions(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The URLs of a text in order, and the words outside them that look like an item's key, each once."""
    urls = dict.fromkeys(match[0].rstrip(".,;:!?)*_~") for match in _URL.finditer(text))
    keys = dict.fromkeys(keys_in(_URL.sub(" ", text)))
    return tuple(urls)[:MENTIONS], tuple(keys)[:MENTIONS]


def compare(change: Change, item: Item) -> Literal["before", "after"]:
    """Tell whether an item still shows what a change expects, or already what it wants.

    For shared facts only the values that are ours count. Values compare without regard to case, as both vendors do.

    Raises:
        StaleError: it shows neither, as an item on a hop of the change's path does.
    """
    if shows(change.after, change, item.facts):
        return "after"
    if shows(change.before, change, item.facts):
        return "before"
    moved = ", ".join(
        f"{fact} was {_words(change.before[fact])}, is {_words(now)} now"
        for fact in change.before
        if fold(now := ours(change, item.facts, fact)) != fold(change.before[fact])
    )
    raise StaleError(f"{item.key}: {moved}; nothing was written")


def _words(values: tuple[str, ...]) -> str:
    return " + ".join(sorted(values)) or "nothing"
