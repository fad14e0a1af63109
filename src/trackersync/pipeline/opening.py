"""Open a configuration: its wires, connectors and store, closed again whatever happens."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from trackersync.config import Configuration, OwnersPolicy, StagePolicy
from trackersync.connector import Clock, Connector, Plugin, TrackerSettings
from trackersync.core.address import Address
from trackersync.core.guard import Limits
from trackersync.core.mentions import Mentioning
from trackersync.core.merge import Policy
from trackersync.core.model import OWNERS, Account
from trackersync.core.people import Directory
from trackersync.core.stages import StageMap
from trackersync.core.terms import Terms
from trackersync.http import BUDGETS, Counters, HttpWire, Log, SystemClock
from trackersync.pipeline.session import Progress, Session, Silence
from trackersync.store import Store, here, open_store


def terms_of(configuration: Configuration, accounts: Iterable[Account] = ()) -> Terms:
    """What a configuration decides, as the core wants it; ``accounts`` are all that have been seen by now."""
    sync, plugins = configuration.settings.sync, configuration.plugins
    return Terms(
        process=configuration.process,
        maps={
            name: StageMap(
                name,
                configuration.process,
                plugin.vocabulary,
                configuration.rules[name],
                configuration.precedence(name),
            )
            for name, plugin in plugins.items()
        },
        people=Directory(configuration.people, accounts, plugins),
        capacities={name: plugin.capacity(OWNERS, configuration.trackers[name]) for name, plugin in plugins.items()},
        stage=_policy(sync.stage),
        owners=_policy(sync.owners),
        finished=sync.owners.finished,
        writes={name: frozenset(settings.writes) for name, settings in configuration.trackers.items()},
        fingerprint=configuration.fingerprint,
        hands_off=configuration.hands_off,
        outcomes=configuration.outcomes,
    )


def _policy(policy: StagePolicy | OwnersPolicy) -> Policy:
    """A field that comes from one tracker is decided by that tracker, unless every difference is asked about."""
    one_way = policy.direction not in ("both", "off") and policy.authority == "changed"
    return Policy(policy.direction if one_way else policy.authority, policy.adopt, policy.direction)


@asynccontextmanager
async def opened(
    configuration: Configuration,
    *,
    progress: Progress | None = None,
    log: Log | None = None,
    waiting: Callable[[str], None] | None = None,
) -> AsyncIterator[Session]:
    """A session on this configuration.

    Args:
        configuration: sound and compiled.
        progress: told how a run comes along, and what it waits for.
        log: told of every request.
        waiting: told, in a sentence, for whom a run waits that wants to write.

    Raises:
        StoreError: the store cannot be opened; nothing has been sent.
    """
    clock = SystemClock()
    progress = progress or Silence()
    with open_store(configuration.store) as store:
        async with connected(configuration, clock, progress=progress, log=log) as (connectors, counters):
            yield replace(
                session_on(configuration, store, clock),
                connectors=connectors,
                requests={name: counter.requests for name, counter in counters.items()},
                progress=progress,
                turn=lambda command: store.turn(command, waiting=waiting),
            )


@asynccontextmanager
async def connected(
    configuration: Configuration,
    clock: Clock,
    *,
    progress: Progress | None = None,
    log: Log | None = None,
    brief: float | None = None,
    heard: Callable[[str], None] | None = None,
    besides: Collection[str] = (),
) -> AsyncIterator[tuple[Mapping[str, Connector], Mapping[str, Counters]]]:
    """The connectors of a configuration by tracker, and what their wires count; for what needs no store.

    Args:
        configuration: sound and compiled.
        clock: the time.
        progress: told what is waited for.
        log: told of every request.
        brief: only to look, and soon: no wire writes anything, whatever the settings allow, and neither an answer nor a
            limit is waited for longer than so many seconds. None: as the settings say.
        heard: told by which tracker something was answered.
        besides: what may be written besides the facts of `writes`, since somebody asked for it by name.
    """
    connectors: dict[str, Connector] = {}
    counters: dict[str, Counters] = {}
    async with AsyncExitStack() as stack:
        for name, plugin in configuration.plugins.items():
            settings = configuration.trackers[name]
            if brief is not None:
                soon = {
                    "timeout": min(settings.timeout, brief),
                    "patience": min(settings.patience, timedelta(0, brief)),
                }
                settings = settings.model_copy(update=soon)
            counters[name] = Counters()
            wire = HttpWire(
                name,
                settings.url,
                plugin.authorization(settings),
                plugin.headers(settings),
                clock,
                writes=(*settings.writes, *besides) if brief is None else (),
                pace=_pace(settings, plugin.pace),
                in_flight=plugin.in_flight,
                timeout=settings.timeout,
                counters=counters[name],
                log=log,
                budget=BUDGETS.of(settings.url, _whose(plugin, settings), clock, plugin.limits(settings)),
                patience=settings.patience.total_seconds(),
                waiting=None if progress is None else partial(progress.waiting, name),
                heard=None if heard is None else partial(heard, name),
            )
            await stack.enter_async_context(wire)
            connectors[name] = plugin.create(name, settings, wire, clock)
            stack.push_async_callback(connectors[name].aclose)
        yield connectors, counters


def session_on(configuration: Configuration, store: Store, clock: Clock) -> Session:
    """A session without connectors: it knows what the configuration decides and what the store remembers."""
    limits, plugins = configuration.settings.limits, configuration.plugins
    addresses = tuple(
        Address(name, plugin.addresses(configuration.trackers[name]), plugin.vocabulary)
        for name, plugin in plugins.items()
    )
    store.mentioning = Mentioning.by(addresses)
    return Session(
        terms=terms_of(configuration),
        place=here(),
        limits=Limits(limits.changes, limits.share, limits.adoptions, limits.window),
        undone=limits.undone,
        keep=configuration.settings.journal.keep,
        history=configuration.settings.journal.history,
        rulebook=configuration.rulebook,
        links=configuration.links,
        containers={name: plugin.containers(configuration.trackers[name]) for name, plugin in plugins.items()},
        addresses=addresses,
        full_scan={name: settings.full_scan for name, settings in configuration.trackers.items()},
        connectors={},
        store=store,
        clock=clock,
    ).refreshed()


def _whose(plugin: Plugin, settings: TrackerSettings) -> str:
    """Whose requests the vendor counts together: as the connector says, else whoever has this credential."""
    return plugin.identity(settings) or ("" if settings.token is None else settings.token.get_secret_value())


def _pace(settings: TrackerSettings, advised: float) -> float:
    """Seconds between writes: as configured, else what the vendor advises; a stand-in on loopback needs none."""
    if settings.pace is not None:
        return settings.pace
    host = urlsplit(settings.url).hostname or ""
    try:
        return 0.0 if host == "localhost" or ipaddress.ip_address(host).is_loopback else advised
    except ValueError:
        return advised
