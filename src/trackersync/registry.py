"""The connectors that are installed: found by name, loaded when first asked for.

A connector is any distribution with an entry point in the group ``trackersync.connectors`` whose value is a
``connector.Plugin``. Only the connectors a configuration names are imported, so an unused one costs nothing and a
broken one breaks nobody else.

Source of the mechanism: https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points

from trackersync.connector import SDK, Plugin
from trackersync.core.nearest import did_you_mean
from trackersync.errors import ConfigError

GROUP = "trackersync.connectors"
"""The entry-point group a connector's package declares itself in."""


class Registry:
    """Connectors by name.

    Args:
        plugins: by connector's name, what loads its ``Plugin``; called once, when the name is first asked for.
    """

    def __init__(self, plugins: Mapping[str, Callable[[], Plugin]]) -> None:
        self._loaders = dict(plugins)
        self._loaded: dict[str, Plugin] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Every known connector's name, sorted; nothing is loaded."""
        return tuple(sorted(self._loaders))

    def plugin(self, name: str) -> Plugin:
        """The plugin of this name.

        Raises:
            ConfigError: no such connector (``next_step`` has the nearest known name), it cannot be loaded, or it was
                built for another version of the SDK.
        """
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> Plugin:
        loader = self._loaders.get(name)
        if loader is None:
            raise ConfigError(
                f'there is no connector "{name}"',
                next_step=did_you_mean(name, self.names, "installed")
                or "no connector is installed: install trackersync as a package, so that its entry points are found",
            )
        plugin = loader()
        # An entry point may name anything at all; the type checker cannot see through it.
        if not isinstance(plugin, Plugin):
            raise ConfigError(
                f'connector "{name}" names no trackersync.connector.Plugin but {type(plugin).__name__}',
                next_step="its entry point must name a Plugin; tell the connector's author",
            )
        if plugin.sdk != SDK:
            older = "the connector" if plugin.sdk < SDK else "trackersync"
            raise ConfigError(
                f'connector "{name}" was built for version {plugin.sdk} of the connector SDK; '
                f"this trackersync speaks version {SDK}",
                next_step=f"upgrade {older}",
            )
        return plugin


def discover() -> Registry:
    """The connectors of every installed distribution. Reads package metadata; imports none of them."""
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, []).append(point)
    return Registry({name: _loader(name, tuple(points)) for name, points in found.items()})


def _loader(name: str, points: tuple[EntryPoint, ...]) -> Callable[[], Plugin]:
    """What loads one connector, or says why it cannot be: two packages claim its name, or its import fails."""

    def load() -> Plugin:
        if len({point.value for point in points}) > 1:
            packages = " and ".join(sorted(_package(point) for point in points))
            raise ConfigError(
                f'connector "{name}" is claimed by {packages}', next_step="uninstall the one that is not wanted"
            )
        point = points[0]
        try:
            plugin: Plugin = point.load()
        except (ImportError, AttributeError) as error:
            raise ConfigError(
                f'connector "{name}" of {_package(point)} cannot be loaded: {error}',
                next_step=f"reinstall {_package(point)}, in a version made for this trackersync",
            ) from error
        return plugin

    return load


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
