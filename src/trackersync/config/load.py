"""``trackersync.yaml`` found, read, checked whole and compiled into the values the rest of the program runs on."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from os.path import normpath, relpath
from pathlib import Path as File
from types import MappingProxyType
from typing import Any

from pydantic import SecretStr, ValidationError

from trackersync.config.address import store_beside
from trackersync.config.document import Document, read
from trackersync.config.faults import Fault, Path
from trackersync.config.fingerprint import fingerprint
from trackersync.config.including import INCLUDE, named, whole
from trackersync.config.origin import Origin, refusal, text_of
from trackersync.config.people import people_of
from trackersync.config.policies import unsound
from trackersync.config.process import loaded
from trackersync.config.rule_entries import Amendments
from trackersync.config.rulebook import rulebook_of
from trackersync.config.secrecy import revealed
from trackersync.config.settings import Settings
from trackersync.config.sources import overridden, sourced, strays, unreadable
from trackersync.config.trackers import Connectors, Tracker, tracker
from trackersync.config.wording import credentials, discreet, faults_of
from trackersync.connector import Plugin, TrackerSettings
from trackersync.core.diagnose import RULES, AnyRule, Rulebook
from trackersync.core.mapping import StageRule
from trackersync.core.model import Facts, Person
from trackersync.core.process import Process
from trackersync.errors import ConfigError, Problem

NAMES = ("trackersync.yaml", ".github/trackersync.yaml")
"""Where a configuration is looked for, in this order."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A sound configuration, compiled.

    Attributes:
        file: where it was read from.
        name: the same as people should see it: ``.github/trackersync.yaml``.
        settings: as written, defaults filled in.
        trackers: by name in the order written, each tracker's settings as its connector's own model, token included.
        plugins: by tracker's name, its connector.
        process: the delivery process.
        rules: by tracker's name, its stage rules in the order written.
        people: the persons, in the order written.
        links: explicit pairs of keys.
        store: the store's URL, relative SQLite paths made absolute. May carry a password.
        fingerprint: digest of what decides writes; another one means a changed mapping.
        hands_off: by tracker's name, the facts whose values mean that nobody but people may move a task.
        outcomes: by tracker's name and stage, what shows the stage's outcome; any of the entries.
        rulebook: the rules of check as they hold.
        written: what files and variables say, laid over each other, before defaults are filled in; with credentials.
        origin: where each of it stands.
    """

    file: File
    name: str
    settings: Settings
    trackers: Mapping[str, TrackerSettings]
    plugins: Mapping[str, Plugin]
    process: Process
    rules: Mapping[str, tuple[StageRule, ...]]
    people: tuple[Person, ...]
    links: tuple[tuple[str, str], ...]
    store: SecretStr
    fingerprint: str
    hands_off: Mapping[str, Facts] = field(default_factory=dict)
    outcomes: Mapping[str, Mapping[str, tuple[StageRule, ...]]] = field(default_factory=dict)
    rulebook: Rulebook = field(default_factory=lambda: Rulebook(RULES))
    written: Mapping[str, Any] = field(default_factory=dict, repr=False)
    origin: Origin = field(default_factory=lambda: Origin(Document("", None, {}, {}, {})), repr=False)

    @property
    def secrets(self) -> frozenset[str]:
        """Every credential in it, for whoever is to keep them out of what is written."""
        return revealed(self.settings, self.trackers, self.store)

    def precedence(self, tracker: str) -> tuple[str, ...]:
        """The facts a tracker's stage is looked for in, the one that is believed first."""
        facts = {matcher.key: matcher.fact for matcher in self.plugins[tracker].vocabulary.matchers}
        return tuple(facts[word] for word in self.trackers[tracker].precedence if word in facts)


_EMPTY = "write trackers: and below it a tracker, or let trackersync init do it"


