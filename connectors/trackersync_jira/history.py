"""Who changed what of an issue, and when: Jira's changelog as history.

On Cloud one request tells of up to a thousand issues, of the fields that matter alone. On Data Center each issue is
asked for with its whole changelog. ``historyMetadata`` is not read: whoever writes may write what he likes there.

People are account ids on Cloud. Data Center's histories name them by their *keys*, everything else by their user names,
and since Jira 8.4 one is not the other; so keys are translated, by what the answer shows of people, else by asking. A
key that cannot be translated stays as it is: then the history does not lead to what the issue shows, and nothing is
concluded from it. The same goes for a field of several users whose history is written in a way we do not know.

Values bear the names that they had then. Where one was renamed since, its id tells what it is called now.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from trackersync.connector import Event, ItemRef, NotFoundError, RejectedError, UnavailableError, decode
from trackersync_jira import changelog
from trackersync_jira.api import Api
from trackersync_jira.changelog import Author, Detail, Entry
from trackersync_jira.items import Site
from trackersync_jira.query import PAGE
from trackersync_jira.refusals import ABSENT, known, refused
from trackersync_jira.shapes import User

FACTS: Mapping[str, str] = {
    "status": "status",
    "resolution": "resolution",
    "assignee": "owners",
    "labels": "labels",
    "components": "components",
    "fixVersions": "versions",
    "issuetype": "type",
    "issuekey": "project",
}
"""By field id, the fact that a change of it changes. A move gives an issue another key, and with it the project.

What id the key has in a changelog, no source says; where it is another one, moves are not told by a bulk request.
"""

_IDS: Mapping[str, str] = {"component": "components", "fix version": "fixVersions", "key": "issuekey"}
"""The words of the history for fields that it does not call by their ids."""

_SEVERAL = re.compile(r"\[(.*)\]", re.DOTALL)
_NAMED = re.compile(r"(.+?)\((.+)\)", re.DOTALL)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = 100_000_000_000
"""A number beyond this counts milliseconds, below it seconds: in seconds it would be the year 5138."""


@dataclass(frozen=True, slots=True)
class Known:
    """What it takes to read an entry.

    Attributes:
        fields: what the custom fields are called, by id, where entries have no ids of fields.
        people: user names by key.
        values: what the values of facts are called now, by fact and id.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)


class History:
    """Reads the changelogs of issues.

    Args:
        api: Jira.
        called: what the values of facts are called now, by fact and id, as far as that was seen.
    """

    def __init__(self, api: Api, called: Mapping[tuple[str, str], str]) -> None:
        self._api = api
        self._called = called
        self._fields = [*FACTS, *api.site.told]
        # Of people on Data Center, by key.
        self._people: dict[str, str] = {}

    async def of(self, ref: ItemRef) -> tuple[Event, ...]:
        """Every change of an issue's facts, oldest first.

        Raises:
            NotFoundError: it is gone, or hidden from us.
            RejectedError: it may not be asked by us, or is not shown whole.
            AuthError, UnavailableError: Jira cannot be asked now.
        """
        if self._api.site.cloud:
            return self._told(await changelog.single(self._api, ref))
        shown = await changelog.expanded(self._api, ref, ("assignee", *self._api.site.told))
        await self._meet(shown)
        return self._told(shown.changelog.histories, shown.names)

    async def together(self, refs: Sequence[ItemRef]) -> dict[ItemRef, tuple[Event, ...]]:
        """The histories of many issues, as far as they are told together; the others are to be asked for one by one.

        Raises:
            AuthError, UnavailableError: Jira cannot be asked now.
        """
        told: dict[ItemRef, tuple[Event, ...]] = {}
        if not self._api.site.cloud:
            return told
        for at in range(0, len(refs), changelog.MOST_ISSUES):
            by_id = {ref.id: ref for ref in refs[at : at + changelog.MOST_ISSUES]}
            entries = await changelog.bulk(self._api, list(by_id), self._fields)
            if entries is not None:
                silent = [id_ for id_ in by_id if id_ not in entries]
                entries |= {id_: [] for id_ in await self._there(silent)}
                told |= {by_id[id_]: self._told(some) for id_, some in entries.items() if id_ in by_id}
        return told

    async def _there(self, ids: Sequence[str]) -> list[str]:
        """Those of some issues that are there: nothing is told of them because nobody changed them.

        Where Jira does not say it of many at once, none are: each is asked for by itself then.
        """
        found: list[str] = []
        if self._api.ways.singly:
            return found
        for at in range(0, len(ids), PAGE):
            try:
                fetched = await self._api.fetch(ids[at : at + PAGE])
            except (NotFoundError, RejectedError):
                return found
            except UnavailableError as error:
                # A server in trouble says so again of a single issue.
                if error.retry_after is not None:
                    raise
                return found
            found += [issue.id for issue in fetched.issues]
        return found

    def _told(self, entries: Iterable[Entry], names: Mapping[str, str] | None = None) -> tuple[Event, ...]:
        # Jira promises an order of some of these lists; ids are given out as things happen.
        rows = sorted(((moment(entry), len(entry.id), entry.id, entry) for entry in entries), key=lambda row: row[:3])
        seen = {entry.id: (at, entry) for at, _, _, entry in rows}
        known = Known(names or {}, self._people, self._called)
        return tuple(event for at, entry in seen.values() for event in events_of(self._api.site, entry, at, known))

    async def _meet(self, shown: changelog.Expanded) -> None:
        """Learn the user names of the people of a history."""
        people = [entry.author for entry in shown.changelog.histories]
        people += [user for value in shown.fields.values() for user in _users(value)]
        self._people |= {one.key: one.name for one in people if one is not None and one.key and one.name}
        asked = dict.fromkeys(
            key
            for entry in shown.changelog.histories
            for detail in entry.items
            if field_of(detail, shown.names) == "assignee"
            for key in (detail.before, detail.after)
            if key and key not in self._people
        )
        for key in asked:
            self._people[key] = await self._name(key)

    async def _name(self, key: str) -> str:
        """The user name behind a key; the key itself where there is no such user any more, or it is hidden from us."""
        if self._api.site.anonymous:
            # Nobody is shown who people are.
            return key
        answer = known(await self._api.wire.read("GET", f"{self._api.root}/user", params={"key": key}))
        if answer.status == 200:
            return decode(answer, User).name or key
        if answer.status in ABSENT | {400, 403}:
            return key
        raise refused(answer, f"{self._api.site.tracker}: Jira does not show who a history speaks of")


