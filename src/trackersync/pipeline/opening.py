"""Open a configuration: its wires, connectors and store, closed again whatever happens."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from trackersync.config import Configuration
from trackersync.connector import Connector, TrackerSettings
from trackersync.core.guard import Limits
from trackersync.core.link import Address
from trackersync.core.merge import Policy
from trackersync.core.model import OWNERS
from trackersync.core.people import Directory
from trackersync.core.plan import Terms
from trackersync.core.stages import StageMap
from trackersync.http import Counters, HttpWire, Log, SystemClock
from trackersync.pipeline.session import Progress, Session, Silence
from trackersync.store import open_store


def terms_of(configuration: Configuration) -> Terms:
    """What a configuration decides, as the core wants it."""
    sync, plugins = configuration.settings.sync, configuration.plugins
    return Terms(
        process=configuration.process,
        maps={
            name: StageMap(name, configuration.process, plugin.vocabulary, configuration.rules[name])
            for name, plugin in plugins.items()
        },
        people=Directory(configuration.people),
        capacities={name: plugin.writes[OWNERS] for name, plugin in plugins.items()},
        stage=Policy(sync.stage.authority, sync.stage.adopt),
        owners=Policy(sync.owners.authority, sync.owners.adopt),
        finished=sync.owners.finished,
        writes={name: frozenset(settings.writes) for name, settings in configuration.trackers.items()},
        fingerprint=configuration.fingerprint,
    )


@asynccontextmanager
async def opened(
    configuration: Configuration, *, progress: Progress | None = None, log: Log | None = None
) -> AsyncIterator[Session]:
    """A session on this configuration.

    Args:
        configuration: sound and compiled.
        progress: told how a run comes along.
        log: told of every request.

    Raises:
        StoreError: the store cannot be opened; nothing has been sent.
    """
    clock = SystemClock()
    connectors: dict[str, Connector] = {}
    counters: dict[str, Counters] = {}
    limits = configuration.settings.limits
    async with AsyncExitStack() as stack:
        store = stack.enter_context(open_store(configuration.store))
        for name, plugin in configuration.plugins.items():
            settings = configuration.trackers[name]
            counters[name] = Counters()
            wire = HttpWire(
                name,
                settings.url,
                plugin.authorization(settings),
                plugin.headers,
                clock,
                writes=settings.writes,
                pace=_pace(settings, plugin.pace),
                in_flight=plugin.in_flight,
                timeout=settings.timeout,
                counters=counters[name],
                log=log,
            )
            await stack.enter_async_context(wire)
            connectors[name] = plugin.create(name, settings, wire, clock)
            stack.push_async_callback(connectors[name].aclose)
        yield Session(
            terms=terms_of(configuration),
            limits=Limits(limits.changes, limits.share, limits.adoptions),
            links=configuration.links,
            containers={
                name: plugin.containers(configuration.trackers[name]) for name, plugin in configuration.plugins.items()
            },
            addresses=tuple(
                Address(name, plugin.addresses(configuration.trackers[name]), plugin.vocabulary)
                for name, plugin in configuration.plugins.items()
            ),
            connectors=connectors,
            store=store,
            clock=clock,
            requests={name: counter.requests for name, counter in counters.items()},
            progress=progress or Silence(),
        )


def _pace(settings: TrackerSettings, advised: float) -> float:
    """Seconds between writes: as configured, else what the vendor advises; a stand-in on loopback needs none."""
    if settings.pace is not None:
        return settings.pace
    host = urlsplit(settings.url).hostname or ""
    try:
        return 0.0 if host == "localhost" or ipaddress.ip_address(host).is_loopback else advised
    except ValueError:
        return advised
