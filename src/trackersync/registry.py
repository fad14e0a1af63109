"""The connectors and the rules that are installed: connectors by name, when first asked for; rules all at once.

A connector is any distribution with an entry point in the group ``trackersync.connectors`` whose value is a
``connector.Plugin``. Only the connectors a configuration names are imported, so an unused one costs nothing and a
broken one breaks nobody else.

A package brings rules of ``check`` along by entry points in the group ``trackersync.rules``, each of which names a
``rules.Rule`` or a sequence of them. All of them are loaded: which one holds is said by the configuration, which can
only be read once every name and setting is known.

Source of the mechanism: https://packaging.python.org/en/latest/specifications/entry-points/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points

from trackersync.connector import SDK, Plugin
from trackersync.core.diagnose import RULES
from trackersync.core.diagnose.sound import unfit
from trackersync.core.nearest import did_you_mean
from trackersync.errors import ConfigError
from trackersync.rules import RULES_SDK, AnyRule, Rule

GROUP = "trackersync.connectors"
"""The entry-point group a connector's package declares itself in."""
RULE_GROUP = "trackersync.rules"
"""And the one for a package with rules."""


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


def rules() -> tuple[AnyRule, ...]:
    """Every rule there is: those that ship, then those of installed packages, sorted by package and entry point.

    Raises:
        ConfigError: a package's rules cannot be loaded or used, were written for another version of the SDK, or bear
            the name of another rule. The sentence names the package.
    """
    found = {rule.name: rule for rule in RULES}
    for point in sorted(entry_points(group=RULE_GROUP), key=lambda one: (_package(one), one.name)):
        package = _package(point)
        for rule in _rules_of(point):
            other = found.get(rule.name)
            if other is not None:
                raise ConfigError(
                    f'{package} brings a rule "{rule.name}", and so does {_bringer(other, package)}',
                    next_step=f"uninstall {package}, or tell its author to give the rule another name",
                )
            found[rule.name] = replace(rule, package=package)
    return tuple(found.values())


def _bringer(rule: AnyRule, package: str) -> str:
    """Who has a rule of this name already."""
    return "another entry point of its own" if rule.package == package else rule.package or "trackersync itself"


def _rules_of(point: EntryPoint) -> Sequence[AnyRule]:
    """What an entry point of a package with rules names, made sure of."""
    package = _package(point)
    try:
        named = point.load()
    # A module of somebody else's may raise anything at all when it is imported.
    except Exception as error:
        raise ConfigError(
            f"the rules of {package} cannot be loaded: {type(error).__name__}: {error}",
            next_step=f"reinstall {package}, in a version made for this trackersync, or uninstall it",
        ) from error
    some = [named] if isinstance(named, Rule) else named
    if not isinstance(some, Sequence) or not all(isinstance(one, Rule) for one in some):
        kinds = (
            sorted({type(one).__name__ for one in some}) if isinstance(some, list | tuple) else [type(some).__name__]
        )
        raise ConfigError(
            f'"{point.name}" of {package} names no trackersync.rules.Rule but {", ".join(kinds)}',
            next_step="its entry point must name a Rule, or a list or tuple of them; tell its author",
        )
    for rule in some:
        if rule.sdk != RULES_SDK:
            older = package if rule.sdk < RULES_SDK else "trackersync"
            raise ConfigError(
                f'rule "{rule.name}" of {package} was written for version {rule.sdk} of the rules SDK; '
                f"this trackersync speaks version {RULES_SDK}",
                next_step=f"upgrade {older}",
            )
        wrong = next(unfit(rule), None)
        if wrong is not None:
            raise ConfigError(
                f'rule "{rule.name}" of {package} cannot be used: {wrong}',
                next_step="tell its author; trackersync.testing.RuleContract would have",
            )
    return some


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