def load(
    path: File | None = None,
    *,
    registry: Connectors,
    rules: Iterable[AnyRule] = RULES,
    store: str | None = None,
    folder: File | None = None,
    environ: Mapping[str, str] | None = None,
) -> Configuration:
    """Find, read, check and compile the configuration.

    Args:
        path: the file; by default the first of ``NAMES`` that exists in ``folder``.
        registry: where connectors come from.
        rules: every rule of check there is.
        store: the store's URL from the command line, which wins; relative to ``folder``.
        folder: the folder to look in, by default the working directory.
        environ: the environment, by default the process's own.

    Raises:
        ConfigError: there is none, or it has mistakes; ``problems`` holds every one, in the order of the file.
    """
    folder = folder or File.cwd()
    environ = os.environ if environ is None else environ
    file = _find(path, folder)
    name = named(file, folder)
    document, folders = whole(read(text_of(file, name, "the configuration file"), name, environ), file, folder, environ)
    if not isinstance(document.value, Mapping):
        faults = document.faults or (Fault((), "nothing is configured here", _EMPTY),)
        raise refusal(Origin(document, folders=folders).problems(faults))
    aside = strays(environ) | unreadable(environ)
    overrides: dict[Path, str] = overridden(environ) | {fault.path: name for name, fault in aside.items()}
    overrides |= {("store",): "--store"} if store is not None else {}
    origin = Origin(document, overrides, folders)
    environ = {name: text for name, text in environ.items() if name not in aside}
    given = None if store is None else store_beside(store, folder)
    draft = _Draft(origin, file.parent, folder, registry, tuple(rules), document.value, environ, given)
    draft.faults += aside.values()
    return draft.compiled(file)


def composed(
    value: Mapping[str, Any],
    words: Mapping[Path, str],
    *,
    registry: Connectors,
    rules: Iterable[AnyRule] = RULES,
    store: str,
    folder: File | None = None,
) -> Configuration:
    """Check and compile a configuration that stands in no file.

    Args:
        value: what a file would hold; credentials as ``SecretStr``.
        words: by path, the option or argument of the command line that gave what stands there.
        registry: where connectors come from.
        rules: every rule of check there is.
        store: the store's URL.
        folder: what paths are relative to, by default the working directory.

    Raises:
        ConfigError: it has mistakes; each names the option that gave it.
    """
    folder = folder or File.cwd()
    origin = Origin(Document("", value, {}, {}, {}), words)
    try:
        return _Draft(origin, folder, folder, registry, tuple(rules), value, {}, store).compiled(folder)
    except ConfigError as error:
        # Nobody wrote a key: the option says where it stands.
        problems = tuple(replace(one, where="") for one in error.problems)
        count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        message = f"The command line has {count}. Nothing was read or written." if problems else str(error)
        raise ConfigError(message, problems, error.next_step) from None


def _find(path: File | None, folder: File) -> File:
    if path is not None:
        file = folder / path
        if not file.is_file():
            raise ConfigError(
                f"there is no configuration file {named(file, folder)}",
                next_step="check the path given with --config",
            )
        return file
    for name in NAMES:
        if (folder / name).is_file():
            return folder / name
        if (folder / name).is_dir():
            raise ConfigError(f"{name} in {folder} is a folder", next_step="rename it, or name a file: --config FILE")
    raise ConfigError(
        f"there is no configuration: neither {NAMES[0]} nor {NAMES[1]} exists in {folder}",
        next_step="trackersync init    asks for your trackers and writes it; else: --config FILE",
    )


