"""The receiver at its port: bound, served, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import uvicorn

from trackersync.connector import Clock, Listener
from trackersync.errors import ConfigError
from trackersync.store import Store
from trackersync.webhook.app import application
from trackersync.webhook.committing import GroupCommit
from trackersync.webhook.intake import Intake
from trackersync.webhook.limits import Limits
from trackersync.webhook.protocol import patient_within
from trackersync.worker.metrics import Metrics

_GRACE: Final = 8
"""Seconds that requests under way have to come to their end when it is told to stop."""
_BACKLOG: Final = 2048


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Receiver:
    """Takes webhook deliveries in, and shows how the service is.

    Args:
        store: whose inbox the deliveries go to.
        listeners: by tracker, who tells a genuine delivery; asked for each, since they change. May be asked at any
            time from the thread that runs the receiver.
        clock: when a delivery came.
        metrics: told how each delivery ended; shown under ``/metrics``.
        ready: why the service is not ready, in sentences without secrets; none where it is.
        host: an address to listen at, or a name that has one.
        port: 0 takes any that is free.
        forwarded_allow_ips: addresses and networks, with commas, of proxies whose ``X-Forwarded-For`` is believed.
        limits: on what comes in.
    """

    def __init__(
        self,
        store: Store,
        listeners: Callable[[], Mapping[str, Listener]],
        clock: Clock,
        metrics: Metrics,
        ready: Callable[[], Sequence[str]],
        *,
        host: str,
        port: int,
        forwarded_allow_ips: str = "127.0.0.1",
        limits: Limits | None = None,
    ) -> None:
        self._store, self._listeners, self._clock, self._metrics, self._ready = store, listeners, clock, metrics, ready
        self._host, self._port, self._proxies = host, port, forwarded_allow_ips
        self._limits = limits or Limits()
        self._socket: socket.socket | None = None
        self._address = ""

    def bind(self) -> str:
        """Listen; connections wait until ``run`` serves them. Binding twice is harmless.

        Returns:
            The address, as ``http://host:port``.

        Raises:
            ConfigError: it cannot listen there.
        """
        if self._socket is None:
            try:
                self._socket = _listening(self._host, self._port)
            except (OSError, UnicodeError) as error:
                why = (error.strerror if isinstance(error, OSError) else None) or "it is no address"
                raise ConfigError(
                    f"Nothing can listen at {self._host}, port {self._port}: {why}.",
                    next_step="name another with --host and --port, or under `service:`",
                ) from error
            host, port = self._socket.getsockname()[:2]
            self._address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        return self._address

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until told to stop, and until all that was accepted is committed and answered.

        Raises:
            ConfigError: it cannot listen there.
        """
        self.bind()
        assert self._socket is not None  # noqa: S101 - it was bound just now
        commit = GroupCommit(self._store, self._metrics, self._limits.waiting)
        intake = Intake(self._listeners, commit, self._clock, self._metrics, self._limits)
        server = _Server(self._config(application(intake, commit, self._metrics, self._ready, self._limits)))
        serving = asyncio.create_task(server.serve(sockets=[self._socket]))
        told = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([serving, told], return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
            intake.stop()
            server.should_exit = True
            try:
                await serving
            finally:
                await commit.close()
                self._socket.close()
                self._socket = None

    def _config(self, app: object) -> uvicorn.Config:
        limits = self._limits
        return uvicorn.Config(
            app,  # type: ignore[arg-type]  # Starlette's types and uvicorn's name the same ASGI differently
            http=patient_within(limits),
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            # It warns of every request that is none, so anybody could fill the log.
            log_level="error",
            access_log=False,
            proxy_headers=True,
            forwarded_allow_ips=self._proxies,
            server_header=False,
            h11_max_incomplete_event_size=limits.head,
            timeout_keep_alive=limits.idle_seconds,  # type: ignore[arg-type]  # it is handed to call_later
            timeout_graceful_shutdown=_GRACE,
        )


def _listening(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    # An answer is sent in pieces, and the second would wait for the other side's delayed acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
