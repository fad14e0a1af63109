"""How values are written in rows, and read back: JSON text by msgspec, moments as microseconds.

The same value always gives the same text, so that two texts tell whether anything changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from trackersync.core.model import Facts

T = TypeVar("T")

BATCH = 1000
"""Rows written in one transaction at most, so that no writer waits long for another."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_encoder = msgspec.json.Encoder(order="deterministic")
_natives = msgspec.json.Decoder(tuple[Facts, ...])


def text(value: object) -> str:
    """A value as JSON text; equal values give equal texts."""
    return _encoder.encode(value).decode()


def natives_text(natives: Iterable[Facts]) -> str:
    """Native states as JSON text: a set, so sorted and each once."""
    return "[" + ",".join(sorted({text(native) for native in natives})) + "]"


def natives_of(written: str) -> tuple[Facts, ...]:
    """The native states that ``natives_text`` wrote."""
    return _natives.decode(written)


def micros(moment: datetime) -> int:
    """An aware moment as whole microseconds since 1970. Raises ``TypeError`` where the time zone is not known."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The moment, UTC, that ``micros`` wrote."""
    return _EPOCH + timedelta(microseconds=microseconds)


def moment_or_none(microseconds: int | None) -> datetime | None:
    """The moment of a column that may be empty: something that has not happened yet."""
    return None if microseconds is None else moment(microseconds)


def batches(values: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """The values in order, at most ``size`` at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))
