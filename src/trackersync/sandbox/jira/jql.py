"""A strict reader of JQL: what it does not know it refuses in Jira's words, and never ignores.

Clauses, each ``field operator value``, joined by AND, OR, NOT and parentheses, then an optional ORDER BY of up to seven
fields. A NOT is taken inwards as Jira takes it, where a field that is empty is never "not something". A date is either
an unquoted number of milliseconds or quoted ``yyyy-MM-dd HH:mm``, which counts in whole minutes **in the user's time
zone**, as on the real one; that difference loses edits for a caller who formats UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final, NoReturn

from trackersync.sandbox import moments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackersync.sandbox.moments import Clock

SORTABLE: Final = ("updated", "created", "key", "id", "status", "priority")
_ALIASES: Final = {
    "issuekey": "key",
    "issue": "key",
    "id": "id",
    "updateddate": "updated",
    "createddate": "created",
    "type": "issuetype",
}
_EQUALITY: Final = frozenset({"=", "!=", "in", "not in"})
_OPERATORS: Final = {
    "project": _EQUALITY,
    "key": _EQUALITY,
    "id": _EQUALITY | {">", ">=", "<", "<="},
    "updated": frozenset({">", ">=", "<", "<="}),
    "created": frozenset({">", ">=", "<", "<="}),
    "status": _EQUALITY,
    "statuscategory": _EQUALITY,
    "assignee": _EQUALITY | {"is", "is not"},
    "resolution": _EQUALITY | {"is", "is not"},
    "labels": _EQUALITY | {"is", "is not"},
    "component": _EQUALITY | {"is", "is not"},
    "fixversion": _EQUALITY | {"is", "is not"},
    "issuetype": _EQUALITY,
    "priority": _EQUALITY,
    "summary": frozenset({"~", "!~"}),
    "description": frozenset({"~", "!~"}),
    "text": frozenset({"~"}),
}
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<sign><=|>=|!=|!~|[=<>(),~!])|(?P<word>[^\s"'=<>!(),~]+))""",
)
_RELATIVE: Final = re.compile(r"-(\d+)([mhdw])")
_PAIRS: Final = (("=", "!="), ("in", "not in"), ("is", "is not"), ("~", "!~"), (">", "<="), (">=", "<"))
_OPPOSITES: Final = dict(_PAIRS) | {other: one for one, other in _PAIRS}
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class JqlError(Exception):
    """A query that Jira refuses with 400, in its words."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One restriction; a date's value is milliseconds, ``EMPTY`` is ``None``."""

    field: str
    operator: str
    values: tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Several conditions of which one must hold; each is several that all must."""

    choices: tuple[tuple[Clause | Either, ...], ...]


Parts = tuple[Clause | Either, ...]
"""Conditions that all must hold."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query as read."""

    clauses: Parts
    order: tuple[tuple[str, bool], ...]

    @property
    def bounded(self) -> bool:
        """Say whether the query restricts anything, which Cloud insists on."""
        return bool(self.clauses)


@dataclass(frozen=True, slots=True)
class _Word:
    value: str
    quoted: bool = False

    @property
    def plain(self) -> str:
        return "" if self.quoted else self.value.casefold()


def read(text: str, time_zone: tzinfo, clock: Clock) -> Query:
    """Read a query, or refuse it."""
    return _Reader(list(_words(text)), time_zone, clock).query()


def _words(text: str) -> Iterator[_Word]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise JqlError(
                f"Error in the JQL Query: The character '{text[at:].strip()[:1]}' is a reserved JQL character."
            )
        if found["text"] is not None:
            yield _Word(re.sub(r"\\(.)", r"\1", found["text"][1:-1]), quoted=True)
        else:
            yield _Word(found["sign"] or found["word"])
        at = found.end()


def _against(parts: Parts) -> Parts:
    """The opposite of conditions that all must hold: one of their opposites."""
    choices = tuple(_opposite(part) for part in parts)
    return choices[0] if len(choices) == 1 else (Either(choices),)


def _opposite(part: Clause | Either) -> Parts:
    if isinstance(part, Either):
        return tuple(found for choice in part.choices for found in _against(choice))
    return (Clause(part.field, _OPPOSITES[part.operator], part.values),)


