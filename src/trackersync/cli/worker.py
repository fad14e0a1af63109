"""The command ``worker``: work on what ``serve`` takes in, on as many machines as one likes."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from trackersync.cli.options import Config, Store, Verbose, Yes
from trackersync.cli.running import Common, configured, troubles
from trackersync.cli.serve import first_run

if TYPE_CHECKING:
    import asyncio

    from trackersync.config import Configuration
    from trackersync.store import Store as Opened


def worker(
    config: Config = None,
    store: Store = None,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where health and metrics are to be had.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="PORT", help="Of health and metrics; 0: any that is free; none if not given."),
    ] = None,
    log_format: Annotated[
        str, typer.Option("--log-format", metavar="json|text", help="On standard error; json is for machines.")
    ] = "text",
    yes: Yes = False,
    verbose: Verbose = False,
) -> None:
    """Work on what `trackersync serve` takes in; any number of workers share it, on any number of machines.

    The store is on PostgreSQL. A worker that dies is replaced by the others within half a minute. Runs until SIGTERM or
    Ctrl-C, and reads its configuration again at SIGHUP. Example: trackersync worker --port 9484
    """
    common = Common(config, store, "text", verbose=verbose)
    with troubles(), ExitStack() as stack:
        from trackersync.cli.serving import prepare, serve_until_told

        prepare()
        from trackersync.http import SystemClock
        from trackersync.store import open_store
        from trackersync.webhook.serving import Receiver
        from trackersync.worker.distributed import Distributed
        from trackersync.worker.journaling import log_requests, set_up
        from trackersync.worker.metrics import Metrics
        from trackersync.worker.service import Service

        configuration = configured(common)
        set_up(log_format, configuration.secrets, verbose=verbose)
        opened = stack.enter_context(open_store(configuration.store))
        engine = Distributed(opened, SystemClock(), configuration.settings.service.abreast)
        metrics = Metrics()
        service = Service(
            lambda: configured(common),
            opened,
            engine,
            metrics,
            yes=yes,
            fixed=("abreast",),
            log=log_requests(verbose),
        )
        front = (
            _Nothing()
            if port is None
            else Receiver(opened, dict, SystemClock(), metrics, service.ready, host=host, port=port)
        )
        address = front.bind() if isinstance(front, Receiver) else ""
        serve_until_told(service, configuration, front, lambda: _said(configuration, opened, address, yes=yes))


def _said(configuration: Configuration, opened: Opened, address: str, *, yes: bool) -> None:
    """What an operator reads first."""
    from trackersync.report.text.screen import Screen

    screen = Screen.on(sys.stdout)
    screen.say(f"working    on {opened.name}")
    if address:
        screen.say(f"health     {address}/healthz, /readyz, /metrics")
    screen.next(*first_run("trackersync worker --yes", configuration, opened, yes=yes))
    sys.stdout.flush()


class _Nothing:
    """Serves nothing, until told to stop."""

    async def run(self, stop: asyncio.Event) -> None:
        await stop.wait()
