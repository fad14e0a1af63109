"""The receiver as a Starlette application: four routes, and nothing that redirects, guesses or explains."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from trackersync.webhook.answers import Answer, broken, refused
from trackersync.webhook.committing import GroupCommit
from trackersync.webhook.front import Front
from trackersync.webhook.intake import Intake
from trackersync.webhook.limits import Limits
from trackersync.webhook.once import Once
from trackersync.worker.metrics import Metrics

_ALIVE: Final = Answer(200, "ok\n")
_READY: Final = Answer(200, "ready\n")
_PATIENCE: Final = 2.0
"""Seconds after which a store that does not answer is not ready."""
_HOLDS: Final = 1.0
"""Seconds for which the state of the store, and what was counted, are not asked for again."""


class _Readiness:
    """``GET /readyz``: whether deliveries are worth sending, and if not, why."""

    def __init__(self, commit: GroupCommit, ready: Callable[[], Sequence[str]]) -> None:
        self._ready = ready
        self._store = Once(commit.trouble, _HOLDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        why = list(self._ready())
        try:
            async with asyncio.timeout(_PATIENCE):
                trouble = await self._store.answer()
        except TimeoutError:
            trouble = "the store does not answer"
        why += [trouble] if trouble else []
        lines = "".join(f"{' '.join(one.split())}\n" for one in why)
        await (Answer(503, lines, again=5) if lines else _READY)(scope, receive, send)


class _Counted:
    """``GET /metrics``: what was counted. The store is asked for a part of it, in a thread."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._shown = Once(lambda: asyncio.to_thread(metrics.exposition), _HOLDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shown = Answer(200, await self._shown.answer(), content_type=self._metrics.content_type)
        await shown(scope, receive, send)


def application(
    intake: Intake, commit: GroupCommit, metrics: Metrics, ready: Callable[[], Sequence[str]], limits: Limits
) -> Starlette:
    """Make the application.

    Args:
        intake: the endpoint of deliveries.
        commit: whose store is to be ready.
        metrics: shown under ``/metrics``.
        ready: why the service is not ready, in sentences without secrets; none where it is.
        limits: on headers and paths.
    """
    app = Starlette(
        routes=[
            Route("/webhooks/{tracker}", intake, methods=["POST"]),
            Route("/healthz", _ALIVE, methods=["GET"]),
            Route("/readyz", _Readiness(commit, ready), methods=["GET"]),
            Route("/metrics", _Counted(metrics), methods=["GET"]),
        ],
        middleware=[Middleware(Front, limits=limits)],
        exception_handlers={HTTPException: refused, Exception: broken},
    )
    # It would make an address of the header Host, which is the sender's to write.
    app.router.redirect_slashes = False
    return app