@dataclass(slots=True)
class _Draft:
    """A configuration while it is checked: everything that can be checked is, whatever else is wrong."""

    origin: Origin
    folder: File
    root: File
    registry: Connectors
    known: tuple[AnyRule, ...]
    value: Mapping[str, Any]
    environ: Mapping[str, str]
    store: str | None
    faults: list[Fault] = field(default_factory=list)
    other_files: list[Problem] = field(default_factory=list)

    def compiled(self, file: File) -> Configuration:
        """The configuration. Raises ``ConfigError`` with every problem."""
        self.faults += self.origin.document.faults
        if self.origin.overriding((INCLUDE,)):
            self.faults.append(Fault((INCLUDE,), "only a file includes files", "unset it, and write include: there"))
        merged, settings = self._settings()
        process, proposed = self._process(settings)
        found = self._trackers(merged, process)
        # What connector a tracker has is not known where its name is wrong: that is another fault.
        telling = {name: one.plugin is None or one.plugin.history for name, one in found.items()}
        self.faults += unsound(settings, telling, self.origin.shown)
        people, wrong, elsewhere = people_of(
            settings.people, tuple(found), process, origin=self.origin, beside=self._beside, root=self.root
        )
        self.faults += wrong
        self.other_files += elsewhere
        rulebook, wrong = rulebook_of(merged, settings, self.known, process, proposed=proposed, origin=self.origin)
        self.faults += wrong
        secrets = [*self.origin.document.expanded, *credentials(merged)]
        secrets += [self.environ[name] for name in self.origin.elsewhere.values() if name in self.environ]
        problems = (*self.origin.problems(discreet(self.faults, secrets)), *self.other_files)
        if problems or process is None:
            raise refusal(problems, process, self._delivery(settings.delivery))
        plugins = {name: one.plugin for name, one in found.items() if one.plugin is not None}
        trackers = {name: one.settings for name, one in found.items() if one.settings is not None}
        rules = {name: one.rules for name, one in found.items()}
        return Configuration(
            file=file,
            name=self.origin.document.file,
            settings=settings.model_copy(update={"trackers": trackers}),
            trackers=MappingProxyType(trackers),
            plugins=MappingProxyType(plugins),
            process=process,
            rules=MappingProxyType(rules),
            people=people,
            links=tuple((pair[0].strip(), pair[1].strip()) for pair in settings.links),
            store=SecretStr(store_beside(settings.store.get_secret_value(), self._beside(("store",)))),
            hands_off=MappingProxyType({name: one.hands_off for name, one in found.items() if one.hands_off}),
            outcomes=MappingProxyType({name: one.outcomes for name, one in found.items() if one.outcomes}),
            rulebook=rulebook,
            written=MappingProxyType(merged),
            origin=self.origin,
            fingerprint=fingerprint(
                process=process,
                rules=rules,
                hands_off={name: one.hands_off for name, one in found.items()},
                sync=settings.sync,
                people=people,
                trackers=trackers,
                plugins=plugins,
            ),
        )

    def _beside(self, path: Path) -> File:
        """What a relative path that is written there is relative to."""
        return self.origin.beside(path, self.folder)

    def _settings(self) -> tuple[dict[str, Any], Settings]:
        """All sources merged, and the settings; of a section with a mistake, its default."""
        merged: dict[str, Any] = {}
        given: dict[str, Any] = {} if self.store is None else {"store": self.store}
        try:
            return merged, sourced(self.value, self.environ, merged)(**given)
        except ValidationError as error:
            wrong = faults_of(error, Settings, (), merged, self.origin.shown)
            self.faults += wrong
            bad = {one.path[0] for one in wrong if one.path}
            sound = {key: value for key, value in merged.items() if key not in bad}
            return merged, sourced({}, {}, {})(**{"trackers": {"": {}}, **sound})

    def _process(self, settings: Settings) -> tuple[Process | None, Amendments]:
        try:
            folder = self._beside(("delivery",))
            process, proposed, problems = loaded(settings.delivery, folder, self.known)
        except ConfigError as error:
            self.faults.append(Fault(("delivery",), str(error), error.next_step, quoted=True))
            return None, {}
        file = named(File(normpath(folder / settings.delivery)), self.root)
        self.other_files += [replace(one, file=file) if one.file == settings.delivery else one for one in problems]
        return process, proposed

    def _delivery(self, named: str) -> str:
        """The process as it is named from where the reader is."""
        beside = self._beside(("delivery",)) / named
        return relpath(beside, self.root) if beside.is_file() else named

    def _trackers(self, merged: Mapping[str, Any], process: Process | None) -> dict[str, Tracker]:
        parts = merged.get("trackers")
        found: dict[str, Tracker] = {}
        for name, part in parts.items() if isinstance(parts, Mapping) else ():
            found[name] = tracker(name, part, self.registry, process, beside=self._beside, origin=self.origin)
            self.faults += found[name].faults
        return found
