"""``trackersync.yaml`` found, read, checked whole and compiled into the values the rest of the program runs on."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from types import MappingProxyType
from typing import Any

from pydantic import RootModel, SecretStr, ValidationError
from pydantic_settings import SettingsError

from trackersync.config.address import store_beside
from trackersync.config.document import read
from trackersync.config.faults import Fault, Path
from trackersync.config.fingerprint import fingerprint
from trackersync.config.origin import Origin, refusal, text_of
from trackersync.config.people import persons
from trackersync.config.policies import unsound
from trackersync.config.process import loaded
from trackersync.config.rule_entries import Amendments
from trackersync.config.rulebook import rulebook_of
from trackersync.config.settings import DELIMITER, PREFIX, PeopleFile, PersonEntry, Settings, sourced
from trackersync.config.table import read_table
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

    def precedence(self, tracker: str) -> tuple[str, ...]:
        """The facts a tracker's stage is looked for in, the one that is believed first."""
        facts = {matcher.key: matcher.fact for matcher in self.plugins[tracker].vocabulary.matchers}
        return tuple(facts[word] for word in self.trackers[tracker].precedence if word in facts)


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
    name = _display(file, folder)
    document = read(text_of(file, name, "the configuration file"), name, environ)
    if not isinstance(document.value, Mapping):
        faults = document.faults or (Fault((), "nothing is configured here", "write trackers: and below it a tracker"),)
        raise refusal(Origin(document).problems(faults))
    overrides = _elsewhere(environ) | ({("store",): "--store"} if store is not None else {})
    origin = Origin(document, overrides)
    given = None if store is None else store_beside(store, folder)
    draft = _Draft(origin, file.parent, registry, tuple(rules), document.value, environ, given)
    return draft.compiled(file)


def _find(path: File | None, folder: File) -> File:
    if path is not None:
        file = folder / path
        if not file.is_file():
            raise ConfigError(
                f"there is no configuration file {_display(file, folder)}",
                next_step="check the path given with --config",
            )
        return file
    for name in NAMES:
        if (folder / name).is_file():
            return folder / name
    raise ConfigError(
        f"there is no configuration: neither {NAMES[0]} nor {NAMES[1]} exists in {folder}",
        next_step=f"write {NAMES[0]} there, or name the file with --config FILE",
    )


def _display(file: File, folder: File) -> str:
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)


def _elsewhere(environ: Mapping[str, str]) -> dict[Path, str]:
    """The settings that variables override, by path in small letters, as pydantic-settings reads them."""
    found: dict[Path, str] = {}
    for name, text in environ.items():
        path = tuple(name[len(PREFIX) :].casefold().split(DELIMITER))
        if text and name.upper().startswith(PREFIX) and path[0] in Settings.model_fields:
            found[path] = name
    return found


class _Roster(RootModel[list[PersonEntry]]):
    """The people of a CSV file."""


@dataclass(slots=True)
class _Draft:
    """A configuration while it is checked: everything that can be checked is, whatever else is wrong."""

    origin: Origin
    folder: File
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
        merged, settings = self._settings()
        process, proposed = self._process(settings)
        found = self._trackers(merged, process)
        # What connector a tracker has is not known where its name is wrong: that is another fault.
        telling = {name: one.plugin is None or one.plugin.history for name, one in found.items()}
        self.faults += unsound(settings, telling, self.origin.shown)
        people = self._people(settings, tuple(found), process)
        rulebook, wrong = rulebook_of(merged, settings, self.known, process, proposed=proposed, origin=self.origin)
        self.faults += wrong
        secrets = [*self.origin.document.expanded, *credentials(merged)]
        secrets += [self.environ[name] for name in self.origin.elsewhere.values() if name in self.environ]
        problems = (*self.origin.problems(discreet(self.faults, secrets)), *self.other_files)
        if problems or process is None:
            raise refusal(problems, process)
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
            store=SecretStr(store_beside(settings.store.get_secret_value(), self.folder)),
            hands_off=MappingProxyType({name: one.hands_off for name, one in found.items() if one.hands_off}),
            outcomes=MappingProxyType({name: one.outcomes for name, one in found.items() if one.outcomes}),
            rulebook=rulebook,
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

    def _settings(self) -> tuple[dict[str, Any], Settings]:
        """All sources merged, and the settings; of a section with a mistake, its default."""
        merged: dict[str, Any] = {}
        given: dict[str, Any] = {} if self.store is None else {"store": self.store}
        try:
            return merged, sourced(self.value, self.environ, merged)(**given)
        except SettingsError as error:
            # Its cause quotes the variable's value, so it goes no further.
            message = f"a variable is not the JSON it should be: {error}"
            raise ConfigError(
                message, next_step=f"correct it; a single key is set as {PREFIX}LIMITS__CHANGES=500"
            ) from None
        except ValidationError as error:
            wrong = faults_of(error, Settings, (), merged, self.origin.shown)
            self.faults += wrong
            bad = {one.path[0] for one in wrong if one.path}
            sound = {key: value for key, value in merged.items() if key not in bad}
            return merged, sourced({}, {}, {})(**{"trackers": {"": {}}, **sound})

    def _process(self, settings: Settings) -> tuple[Process | None, Amendments]:
        try:
            process, proposed, problems = loaded(settings.delivery, self.folder, self.known)
        except ConfigError as error:
            self.faults.append(Fault(("delivery",), str(error), error.next_step, quoted=True))
            return None, {}
        self.other_files += problems
        return process, proposed

    def _trackers(self, merged: Mapping[str, Any], process: Process | None) -> dict[str, Tracker]:
        parts = merged.get("trackers")
        found: dict[str, Tracker] = {}
        for name, part in parts.items() if isinstance(parts, Mapping) else ():
            found[name] = tracker(name, part, self.registry, process, folder=self.folder, shown=self.origin.shown)
            self.faults += found[name].faults
        return found

    def _people(self, settings: Settings, trackers: tuple[str, ...], process: Process | None) -> tuple[Person, ...]:
        if not isinstance(settings.people, PeopleFile):
            listed, wrong = persons(settings.people, ("people",), trackers, process, self.origin.shown)
            self.faults += wrong
            return listed
        spot: Path = ("people", "file")
        name = settings.people.file
        try:
            text = text_of(self.folder / name, self.origin.shown(spot), "the file of people")
        except ConfigError as error:
            self.faults.append(Fault(spot, str(error), error.next_step))
            return ()
        table = Origin(read_table(text, _display(self.folder / name, self.folder), trackers))
        faults = list(table.document.faults)
        people: tuple[Person, ...] = ()
        if table.document.value is not None:
            people, wrong = _rostered(table, trackers, process)
            faults += wrong
        self.other_files += table.problems(faults)
        return people


def _rostered(
    table: Origin, trackers: tuple[str, ...], process: Process | None
) -> tuple[tuple[Person, ...], list[Fault]]:
    rows = table.document.value
    try:
        roster = _Roster.model_validate(rows)
    except ValidationError as error:
        return (), faults_of(error, _Roster, (), rows, table.shown)
    return persons(roster.root, (), trackers, process, table.shown)
