"""The stand-ins on loopback over real HTTP, for as long as a ``with`` block lasts."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Final

import uvicorn

from trackersync.sandbox import load, shop
from trackersync.sandbox.github.app import github_app
from trackersync.sandbox.github.model import GitHub
from trackersync.sandbox.jira.app import jira_app
from trackersync.sandbox.jira.model import Jira
from trackersync.sandbox.jira.workflow import any_to_any
from trackersync.sandbox.posting import Post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

_HOST: Final = "127.0.0.1"
_PATIENCE: Final = 10.0
_GRACE: Final = 1.0
"""Seconds for answers that are being given when the stand-ins stop."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to serve and where; port 0 takes a free one, ``latency`` counts milliseconds.

    ``administrator``: whether Jira's account is one, who alone may see and make webhooks there.
    """

    github_port: int = 0
    jira_port: int = 0
    repository: str = "acme/shop"
    project: str = "SHOP"
    load_jira: Path | None = None
    load_github: Path | None = None
    user_map: Path | None = None
    latency: float = 0.0
    administrator: bool = False


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Two running stand-ins: where they are, their state to look at or to work on as a person, and what they post."""

    github_url: str
    jira_url: str
    github: GitHub
    jira: Jira
    post: Post = field(default_factory=Post)

    def meanwhile(self) -> tuple[str, str]:
        """Let the shop's people go on working, and say who did what."""
        return shop.meanwhile(self.github, self.jira)


def build(options: Options) -> tuple[GitHub, Jira]:
    """Make both models: the sample shop, or what is loaded.

    Where one file is given the other tracker stays empty: a shop that has nothing to do with the file would only
    confuse.
    """
    jira = load.load_jira(options.load_jira) if options.load_jira is not None else _jira(options)
    if options.load_github is not None:
        github = load.load_github(options.load_github, options.repository)
    else:
        github = GitHub(options.repository)
        if options.load_jira is None:
            shop.fill_github(github, options.project)
    if options.user_map is not None:
        load.assign(github, jira if options.load_jira is not None else None, load.read_user_map(options.user_map))
    github.latency = jira.latency = options.latency
    jira.premises.administrator = options.administrator
    return github, jira


@contextmanager
def running(options: Options = Options(), *others: GitHub) -> Iterator[Sandbox]:
    """Serve both trackers on loopback until the block ends; nothing is left running afterwards.

    ``others`` are further repositories at the same GitHub.
    """
    github, jira = build(options)
    post = github.hub.notices.post = jira.premises.post = Post()
    with ExitStack() as stack:
        stack.callback(post.close)
        github_url = stack.enter_context(_serving(github_app(github, *others), options.github_port))
        jira_url = stack.enter_context(_serving(jira_app(jira), options.jira_port))
        yield Sandbox(github_url, jira_url, github, jira, post)


def _jira(options: Options) -> Jira:
    if options.load_github is not None:
        # Empty, but a project that can be asked for: an unknown one would be an error and not an empty tracker.
        return Jira({options.project: any_to_any(shop.workflow().statuses)})
    model = Jira({options.project: shop.workflow()})
    shop.fill_jira(model, options.project, options.repository)
    return model


class _Server(uvicorn.Server):
    """Uvicorn's server, which ends at once when it is asked to.

    Uvicorn's own looks ten times a second whether it is to end, and then waits a tenth of a second more: with two
    trackers that is most of the time of a short test.
    """

    _loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Ask for the end, from any thread."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._asked.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        # What uvicorn does at each look: what every answer has in its head.
        await self.on_tick(0)
        await self._asked.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        until = time.monotonic() + _GRACE
        while (self.server_state.connections or self.server_state.tasks) and time.monotonic() < until:  # noqa: ASYNC110 - a connection tells nobody that it is gone
            await asyncio.sleep(0.001)
        for task in self.server_state.tasks:
            task.cancel()


@contextmanager
def _serving(app: ASGIApp, port: int) -> Iterator[str]:
    # Bound here and not by uvicorn, so that a free port is known at once and a taken one is an error here.
    with socket.create_server((_HOST, port)) as listener:
        # An answer is sent in two pieces, and the second would wait for the client's delayed acknowledgement: 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            http="h11",
            ws="none",
            loop="asyncio",
            date_header=False,
            server_header=False,
            # Longer than any pause of a test: a connection closed just as it is used again is a fault by accident.
            timeout_keep_alive=75,
        )
        server = _Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name=f"sandbox:{port}", daemon=True)
        thread.start()
        try:
            _await_start(server, thread)
            yield f"http://{_HOST}:{listener.getsockname()[1]}"
        finally:
            server.end()
            thread.join(_PATIENCE)


def _await_start(server: uvicorn.Server, thread: Thread) -> None:
    until = time.monotonic() + _PATIENCE
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise RuntimeError("the sandbox did not start")
        time.sleep(0.005)
