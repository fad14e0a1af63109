"""Where the power may be cut: around whatever is one transaction of a store."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, Protocol, TypeVar, cast

from trackersync.testing.faults import Faults, Trouble


class Mortal(Protocol):
    """A store that may lose its power."""

    faults: Faults | None


P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=Mortal)
WRITES: set[str] = set()
"""The names of what is a transaction."""


def transaction(
    method: Callable[Concatenate[M, P], T],
) -> Callable[Concatenate[M, P], T]:
    """What is whole or not there at all, and before or after which the power may be cut."""

    WRITES.add(method.__name__)

    @functools.wraps(method)
    def played(self: M, *args: P.args, **kwargs: P.kwargs) -> T:
        with perilous(self.faults):
            return method(self, *args, **kwargs)

    return cast(Callable[Concatenate[M, P], T], played)


@contextmanager
def perilous(faults: Faults | None) -> Iterator[None]:
    """The power may be cut just before or just after this."""
    trouble = faults.strike("store", "store") if faults is not None else None
    if faults is not None and trouble is Trouble.CRASH_BEFORE:
        raise faults.die()
    yield
    if faults is not None and trouble is Trouble.CRASH_AFTER:
        raise faults.die()
