"""What of Procrastinate's is used otherwise than it comes."""

from __future__ import annotations

import asyncio
import logging
from typing import LiteralString

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from trackersync.store import Store

_TRIES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between two tries to say that a job is done."""
_WAKE: LiteralString = (
    "SELECT pg_notify('procrastinate_queue_v1#' || queue_name, "
    """json_build_object('type', 'job_inserted', 'job_id', id)::text) """
    "FROM procrastinate_jobs WHERE lock = %(lock)s AND status = 'todo' AND scheduled_at IS NULL LIMIT 1"
)
"""Wakes whoever listens, as a new job does."""
_POOL = 4
_WAIT = 10.0
_log = logging.getLogger("trackersync.worker")


def connector_to(store: Store) -> PsycopgConnector:
    """Procrastinate's connections to the store's database.

    They commit each statement by themselves. Else a job that is being fetched would stay locked until our event loop
    comes to commit it; and the loop may at that time be in a transaction of the store's that waits for this very job.
    They do not wait for the disk either: a job that a power cut brings back or takes away costs a look, and no more.
    """
    return PsycopgConnector(kwargs=store.reached_by(), configure=_configure, min_size=1, max_size=_POOL, timeout=_WAIT)


async def _configure(connection: psycopg.AsyncConnection) -> None:
    await connection.set_autocommit(True)
    await connection.execute("SET synchronous_commit = off")


def in_a_line(record: logging.LogRecord) -> bool:
    """Let Procrastinate tell of a database that cannot be used without a traceback; a filter, see ``logging``."""
    trouble = record.exc_info[1] if record.exc_info else None
    if isinstance(trouble, ConnectorException):
        record.msg, record.args = "the database of the store cannot be used: %s", (trouble.__cause__ or trouble,)
        record.exc_info = None
    return True


class Acknowledging(JobManager):
    """Says that a job is done until the database has heard it; a living worker's job would be everyone's for ever.

    Args:
        connector: to the database.
        gave_up: set when it has not heard it for too long; then the worker is to be ended, so that others take over.
    """

    def __init__(self, connector: PsycopgConnector, gave_up: asyncio.Event) -> None:
        super().__init__(connector)
        self._gave_up = gave_up

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """See ``JobManager.finish_job``; a job that somebody else has taken over is theirs to finish."""
        for pause in _TRIES:
            try:
                await super().finish_job(job, status, delete_job)
                # Procrastinate looks for those that a lock kept back only when it polls.
                await self.connector.execute_query_async(_WAKE, lock=job.lock)
            except ConnectorException as error:
                if isinstance(error.__cause__, psycopg.errors.RaiseException):
                    _log.warning("a job was taken over from us: %s", job.queueing_lock)
                    return
                await asyncio.sleep(pause)
            else:
                return
        self._gave_up.set()
