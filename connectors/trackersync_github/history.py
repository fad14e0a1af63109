"""Who changed what of an issue, and when: GitHub's issue events as history.

"Issue events" and not the "timeline": only there is `assigner` shown, the person who assigned or unassigned somebody
("Issue event types"; of these two events `actor` is known to name the assignee instead, and has stayed so for the sake
of old callers), and comments and commits, whose texts concern nobody here, are not sent. Neither tells a project's
Status or an issue field, so of a stage that lives there no time is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from functools import partial

import msgspec

from trackersync.connector import Event, ItemRef, NotFoundError, RejectedError, Wire
from trackersync_github.names import Names
from trackersync_github.paging import EndlessError, every
from trackersync_github.wire import Label, Moment, Titled, User, place_of, refused

MOST_PAGES = 100
"""Of one issue's events, a hundred on each."""


class Row(msgspec.Struct, frozen=True):
    """An event of REST's ``issue-event-for-issue`` schema, as far as it concerns us."""

    id: int
    event: str
    created_at: Moment
    actor: User | None = None
    assigner: User | None = None
    assignee: User | None = None
    label: Label | None = None
    milestone: Titled | None = None
    issue_type: Label | None = None
    prev_issue_type: Label | None = None
    # Documented of the timeline's events. Where it is not sent, how an issue was closed is not known to have changed.
    state_reason: str | None = None


class History:
    """Reads the events of single issues."""

    def __init__(self, wire: Wire, names: Names) -> None:
        self._wire = wire
        self._names = names

    async def of(self, ref: ItemRef) -> tuple[Event, ...]:
        """Every change of an issue's state, labels, assignees, type and milestone, oldest first.

        Raises:
            NotFoundError: the issue is gone or hidden, or in no configured repository.
            AuthError, RejectedError, UnavailableError: it cannot be asked now, or not by us.
        """
        place = place_of(ref)
        repository = await self._names.of(place.repository)
        if not repository:
            raise NotFoundError(f"{ref.tracker}: the repository of {ref.id} is not configured")
        name = f"{repository}#{place.number}"
        path = f"/repos/{repository}/issues/{place.number}/events"
        unread = partial(refused, doing=f"reading the history of {name}")
        try:
            rows = await every(self._wire, path, Row, unread, most=MOST_PAGES)
        except EndlessError as error:
            # Later it will be no shorter; and it stops no other item's.
            raise RejectedError(f"{name} has more events than are read ({error})") from error
        # GitHub promises no order; ids are given out as things happen.
        rows.sort(key=lambda row: (row.created_at, row.id))
        return tuple(event for row in rows for event in events_of(row))


def events_of(row: Row) -> Iterator[Event]:
    """What an event of GitHub changes, by fact; nothing for one that changes no fact."""
    at, by = row.created_at.astimezone(UTC), _login(row.actor)

    def changed(fact: str, added: str | None = None, removed: str | None = None, who: str = by) -> Event:
        # One event of theirs may be two of ours, and each has an id of its own.
        return Event(f"{row.id}-{fact}", at, who, fact, _present(added), _present(removed))

    match row:
        case Row(event="labeled", label=Label(name=str(name))):
            yield changed("labels", name)
        case Row(event="unlabeled", label=Label(name=str(name))):
            yield changed("labels", None, name)
        case Row(event="assigned", assignee=User(login=login)):
            yield changed("owners", login, who=_login(row.assigner) or by)
        case Row(event="unassigned", assignee=User(login=login)):
            yield changed("owners", None, login, who=_login(row.assigner) or by)
        case Row(event="milestoned", milestone=Titled(title=str(title))):
            yield changed("milestone", title)
        case Row(event="demilestoned", milestone=Titled(title=str(title))):
            yield changed("milestone", None, title)
        case Row(event="issue_type_added" | "issue_type_changed" | "issue_type_removed"):
            yield changed("type", _name(row.issue_type), _name(row.prev_issue_type))
        case Row(event="closed" | "reopened"):
            state = ("closed", "open") if row.event == "closed" else ("open", "closed")
            yield changed("state", *state)
            if row.state_reason:
                yield changed("reason", row.state_reason)


def _login(user: User | None) -> str:
    return user.login if user is not None else ""


def _name(label: Label | None) -> str | None:
    return label.name if label is not None else None


def _present(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()