def events_of(site: Site, entry: Entry, at: datetime, known: Known) -> Iterator[Event]:
    """What an entry changes, one event for each fact; nothing for one that changes no fact.

    Args:
        site: which Jira.
        entry: as it came.
        at: when.
        known: what else it takes.
    """
    changes: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for detail in entry.items:
        field = field_of(detail, known.fields)
        fact = _fact(site, field)
        if fact is not None:
            # Several components, or the assignee and the other owners: one event of one fact.
            came, went = changes.setdefault(fact, ({}, {}))
            before, after = _values(site, field, detail, known)
            came |= dict.fromkeys(value for value in after if value not in before)
            went |= dict.fromkeys(value for value in before if value not in after)
    by = _account(site, entry.author)
    for fact, (came, went) in changes.items():
        added = tuple(value for value in came if value not in went)
        removed = tuple(value for value in went if value not in came)
        if added or removed:
            yield Event(f"{entry.id}-{fact}", at, by, fact, added, removed)


def field_of(detail: Detail, names: Mapping[str, str]) -> str:
    """The id of the field that was changed; empty where it cannot be told.

    Anybody may call a custom field "Status"; ``fieldtype`` tells it apart.
    """
    if detail.field_id:
        return _IDS.get(detail.field_id.casefold(), detail.field_id)
    called = detail.field.casefold()
    if detail.fieldtype == "custom":
        ids = [id_ for id_, name in names.items() if name.casefold() == called and id_.startswith("customfield_")]
        return ids[0] if len(ids) == 1 else ""
    return _IDS.get(called, called)


def moment(entry: Entry) -> datetime:
    """When an entry was made, UTC.

    Raises:
        UnavailableError: it bears no time that can be read.
    """
    try:
        if isinstance(entry.created, int):
            unit = "milliseconds" if entry.created > _MILLISECONDS else "seconds"
            return _EPOCH + timedelta(**{unit: entry.created})
        found = datetime.fromisoformat(entry.created)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise UnavailableError(f"an entry of Jira's changelog bears no time that can be read ({entry.id}).") from error


def _fact(site: Site, field: str) -> str | None:
    if field and field == site.field:
        return "field"
    if field and field == site.co_owners:
        return "owners"
    return FACTS.get(field)


def _values(site: Site, field: str, detail: Detail, known: Known) -> tuple[Collection[str], Collection[str]]:
    """The values before and after."""
    people, fact = known.people, FACTS.get(field, "")
    if field == "assignee":
        before = detail.tmp_from_account_id or detail.before
        after = detail.tmp_to_account_id or detail.after
        return _one(people.get(before or "", before)), _one(people.get(after or "", after))
    if field == site.co_owners:
        return _several(detail.before, detail.before_text, people), _several(detail.after, detail.after_text, people)
    if field == "labels":
        # A label holds no space.
        return (detail.before_text or "").split(), (detail.after_text or "").split()
    if field == "issuekey":
        return _one(_project(detail.before_text)), _one(_project(detail.after_text))
    now = known.values
    before = now.get((fact, detail.before or ""), detail.before_text)
    return _one(before), _one(now.get((fact, detail.after or ""), detail.after_text))


def _several(ids: str | None, texts: str | None, people: Mapping[str, str]) -> Collection[str]:
    """Several users: ``[id, id]``, or on Data Center ``[name(key), name(key)]``. No source tells; see the module."""
    text = ids or texts or ""
    listed = _SEVERAL.fullmatch(text)
    parts = [part.strip() for part in (listed[1] if listed else text).split(",")]
    named = [(part, _NAMED.fullmatch(part)) for part in parts if part]
    return [pair[1] if pair else people.get(part, part) for part, pair in named]


def _project(key: str | None) -> str:
    return (key or "").rpartition("-")[0]


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _account(site: Site, author: Author | None) -> str:
    """Who did it; empty for nobody: an automation, or somebody whose account is deleted."""
    if author is None:
        return ""
    return (author.account_id if site.cloud else author.name) or ""


def _users(value: Any) -> Iterator[Author]:  # noqa: ANN401  # a field as it comes
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            name, key = one.get("name"), one.get("key")
            if isinstance(name, str) and isinstance(key, str):
                yield Author(name=name, key=key)
