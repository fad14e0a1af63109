"""uvicorn's HTTP/1.1, with an end to its patience with others, and a limit to how many may be connected.

h11 is used and not httptools, since it bounds headers that do not come to their end. Answers that nobody
reads are bounded here, since asyncio would keep them.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from trackersync.webhook.limits import Limits


def patient_within(limits: Limits) -> type[H11Protocol]:
    """The protocol with these limits, for ``uvicorn.Config(http=…)``."""

    class Patient(H11Protocol):
        """One connection."""

        _waiting: asyncio.TimerHandle | None = None
        _unread: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
            super().connection_made(transport)
            if len(self.connections) > limits.connections:
                transport.abort()
            else:
                # So that it is told of whatever of an answer the other side leaves unread, however little it is.
                transport.set_write_buffer_limits(high=0)
                self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.transport.is_closing() or self.conn.their_state is not h11.IDLE:
                self._came()
            elif self._waiting is None and self.timeout_keep_alive_task is None:
                # Some of the next request's headers are here, and not yet all of them.
                self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            self._came()
            self._read()
            super().connection_lost(exc)

        def pause_writing(self) -> None:
            """The other side does not read: end it if it goes on like that."""
            super().pause_writing()
            self._unread = self.loop.call_later(limits.answer_seconds, self.transport.abort)

        def resume_writing(self) -> None:
            """The other side has read all there was."""
            self._read()
            super().resume_writing()

        def _wait(self) -> None:
            self._waiting = self.loop.call_later(limits.head_seconds, self.timeout_keep_alive_handler)

        def _came(self) -> None:
            if self._waiting is not None:
                self._waiting.cancel()
                self._waiting = None

        def _read(self) -> None:
            if self._unread is not None:
                self._unread.cancel()
                self._unread = None

    return Patient
