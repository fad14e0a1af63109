"""Which requests changed something, for the journal: method, path, status and the vendor's request id of each.

A context variable and not an argument: between the pipeline, which keeps the trail, and the wire, which leaves it,
stands the connector, and the trail is none of its business.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_trail: ContextVar[list[str] | None] = ContextVar("trail", default=None)


@contextmanager
def trail() -> Iterator[list[str]]:
    """Gather what writes are sent within: ``PATCH /repos/acme/shop/issues/17 200 3F2A:1B``, in order."""
    sent: list[str] = []
    token = _trail.set(sent)
    try:
        yield sent
    finally:
        _trail.reset(token)


def leave(method: str, path: str, status: int, request: str) -> None:
    """Note a write that was sent; ``status`` is 0 and ``request`` empty where no answer came."""
    sent = _trail.get()
    if sent is not None:
        sent.append(" ".join(filter(None, (method, path, str(status) if status else "no answer", request))))
