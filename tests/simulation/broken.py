"""A promise that did not hold."""

from __future__ import annotations


class BrokenPromise(AssertionError):  # noqa: N818 - it is an assertion, and this is what has become of it
    """Says which promise, and what was seen instead."""


def expect(held: bool, promise: int, words: str, *shown: object) -> None:
    """Raise ``BrokenPromise`` unless it held."""
    if not held:
        raise BrokenPromise(f"promise {promise}: {words}: {shown}")