class _Reader:
    def __init__(self, words: list[_Word], time_zone: tzinfo, clock: Clock) -> None:
        self.words, self.at, self.time_zone, self.clock = words, 0, time_zone, clock

    def query(self) -> Query:
        clauses = self.either() if self.words and self.peek().plain != "order" else ()
        order = self.order() if self.more() and self.peek().plain == "order" else ()
        if self.more():
            self.refuse(f"Expecting either 'OR' or 'AND' but got '{self.peek().value}'.")
        return Query(clauses, order)

    def either(self) -> Parts:
        choices = [self.all()]
        while self.more() and self.peek().plain == "or":
            self.at += 1
            choices.append(self.all())
        return choices[0] if len(choices) == 1 else (Either(tuple(choices)),)

    def all(self) -> Parts:
        parts = self.term()
        while self.more() and self.peek().plain == "and":
            self.at += 1
            parts += self.term()
        return parts

    def term(self) -> Parts:
        sign = self.peek().plain if self.more() else ""
        if sign in {"not", "!"}:
            self.at += 1
            return _against(self.term())
        if sign != "(":
            return (self.clause(),)
        self.at += 1
        inner = self.either()
        if (closing := self.take().plain) != ")":
            self.refuse(f"Expecting ')' but got '{closing}'.")
        return inner

    def more(self) -> bool:
        return self.at < len(self.words)

    def peek(self) -> _Word:
        return self.words[self.at]

    def take(self) -> _Word:
        if not self.more():
            self.refuse("The query ends too early.")
        self.at += 1
        return self.words[self.at - 1]

    def refuse(self, why: str) -> NoReturn:
        raise JqlError(f"Error in the JQL Query: {why} (line 1, word {self.at + 1})")

    def field(self, known: tuple[str, ...]) -> str:
        word = self.take()
        name = _ALIASES.get(word.value.casefold(), word.value.casefold())
        if name not in known:
            raise JqlError(f"Field '{word.value}' does not exist or you do not have permission to view it.")
        return name

    def clause(self) -> Clause:
        name = self.field(tuple(_OPERATORS))
        operator = self.take().plain
        if operator in {"is", "not"} and self.more() and self.peek().plain in {"not", "in"}:
            operator = f"{operator} {self.take().plain}"
        if operator not in _OPERATORS[name]:
            raise JqlError(f"The operator '{operator}' is not supported by the '{name}' field.")
        words = self.several() if operator.endswith("in") else [self.take()]
        empty = [not word.quoted and word.plain in {"empty", "null"} for word in words]
        if operator.startswith("is") and not all(empty):
            raise JqlError(f"The operator '{operator}' only supports the values EMPTY and NULL.")
        values: list[str | int | None] = []
        for word, nothing in zip(words, empty, strict=True):
            dated = name in {"updated", "created"}
            values.append(None if nothing else self.date(name, word) if dated else word.value)
        return Clause(name, operator, tuple(values))

    def several(self) -> list[_Word]:
        if self.take().plain != "(":
            self.refuse("Expecting '(' after IN.")
        words = [self.take()]
        while (sign := self.take().plain) == ",":
            words.append(self.take())
        if sign != ")":
            self.refuse(f"Expecting ')' but got '{sign}'.")
        return words

    def date(self, name: str, word: _Word) -> int:
        if not word.quoted and word.value.isdecimal():
            return int(word.value)
        relative = _RELATIVE.fullmatch(word.value)
        if relative is not None:
            span = timedelta(**{_UNITS[relative[2]]: int(relative[1])})
            return moments.milliseconds(self.clock() - span)
        for shape in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
            try:
                moment = datetime.strptime(word.value, shape).replace(tzinfo=self.time_zone)
            except ValueError:
                continue
            return moments.milliseconds(moment)
        raise JqlError(
            f"Date value '{word.value}' for field '{name}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
            "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
        )

    def order(self) -> tuple[tuple[str, bool], ...]:
        self.at += 1
        if self.take().plain != "by":
            self.refuse("Expecting 'BY' after ORDER.")
        fields: list[tuple[str, bool]] = []
        while True:
            name, descending = self.field(SORTABLE), False
            if self.more() and self.peek().plain in {"asc", "desc"}:
                descending = self.take().plain == "desc"
            fields.append((name, descending))
            if not (self.more() and self.peek().plain == ","):
                break
            self.at += 1
        if len(fields) > 7:
            raise JqlError("The JQL query orders by more than 7 fields.")
        return tuple(fields)
