"""What the receiver is measured against: the least that can be done for a delivery, and still be done safely.

Starlette's own request and response; the same HMAC over the raw body; the same row, in the same way of committing:
sqlite3, WAL, ``synchronous=FULL``, one thread that writes, and whatever has come in one transaction. No limits, no
refusals, nothing counted.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socket
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_TABLE = """CREATE TABLE delivery (number INTEGER PRIMARY KEY AUTOINCREMENT, tracker TEXT NOT NULL, id TEXT NOT NULL,
at BIGINT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL, state TEXT NOT NULL, why TEXT NOT NULL DEFAULT '',
UNIQUE (tracker, id))"""
_STATE = "CREATE INDEX state ON delivery (state, number)"
_AT = "CREATE INDEX at ON delivery (at)"
_ROW = """INSERT INTO delivery (tracker, id, at, headers, body, state) VALUES (?, ?, ?, ?, ?, 'waiting')
ON CONFLICT DO NOTHING"""

Row = tuple[str, str, int, str, bytes]


class Rows:
    """Commits whatever has come together."""

    def __init__(self, file: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        for said in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", _TABLE, _STATE, _AT):
            self._connection.execute(said)
        self._some: list[Row] = []
        self._ended = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    async def add(self, row: Row) -> None:
        """Commit a row."""
        self._some.append(row)
        ended = self._ended
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await ended.wait()

    async def _write(self) -> None:
        while self._some:
            some, self._some = self._some, []
            ended, self._ended = self._ended, asyncio.Event()
            await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, some)
            ended.set()
        self._writing = None

    def _commit(self, some: list[Row]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(_ROW, some)
        self._connection.execute("COMMIT")


def application(file: str, secret: str) -> Starlette:
    """The bare application."""
    rows: list[Rows] = []

    async def take_in(request: Request) -> Response:
        if not rows:
            rows.append(Rows(file))
        body = await request.body()
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, request.headers.get("x-hub-signature-256", "")):
            return PlainTextResponse("no", 401)
        headers = json.dumps({name: value for name, value in request.headers.items() if name.startswith("x-github-")})
        id_ = request.headers["x-github-delivery"]
        await rows[0].add((request.path_params["tracker"], id_, time.time_ns() // 1000, headers, body))
        return PlainTextResponse("accepted", 202)

    return Starlette(routes=[Route("/webhooks/{tracker}", take_in, methods=["POST"])])


def main(file: str, secret: str) -> None:
    """Print the port, and serve until killed."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(listening.getsockname()[1], flush=True)
        options: dict[str, Any] = {"http": "h11", "loop": "asyncio", "access_log": False, "log_level": "error"}
        server = uvicorn.Server(uvicorn.Config(application(file, secret), lifespan="off", ws="none", **options))
        asyncio.run(server.serve(sockets=[listening]))


if __name__ == "__main__":
    main(*sys.argv[1:])
