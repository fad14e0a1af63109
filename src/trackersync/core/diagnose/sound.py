"""Whether a rule is well made: what keeps one from being used at all, and what its words lack.

The first is asked of every plug-in before it is used; the second is asked by the tests of a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import timedelta
from typing import Any, get_args, get_type_hints

from trackersync.core.diagnose.finding import PLACES
from trackersync.core.diagnose.rule import About, AnyRule
from trackersync.core.model import Severity

TYPES = (int, float, str, bool, tuple[str, ...], timedelta)
"""What a setting may be."""
TAKEN = ("severity", "stages", "projects")
"""What a rule's entry of the configuration has besides its settings."""
_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def unfit(rule: AnyRule) -> Iterator[str]:
    """What keeps a rule from being used, a clause each: ``it has neither judge nor tally``; nothing of a sound one."""
    if not _kebab(rule.name):
        yield "its name is not in kebab-case"
    if not _kebab(rule.family):
        yield f'its family "{rule.family}" is not in kebab-case'
    if (rule.judge is None) == (rule.tally is None):
        yield "it has neither judge nor tally" if rule.judge is None else "it has both a judge and a tally"
    if not isinstance(rule.severity, Severity):
        yield f"its severity {rule.severity!r} is none"
    if rule.place not in PLACES:
        yield f'there is no place "{rule.place}": {", ".join(PLACES)}'
    if rule.about not in get_args(About):
        yield f'it cannot be about "{rule.about}": {", ".join(get_args(About))}'
    yield from _unsettled(rule.settings)


def unclear(rule: AnyRule) -> Iterator[str]:
    """What a rule's words lack, a clause each; nothing where they are complete."""
    if not _sentence(rule.summary) or ". " in rule.summary:
        yield "its summary is not one sentence that ends with a dot"
    if not _sentence(rule.why):
        yield "why it matters is not said in sentences that end with a dot"
    if not _line(rule.fix) or rule.fix.endswith("."):
        yield "its fix is not an order of one line without a dot"
    for one in fields(rule.settings) if is_dataclass(rule.settings) else ():
        if not _sentence(one.metadata.get("sentence", "")):
            yield f'its setting "{one.name}" has no sentence that says what it is for: use setting()'


def _unsettled(settings: Any) -> Iterator[str]:  # noqa: ANN401  # whatever a plug-in gave
    """What is wrong with a rule's settings."""
    if not (isinstance(settings, type) and is_dataclass(settings)):
        yield "its settings are no dataclass"
        return
    known: Any = settings
    if not known.__dataclass_params__.frozen:
        yield "its settings are not frozen: use @dataclass(frozen=True, slots=True)"
    try:
        kinds = get_type_hints(settings)
    except NameError as error:
        yield f"the types of its settings cannot be read: {error}"
        return
    for one in fields(settings):
        if one.name in TAKEN:
            yield f'no setting may be called "{one.name}": every rule has a key of this name'
        elif one.default is MISSING:
            yield f'its setting "{one.name}" has no default'
        elif kinds[one.name] not in TYPES:
            yield f'its setting "{one.name}" is neither int, float, str, bool, tuple[str, ...] nor timedelta'
        elif not _of(one.default, kinds[one.name]):
            yield f'the default of its setting "{one.name}" is of another type'


def _of(value: object, kind: Any) -> bool:  # noqa: ANN401  # one of TYPES
    """Whether a value is of one of the types."""
    if kind == tuple[str, ...]:
        return isinstance(value, tuple) and all(isinstance(one, str) for one in value)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind


def _kebab(name: object) -> bool:
    return isinstance(name, str) and _KEBAB.fullmatch(name) is not None


def _line(text: object) -> bool:
    """Whether it is text of one line with nothing around it."""
    return isinstance(text, str) and bool(text) and text.isprintable() and text == text.strip()


def _sentence(text: object) -> bool:
    return _line(text) and str(text).endswith(".")
