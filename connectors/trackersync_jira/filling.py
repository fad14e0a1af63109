"""What a transition's screen is filled in with: values from the configuration in the form that Jira takes: pure.

Which form that is, the field's ``schema`` and ``allowedValues`` say. What is on offer is named by its id, since names
are translated and an id is not. Sources: Atlassian, "Get transitions" (``fields``) and "Transition issue", Jira Cloud
platform REST API v3; "Atlassian Document Format"; "Jira REST API examples" (Data Center: users by name).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from trackersync_jira.shapes import Schema, ScreenField

Scalar = str | int | float
Value = Scalar | list[Scalar]
"""What the configuration may say of a field."""

MOST = 20
"""So many of the values on offer are named in a sentence."""

_LONG = re.compile(r":textarea$")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MEANT = ("name", "value", "key", "accountId", "id")
_SENT = ("id", "accountId", "name", "value", "key")
_SHOWN = ("name", "value", "displayName", "key", "id")
_BY = {
    "resolution": "name",
    "priority": "name",
    "version": "name",
    "component": "name",
    "issuetype": "name",
    "securitylevel": "name",
    "group": "name",
    "option": "value",
    "project": "key",
    "issuelink": "key",
}
"""By what a value is named where the screen does not tell which ones there are."""


class UnfitError(ValueError):
    """A value that a field does not take; what is wrong with it, to go on after the field's name."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What the configuration fills in, by the status a transition leads to; ``*`` for every one.

    Attributes:
        rules: status name or ``*`` to the field's name or id to the value.
        cloud: whether it is Jira Cloud; else Data Center.
    """

    rules: Mapping[str, Mapping[str, Value]]
    cloud: bool

    def value(self, to: str, field_id: str, field: ScreenField) -> Value | None:
        """What is configured for a field on the way to a status: a rule for this status first, and an id before a name.

        Args:
            to: the status.
            field_id: the field's.
            field: as the screen shows it.
        """
        own = [rule for status, rule in self.rules.items() if status.casefold() == to.casefold()]
        for rule in (*own, self.rules.get("*", {})):
            for wanted in (field_id, field.name):
                for name, value in rule.items():
                    if name.casefold() == wanted.casefold():
                        return value
        return None

    def json(self, field: ScreenField, value: Value) -> object:
        """A value in the form a field takes.

        Raises:
            UnfitError: it takes none like this one.
        """
        return _shaped(field, value, cloud=self.cloud)


def spelled(field: ScreenField, value: str) -> str:
    """A value as the screen offers it; empty where it does not. A screen without a list takes any."""
    if field.allowed_values is None:
        return value
    found = _find(field.allowed_values, value)
    return "" if found is None else _label(found)


def offered(field: ScreenField) -> str:
    """What a field offers, for people."""
    names = [_label(option) for option in field.allowed_values or () if isinstance(option, Mapping)]
    return ", ".join(names[:MOST]) + (", …" if len(names) > MOST else "")


def _shaped(field: ScreenField, value: Value, *, cloud: bool) -> object:
    schema = field.schema or Schema()
    if schema.type == "option-with-child":
        return _cascading(field, value)
    if schema.type == "array":
        members = value if isinstance(value, list) else [value]
        return [_one(field, schema, schema.items, member, cloud=cloud) for member in members]
    if isinstance(value, list):
        raise UnfitError("takes one value, not a list")
    return _one(field, schema, schema.type, value, cloud=cloud)


def _one(field: ScreenField, schema: Schema, kind: str, value: Scalar, *, cloud: bool) -> object:
    # Some fields of text list an empty offer, which is none.
    if field.allowed_values or (kind in _BY and field.allowed_values is not None):
        return _offer(field, field.allowed_values, value)
    if kind in _BY:
        return {_BY[kind]: str(value)}
    if kind == "user":
        return {"accountId" if cloud else "name": str(value)}
    if kind in {"string", ""}:
        return _text(schema, str(value), cloud=cloud)
    if kind in _READ:
        return _READ[kind](value)
    raise UnfitError(f'is of the type "{kind}", which is not filled in from the configuration')


def _offer(field: ScreenField, options: Sequence[object], value: Scalar) -> object:
    found = _find(options, value)
    if found is None:
        raise UnfitError(f'does not offer "{value}"; offered: {offered(field) or "none"}')
    return _reference(found)


def _find(options: Sequence[object], value: Scalar) -> Mapping[str, object] | None:
    """The option that is meant. What people read comes before an id that looks like it; case does not count."""
    wanted = str(value).casefold()
    known = [option for option in options if isinstance(option, Mapping)]
    for name in _MEANT:
        for option in known:
            if str(option.get(name, "")).casefold() == wanted:
                return option
    return None


def _reference(option: Mapping[str, object]) -> dict[str, object]:
    return next(({name: option[name]} for name in _SENT if name in option), {})


def _label(option: Mapping[str, object]) -> str:
    return str(next((option[name] for name in _SHOWN if option.get(name)), ""))


def _cascading(field: ScreenField, value: Value) -> object:
    """A choice of two levels, written ``[parent, child]``, or the parent alone."""
    levels = value if isinstance(value, list) else [value]
    if not 1 <= len(levels) <= 2:
        raise UnfitError("takes a choice and perhaps one below it: `[Hardware, Printer]`")
    if not field.allowed_values:
        child = {"child": {"value": str(levels[1])}} if levels[1:] else {}
        return {"value": str(levels[0])} | child
    first = _offer(field, field.allowed_values, levels[0])
    parent = _find(field.allowed_values, levels[0]) or {}
    if not levels[1:] or not isinstance(first, dict):
        return first
    below = parent.get("children")
    children = below if isinstance(below, list) else []
    second = _find(children, levels[1])
    if second is None:
        names = ", ".join(_label(option) for option in children[:MOST]) or "none"
        raise UnfitError(f'does not offer "{levels[1]}" below "{levels[0]}"; offered: {names}')
    return first | {"child": _reference(second)}


def _number(value: Scalar) -> int | float:
    if isinstance(value, int | float):
        return value
    try:
        number = float(value)
    except ValueError:
        raise UnfitError(f'takes a number, not "{value}"') from None
    return int(number) if number.is_integer() else number


def _date(value: Scalar) -> str:
    # Python reads more forms than Jira does.
    if not _DAY.fullmatch(str(value)) or _read(value) is None:
        raise UnfitError(f'takes a day as in 2026-03-05, not "{value}"')
    return str(value)


def _moment(value: Scalar) -> str:
    """A time as Jira writes it: ``2026-03-05T09:00:00.000+0000``."""
    when = _read(value)
    if when is None or when.tzinfo is None:
        raise UnfitError(f'takes a time with its zone as in 2026-03-05T09:00:00+00:00, not "{value}"')
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}{when:%z}"


def _read(value: Scalar) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


_READ: Mapping[str, Callable[[Scalar], object]] = {"number": _number, "date": _date, "datetime": _moment}


def _text(schema: Schema, text: str, *, cloud: bool) -> object:
    """A long text is a document on Cloud (v3), a text on Data Center (v2)."""
    if not cloud or not (_LONG.search(schema.custom) or schema.system in {"description", "environment"}):
        return text
    paragraphs = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}]} if line else {"type": "paragraph"}
        for line in text.split("\n")
    ]
    return {"type": "doc", "version": 1, "content": paragraphs}
