"""The command ``serve``: take webhook deliveries in, and keep the trackers in step in real time."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from ipaddress import ip_network
from typing import TYPE_CHECKING, Annotated

import typer

from trackersync.cli.options import Config, Store, Verbose, Yes
from trackersync.cli.running import Common, configured, troubles
from trackersync.errors import ConfigError
from trackersync.report.text.screen import Screen

if TYPE_CHECKING:
    from trackersync.config import Configuration
    from trackersync.connector import TrackerSettings
    from trackersync.store import Store as Opened
    from trackersync.worker.engine import Engine


def serve(
    config: Config = None,
    store: Store = None,
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="Where to listen; overrides `service.host`.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", metavar="PORT", help="0: any that is free; overrides `service.port`.")
    ] = None,
    forwarded_allow_ips: Annotated[
        str,
        typer.Option(
            "--forwarded-allow-ips", metavar="ADDRESSES", help="Proxies whose word counts on who sent a delivery."
        ),
    ] = "127.0.0.1",
    work: Annotated[
        bool | None,
        typer.Option("--work/--no-work", help="Work too, or leave that to `trackersync worker` (so on PostgreSQL)."),
    ] = None,
    log_format: Annotated[
        str, typer.Option("--log-format", metavar="json|text", help="On standard error; json is for machines.")
    ] = "text",
    yes: Yes = False,
    verbose: Verbose = False,
) -> None:
    """Keep the trackers in step in real time: take their webhooks in, and read by itself what those lose.

    Runs until SIGTERM or Ctrl-C, and finishes then what is under way; reads its configuration again at SIGHUP.
    `trackersync hooks install` makes the webhooks. Example: trackersync serve --host 0.0.0.0 --port 8484
    """
    common = Common(config, store, "text", verbose=verbose)
    with troubles(), ExitStack() as stack:
        from trackersync.cli.serving import prepare, serve_until_told

        connections = prepare()
        from trackersync.http import SystemClock
        from trackersync.store import open_store
        from trackersync.webhook.limits import Limits
        from trackersync.webhook.serving import Receiver
        from trackersync.worker.journaling import log_requests, set_up
        from trackersync.worker.metrics import Metrics
        from trackersync.worker.service import Service

        configuration = configured(common)
        set_up(log_format, configuration.secrets, verbose=verbose)
        # Half of what GitHub waits for an answer: a store that is locked for longer is told to it in time.
        opened = stack.enter_context(open_store(configuration.store, wait=5.0))
        works = opened.dialect == "sqlite" if work is None else work
        engine = _engine(opened, configuration, works=works)
        if works:
            stack.enter_context(opened.sole("serve"))
        metrics, settings = Metrics(), configuration.settings.service
        service = Service(
            lambda: configured(common),
            opened,
            engine,
            metrics,
            works=works,
            yes=yes,
            fixed=_fixed(host, port, works=works),
            log=log_requests(verbose),
        )
        receiver = Receiver(
            opened,
            service.listeners,
            SystemClock(),
            metrics,
            service.ready,
            host=host or settings.host,
            port=settings.port if port is None else port,
            forwarded_allow_ips=_proxies(forwarded_allow_ips),
            limits=Limits(connections=connections),
        )
        address = receiver.bind()

        def began() -> None:
            _said(configuration, opened, address, works=works, yes=yes)

        serve_until_told(service, configuration, receiver, began)


def _fixed(host: str | None, port: int | None, *, works: bool) -> tuple[str, ...]:
    """The settings of ``service`` that hold from start to end: those of the sockets and of the engine that it has."""
    taken = {"host": host is None, "port": port is None, "abreast": works}
    return tuple(name for name, so in taken.items() if so)


def _proxies(words: str) -> str:
    """The proxies that were named, each an address or a network, or ``*`` for whoever it is.

    Raises:
        ConfigError: one is neither; nobody would be believed, and nobody would know.
    """
    for word in filter(None, (part.strip() for part in words.split(","))):
        try:
            if word != "*":
                ip_network(word, strict=False)
        except ValueError:
            raise ConfigError(
                f'--forwarded-allow-ips: "{word}" is no address or network', next_step="write 10.0.0.7 or 10.0.0.0/8"
            ) from None
    return words


def _engine(opened: Opened, configuration: Configuration, *, works: bool) -> Engine:
    """What drives the work: of this process alone on a file, of any number of them on PostgreSQL.

    Raises:
        ConfigError: the work is left to others, who cannot have this store.
    """
    from trackersync.http import SystemClock

    abreast = configuration.settings.service.abreast
    if opened.dialect == "sqlite":
        if not works:
            raise ConfigError(
                f"the store {opened.name} is a file, on which nobody else can work",
                next_step="leave --no-work out, or keep the store on PostgreSQL: trackersync store move",
            )
        from trackersync.worker.embedded import Embedded

        return Embedded(opened, SystemClock(), abreast)
    from trackersync.worker.distributed import Distributed

    return Distributed(opened, SystemClock(), abreast)


def _said(configuration: Configuration, opened: Opened, address: str, *, works: bool, yes: bool) -> None:
    """What an operator reads first: where it listens, what it does, and what is still lacking."""
    from trackersync.core.words import listed

    screen = Screen.on(sys.stdout)
    deaf = [name for name, tracker in configuration.trackers.items() if not any(_secrets(tracker))]
    hearing = [name for name in configuration.trackers if name not in deaf]
    screen.say(f"serving    {address}")
    for name in hearing:
        screen.say(f"           {address}/webhooks/{name}")
    screen.say(f"store      {opened.name}; {'takes deliveries in and works' if works else 'takes deliveries in'}")
    steps: list[tuple[str, str]] = []
    if deaf:
        screen.say(
            f"deaf       {listed(deaf)}: no `webhook_secrets`, so deliveries are refused, and the timer finds edits"
        )
    steps += first_run("trackersync serve --yes", configuration, opened, yes=yes)
    if not works:
        steps.append(("trackersync worker", "works on what comes in; as many as you like"))
    if hearing:
        steps.append(("trackersync hooks list", "whether the trackers tell of edits"))
    screen.next(*steps)
    sys.stdout.flush()


def first_run(command: str, configuration: Configuration, opened: Opened, *, yes: bool) -> list[tuple[str, str]]:
    """The next step of whoever works by a configuration that nobody has said yes to: the command that says it."""
    if yes or opened.approved(configuration.fingerprint):
        return []
    return [(command, "this configuration has not written before; without it, what it would write is held")]


def _secrets(settings: TrackerSettings) -> list[str]:
    return [one.get_secret_value() for one in getattr(settings, "webhook_secrets", ())]
