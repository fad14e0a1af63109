"""Configuration: YAML, environment and secret files, checked whole before anything is read or written.

``load`` gives a ``Configuration`` or one ``ConfigError`` that holds every mistake with its place; ``excerpt`` shows a
mistake in its file; ``process`` reads a delivery process alone. The package is split by question: ``document`` (what
the text says and where), ``settings`` (the shape), ``trackers``, ``rules``, ``people``, ``policies`` (what the parts
mean together), ``process`` (the delivery process), ``rule_entries``, ``selection``, ``calendar`` and ``rulebook`` (the
rules of check), ``load`` (all of it in order).
"""

from trackersync.config.excerpt import excerpt, place
from trackersync.config.load import NAMES, Configuration, composed, load
from trackersync.config.process import presets, process, shipped
from trackersync.config.settings import Limits, OwnersPolicy, Settings, StagePolicy, Sync

__all__ = [
    "NAMES",
    "Configuration",
    "Limits",
    "OwnersPolicy",
    "Settings",
    "StagePolicy",
    "Sync",
    "composed",
    "excerpt",
    "load",
    "place",
    "presets",
    "process",
    "shipped",
]
