"""Spans of time as a configuration writes them."""

from __future__ import annotations

from datetime import timedelta

_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))


def spelled(span: timedelta) -> str:
    """``30 d``, ``36 h``, ``90 min``, ``10 s``: in the largest unit of which it is a whole number."""
    unit, letter = next(((size, name) for size, name in _UNITS if not span % size), (timedelta(seconds=1), "s"))
    return f"{span // unit} {letter}"
