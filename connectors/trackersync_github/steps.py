"""Which requests a change takes, in which order, and whether an answer shows what was meant: pure decisions.

Labels are added and taken away one by one and never set as a whole: other people's labels live there too, and might
have changed since we looked (REST API, "Labels for issues": PUT "removes any previous labels"). The new label comes
first, so that the issue never is without a stage, and the old one goes last, so that half a change still shows where it
began. The other places of a stage (board, issue field, type, milestone) come before the state: closing an issue sets
off what people have automated, so it comes when all else is as wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Literal
from urllib.parse import quote

from trackersync.connector import Change, Facts, Item, RejectedError, fold
from trackersync_github.board import Move
from trackersync_github.fields import Definition
from trackersync_github.places import NAMELESS, Resolved
from trackersync_github.vocabulary import MOST_ASSIGNEES, WRITES

Shape = Literal["issue", "labels", "fields", "nothing"]


@dataclass(frozen=True, slots=True)
class Step:
    """One request, and what the issue must show after it.

    Attributes:
        doing: what it does, for sentences: ``adding stage: build``.
        method: HTTP's.
        path: below the issue's own; empty for the issue itself.
        json: the body.
        fact: the fact its answer shows.
        answer: what comes back: the whole issue, its labels only, the values of its fields, or nothing.
        has: values that must be there afterwards, in any case of letters.
        lacks: values that must not.
        absent: 404 means that what shall go is gone already.
        field: the issue field it is about.
        creates: people are told of it, so that GitHub counts it among what makes content.
    """

    doing: str
    method: str
    path: str
    json: object
    fact: str
    answer: Shape = "issue"
    has: frozenset[str] = with_default(default=frozenset())
    lacks: frozenset[str] = with_default(default=frozenset())
    absent: bool = False
    field: Definition | None = None
    creates: bool = False

    def shown(self, facts: Facts) -> bool:
        """Whether facts are as this step meant them: GitHub drops in silence what the token has no right to do."""
        values = fold(facts.get(self.fact, ()))
        return self.has <= values and not (self.lacks & values)


@dataclass(frozen=True, slots=True)
class CardStep:
    """A move on the board, which is no part of the issue: one request, or two where the issue is added first."""

    doing: str
    move: Move


def steps_of(
    change: Change, item: Item, resolved: Resolved = NAMELESS, *, pull: bool = False
) -> tuple[Step | CardStep, ...]:
    """The requests that make an item show what a change wants, in order.

    Args:
        change: what is wanted.
        item: as it is.
        resolved: what the change's names stand for.
        pull: it is a pull request.

    Raises:
        RejectedError: GitHub has no way to write it.
    """
    unknown = sorted(set(change.after) - WRITES.keys())
    if unknown:
        raise RejectedError(f"{item.key}: {', '.join(unknown)} cannot be written to a GitHub issue; nothing was sent")
    return (
        *_labels_added(change, item),
        *_card(resolved),
        *_field(change, item, resolved),
        *_type(change, item, resolved),
        *_milestone(change, item, resolved),
        *_state(change, item, resolved, pull=pull),
        *_labels_removed(change, item),
        *_owners(change, item),
    )


def otherwise(change: Change, item: Item) -> str:
    """What an item shows instead of what a change wants, fact by fact; empty where it is as wanted.

    For shared facts only the values that are ours count.
    """
    words = []
    for fact, wanted in change.after.items():
        values = item.facts.get(fact, ())
        if fact in change.ours:
            values = tuple(value for value in values if value.casefold() in fold(change.ours[fact]))
        if fold(values) != fold(wanted):
            words.append(f"{fact} is {' + '.join(sorted(values)) or 'nothing'}")
    return ", ".join(words)


def added(change: Change, item: Item, fact: str) -> tuple[str, ...]:
    """The values of a fact that a change adds."""
    present = fold(item.facts.get(fact, ()))
    return tuple(value for value in change.after.get(fact, ()) if value.casefold() not in present)


def _labels_added(change: Change, item: Item) -> tuple[Step, ...]:
    labels = added(change, item, "labels")
    if not labels:
        return ()
    words = f"adding {' and '.join(labels)}"
    return (Step(words, "POST", "/labels", {"labels": list(labels)}, "labels", answer="labels", has=fold(labels)),)


def _labels_removed(change: Change, item: Item) -> tuple[Step, ...]:
    """One request for each label that is ours and no longer wanted, by the spelling it has on the issue."""
    if "labels" not in change.after:
        return ()
    ours = fold(change.ours.get("labels", change.before.get("labels", ())))
    going = ours - fold(change.after["labels"])
    return tuple(
        Step(
            f"taking away {label}",
            "DELETE",
            f"/labels/{quote(label, safe='')}",
            None,
            "labels",
            answer="labels",
            lacks=fold([label]),
            absent=True,
        )
        for label in item.facts.get("labels", ())
        if label.casefold() in going
    )


def _card(resolved: Resolved) -> tuple[CardStep, ...]:
    move = resolved.move
    if move is None or (move.card is not None and move.card.option.casefold() == move.option.casefold()):
        return ()
    return (CardStep(f"moving its card to {move.option}" if move.option else "emptying its card", move),)


def _field(change: Change, item: Item, resolved: Resolved) -> tuple[Step, ...]:
    """Only the one field, by the request that leaves the others: an empty list of values would clear them all."""
    definition = resolved.field
    if definition is None or not _differs(change, item, "field"):
        return ()
    path = "/issue-field-values"
    if resolved.option is None:
        return (
            Step(
                f"emptying {definition.name}",
                "DELETE",
                f"{path}/{definition.id}",
                None,
                "field",
                "nothing",
                absent=True,
                creates=True,
            ),
        )
    json = {"issue_field_values": [{"field_id": definition.id, "value": resolved.option}]}
    words = f"setting {definition.name} to {resolved.option}"
    return (
        Step(words, "POST", path, json, "field", "fields", has=fold([resolved.option]), field=definition, creates=True),
    )


def _type(change: Change, item: Item, resolved: Resolved) -> tuple[Step, ...]:
    if not _differs(change, item, "type"):
        return ()
    words = f"making it a {resolved.type}" if resolved.type else "taking its type away"
    return (_edit(words, item, "type", resolved.type, resolved.type),)


def _milestone(change: Change, item: Item, resolved: Resolved) -> tuple[Step, ...]:
    if not _differs(change, item, "milestone"):
        return ()
    title = next(iter(change.after["milestone"]), None)
    words = f"setting the milestone {title}" if title else "taking its milestone away"
    return (_edit(words, item, "milestone", resolved.milestone, title),)


def _edit(words: str, item: Item, fact: str, value: object, shown: str | None) -> Step:
    """One member of the issue; null takes it away."""
    gone = frozenset() if shown else fold(item.facts.get(fact, ()))
    return Step(words, "PATCH", "", {fact: value}, fact, has=fold([shown] if shown else []), lacks=gone)


def _differs(change: Change, item: Item, fact: str) -> bool:
    return fact in change.after and fold(change.after[fact]) != fold(item.facts.get(fact, ()))


def _state(change: Change, item: Item, resolved: Resolved, *, pull: bool) -> tuple[Step, ...]:
    state, reason = change.after.get("state", ()), change.after.get("reason", ())
    if not state or state == item.facts["state"]:
        if reason and reason != item.facts["reason"]:
            raise RejectedError(
                f"{item.key}: GitHub takes a reason only when the state changes, and it is {item.facts['state'][0]} "
                f"already; nothing was sent. Reopen it and close it as {reason[0]}, or leave it."
            )
        return ()
    if pull:
        raise RejectedError(
            f"{item.key} is a pull request, and those are closed by merging or by people; nothing was sent"
        )
    # Only members we own: any other, even unchanged, would overwrite what someone edits meanwhile.
    json: dict[str, object] = {"state": state[0]}
    if reason:
        json["state_reason"] = reason[0]
    if reason == ("duplicate",):
        json["duplicate_issue_id"] = resolved.canonical
    words = "closing it" if state[0] == "closed" else "reopening it"
    return (Step(words, "PATCH", "", json, "state", has=fold(state)),)


def _owners(change: Change, item: Item) -> tuple[Step, ...]:
    if "owners" not in change.after:
        return ()
    wanted, present = change.after["owners"], item.facts.get("owners", ())
    if len(wanted) > MOST_ASSIGNEES:
        raise RejectedError(
            f"{item.key}: {len(wanted)} owners are more than the {MOST_ASSIGNEES} of a GitHub issue; nothing was sent"
        )
    coming = added(change, item, "owners")
    going = tuple(login for login in present if login.casefold() not in fold(wanted))
    add = Step(
        f"assigning {', '.join(coming)}",
        "POST",
        "/assignees",
        {"assignees": list(coming)},
        "owners",
        has=fold(coming),
    )
    remove = Step(
        f"unassigning {', '.join(going)}",
        "DELETE",
        "/assignees",
        {"assignees": list(going)},
        "owners",
        lacks=fold(going),
    )
    steps = [*([add] if coming else []), *([remove] if going else [])]
    # Never without an owner in between, unless there is no room for both.
    return tuple(reversed(steps) if len(present) + len(coming) > MOST_ASSIGNEES else steps)
