"""The values that are nobody's business, gathered from wherever a configuration holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, SecretStr

from trackersync.core.masking import passwords


def revealed(*values: object) -> frozenset[str]:
    """Every credential within: whatever is a ``SecretStr``; of an address its passwords, and not the whole of it."""
    return frozenset(_revealed(values)) - {""}


def _revealed(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        if "://" in text:
            yield from passwords(text)
        else:
            yield text
    elif isinstance(value, BaseModel):
        for _, inner in value:
            yield from _revealed(inner)
    elif isinstance(value, Mapping):
        yield from _revealed(tuple(value.values()))
    elif isinstance(value, (tuple, list, set, frozenset)):
        for inner in value:
            yield from _revealed(inner)
