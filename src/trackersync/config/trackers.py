"""One tracker of a configuration: its connector's plugin, its settings, its token and its rules, all checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr, ValidationError

from trackersync.config.address import trouble_with_url
from trackersync.config.faults import Fault, Path
from trackersync.config.origin import Beside, Origin, text_of
from trackersync.config.policies import RESERVED
from trackersync.config.secret_files import read_in
from trackersync.config.sources import words_of
from trackersync.config.stage_rules import marks_of, outcomes_of, rules_of
from trackersync.config.wording import Shown, faults_of
from trackersync.connector import Plugin, TrackerSettings
from trackersync.core.mapping import StageRule
from trackersync.core.model import LINKS, Facts
from trackersync.core.nearest import did_you_mean
from trackersync.core.process import Process
from trackersync.errors import ConfigError

NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?")


class Connectors(Protocol):
    """Where connectors come from: ``registry.Registry``, or a test's own."""

    def plugin(self, name: str) -> Plugin:
        """The plugin of this name. Raises ``ConfigError``."""


@dataclass(frozen=True, slots=True)
class Tracker:
    """What became of one tracker's part: everything where ``faults`` is empty, else as far as it could be read."""

    plugin: Plugin | None = None
    settings: TrackerSettings | None = None
    rules: tuple[StageRule, ...] = ()
    hands_off: Facts = field(default_factory=dict)
    outcomes: Mapping[str, tuple[StageRule, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = field(default=())


def tracker(
    name: str, part: object, connectors: Connectors, process: Process | None, *, beside: Beside, origin: Origin
) -> Tracker:
    """Read one tracker's part.

    Args:
        name: the team's name for it.
        part: what stands under that name.
        connectors: where connectors come from.
        process: whose stages there are; None where it could not be read.
        beside: from where ``token_file``, or another secret's file, is written to what it is relative to.
        origin: where things stand, and what may be quoted of them.
    """
    path: Path = ("trackers", name)
    shown = origin.shown
    faults = list(_named(name, path))
    if not isinstance(part, Mapping):
        hint = "write it as JSON" if origin.overriding(path) else "write connector: … below it"
        return Tracker(faults=(*faults, Fault(path, "a mapping is needed here", hint)))
    plugin, wrong = _plugin(part, path, connectors, shown)
    faults += _unwritten(name, path, origin) if "connector" not in part and origin.made(path) else wrong
    if plugin is None:
        return Tracker(faults=tuple(faults))
    part = _spread(part, path, plugin, origin)
    token, without = _token(part, path, beside, shown, plugin)
    sendable = {} if token is None else {"token": token}
    filled, unread = read_in(part, plugin.settings, path, beside, shown)
    settings, wrong = _settings({**filled, **sendable}, path, plugin, shown)
    stages = part.get("stages") or {}
    rules: tuple[StageRule, ...] = ()
    unruly: list[Fault] = []
    if isinstance(stages, Mapping):
        rules, unruly = rules_of(
            stages,
            (*path, "stages"),
            process=process,
            vocabulary=plugin.vocabulary,
            settable=plugin.writes,
            shown=shown,
        )
        if process is not None and settings is not None:
            rules += _implied(plugin, settings, process, rules)
    marks, unmarked = marks_of(part.get("hands_off") or {}, (*path, "hands_off"), plugin.vocabulary, shown)
    shows = part.get("outcomes") or {}
    outcomes, fruitless = outcomes_of(shows, (*path, "outcomes"), process, plugin.vocabulary, shown)
    faults += [*wrong, *without, *unread, *_addresses(part, path), *unruly, *unmarked, *fruitless]
    if settings is not None:
        faults += [*_ranked(settings, path, plugin, shown), *_writable(settings, path, plugin)]
    return Tracker(plugin, settings, rules, marks, outcomes, tuple(faults))


def _spread(part: Mapping[str, object], path: Path, plugin: Plugin, origin: Origin) -> dict[str, object]:
    """The part, with lists of words that variables write between commas taken apart."""
    spread = dict(part)
    for key, field_ in plugin.settings.model_fields.items():
        if key in part and origin.overriding((*path, key)):
            words = words_of(part[key], field_)
            spread[key] = part[key] if words is None or part[key] == "none" else words
    return spread


def _implied(
    plugin: Plugin, settings: TrackerSettings, process: Process, rules: tuple[StageRule, ...]
) -> tuple[StageRule, ...]:
    """The rules of open stages that the team leaves unwritten and the connector knows how to word."""
    words = plugin.words(settings)
    written = {rule.stage for rule in rules}
    if words is None:
        return ()
    return tuple(
        StageRule(stage.key, words(stage.key), {})
        for stage in process.stages
        if not stage.finished and stage.key not in written
    )


def _ranked(settings: TrackerSettings, path: Path, plugin: Plugin, shown: Shown) -> Iterator[Fault]:
    known = [matcher.key for matcher in plugin.vocabulary.matchers if not matcher.condition]
    for place, word in enumerate(settings.precedence):
        if word not in known:
            spot: Path = (*path, "precedence", place)
            yield Fault(spot, f'a stage is never looked for in "{word}" here', did_you_mean(shown(spot), known))


def _writable(settings: TrackerSettings, path: Path, plugin: Plugin) -> Iterator[Fault]:
    """Stage and owners can be written everywhere; links only where the connector knows how."""
    if LINKS in settings.writes and LINKS not in plugin.writes:
        place = settings.writes.index(LINKS)
        yield Fault((*path, "writes", place), f'{settings.connector} has no place for "links"', "leave it out", "key")


def _unwritten(name: str, path: Path, origin: Origin) -> Iterator[Fault]:
    """A tracker of which only variables say something, and not enough: one of the file's is meant, or none is."""
    value = origin.document.value
    written = value.get("trackers") if isinstance(value, Mapping) else None
    known = list(written) if isinstance(written, Mapping) else []
    alike = next((one for one in known if one.casefold().replace("-", "_") == name), None)
    hint = did_you_mean(name, known, "there are")
    if alike is not None:
        hint = f'write "{alike}" in small letters and without a hyphen in the file: variables reach no other name'
    yield Fault(path, f'there is no tracker "{name}"', hint, "key")


def _named(name: str, path: Path) -> Iterator[Fault]:
    if name in RESERVED:
        said = f'"{name}" means something else where a tracker\'s name may stand'
        yield Fault(path, said, "choose another name", "key")
    elif not NAME.fullmatch(name):
        yield Fault(path, f'"{name}" cannot be a tracker\'s name', "use letters, digits, `-`, `_` and `.`", "key")


def _plugin(
    part: Mapping[str, object], path: Path, connectors: Connectors, shown: Shown
) -> tuple[Plugin | None, list[Fault]]:
    spot: Path = (*path, "connector")
    name = part.get("connector")
    if name is None:
        return None, [Fault(spot, '"connector" is missing', "add connector: github", "key")]
    if not isinstance(name, str):
        return None, [Fault(spot, "text is needed here", f'write "{shown(spot)}"')]
    try:
        return connectors.plugin(name), []
    except ConfigError as error:
        return None, [Fault(spot, str(error), error.next_step, quoted=True)]


def _plain(part: Mapping[str, object]) -> dict[str, object]:
    """The part with the short forms of ``writes`` written out: ``none``, or a single word."""
    writes = part.get("writes")
    if not isinstance(writes, str):
        return dict(part)
    return {**part, "writes": [] if writes == "none" else [writes]}


def _settings(
    part: Mapping[str, object], path: Path, plugin: Plugin, shown: Shown
) -> tuple[TrackerSettings | None, list[Fault]]:
    try:
        return plugin.settings.model_validate(_plain(part)), []
    except ValidationError as error:
        return None, faults_of(error, plugin.settings, path, part, shown)


def _token(
    part: Mapping[str, object], path: Path, beside: Beside, shown: Shown, plugin: Plugin
) -> tuple[SecretStr | None, list[Fault]]:
    """The credential, from ``token`` or ``token_file``; a fault where there is none, or none that can be sent.

    Where the connector knows another kind of credential and that is given, there is no token.
    """
    written, file = part.get("token"), part.get("token_file")
    if written is not None and file is not None:
        return None, [Fault((*path, "token_file"), "there is a `token` as well", "keep one of the two", "key")]
    if written is None and file is None:
        if part.get("anonymous") is True or any(part.get(key) is not None for key in plugin.credentials):
            return None, []
        name = str(path[-1]).upper().replace("-", "_").replace(".", "_")
        return None, [Fault(path, "no token", f"add token: ${{{name}_TOKEN}} or token_file:")]
    spot: Path = (*path, "token" if file is None else "token_file")
    if isinstance(file, str):
        try:
            written = text_of(beside(spot) / file, shown(spot), "the token file").strip()
        except ConfigError as error:
            return None, [Fault(spot, str(error), error.next_step)]
    text = written.get_secret_value() if isinstance(written, SecretStr) else written
    # What is no text at all is the model's to refuse.
    return _sendable(text, spot) if isinstance(text, str) else (None, [])


def _sendable(token: str, spot: Path) -> tuple[SecretStr | None, list[Fault]]:
    """The token, if an HTTP header can carry it (visible ASCII: RFC 9110, 5.5) and it is not plainly something else."""
    for form, message, hint in _NO_TOKENS:
        if form.fullmatch(token):
            return None, [Fault(spot, message, hint)]
    return SecretStr(token), []


_NO_TOKENS = (
    (re.compile(""), "the token is empty", "put the token there"),
    (
        re.compile(r"(?is)(bearer|basic|token) .*"),
        "a token is one word",
        "write it alone, without Bearer, Basic or token before it",
    ),
    (re.compile(r"(?s).*[^!-~].*"), "a token is one word", "remove spaces, line breaks and quotes inside it"),
    (re.compile("([\"'`]).*\\1"), "the token stands in quotes, which are sent with it", "write it without quotes"),
    (re.compile("https?://.*"), "this is an address and no token", "write the address as `url`, and the token here"),
    (
        re.compile(r"[^@]+@[^@]+\.[A-Za-z]+"),
        "this is an e-mail address and no token",
        "write it as `email`, and the token here",
    ),
)
"""What is no token, whole: what it is instead, and what to do."""


def _addresses(part: Mapping[str, object], path: Path) -> Iterator[Fault]:
    """What is wrong with the addresses as written; those of another type are the model's to refuse."""
    url, aliases = part.get("url"), part.get("aliases")
    trouble = trouble_with_url(url) if isinstance(url, str) else None
    if trouble is not None:
        yield Fault((*path, "url"), *trouble)
    for place, alias in enumerate(aliases if isinstance(aliases, list) else ()):
        trouble = trouble_with_url(alias, requested=False) if isinstance(alias, str) else None
        if trouble is not None:
            yield Fault((*path, "aliases", place), *trouble)
