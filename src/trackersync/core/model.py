"""The values everything else passes along; their docstrings are the project's glossary.

All are frozen. Core knows items, facts and values; only a connector knows what a label or a status is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as member
from datetime import datetime
from enum import StrEnum
from typing import Literal

Facts = Mapping[str, tuple[str, ...]]
"""From a fact's name (``status``, ``labels``, ``owners``) to its values. No values: the fact is empty."""

FieldName = Literal["stage", "owners", "links"]
"""What is written: what is kept in step across trackers, and the links by which a task's items show each other."""

STAGE: FieldName = "stage"
OWNERS: FieldName = "owners"
LINKS: FieldName = "links"


@dataclass(frozen=True, slots=True, order=True)
class ItemRef:
    """Names one item for ever: the tracker's name in the configuration, and the id that no move or rename changes."""

    tracker: str
    id: str

    def __hash__(self) -> int:
        """The id alone: refs are looked up everywhere, and a text remembers its hash while a pair does not."""
        return hash(self.id)


@dataclass(frozen=True, slots=True)
class Item:
    """One issue in one tracker, as last observed.

    Attributes:
        ref: its immutable identity.
        key: what people call it: ``SHOP-42``, ``acme/shop#17``. May change when it moves.
        url: its page for people.
        title: one line.
        container: the repository or project it lives in.
        created: when it was made, UTC.
        updated: when the tracker says it last changed, UTC; what a newer observation is told by.
        facts: fact name to values.
        urls: the URLs in its body, in order.
        keys: the words in its body that look like keys (``SHOP-42``, ``acme/shop#17``), outside URLs, in order.
    """

    ref: ItemRef
    key: str
    url: str
    title: str
    container: str
    created: datetime
    updated: datetime
    facts: Facts
    urls: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class Absence(StrEnum):
    """Why an item that was asked for is not there."""

    GONE = "gone"
    MOVED = "moved"
    HIDDEN = "hidden"
    OUT_OF_SCOPE = "out of scope"


@dataclass(frozen=True, slots=True)
class Account:
    """One login of one tracker, as seen on its items.

    Attributes:
        tracker: the tracker's name in the configuration.
        id: what its items' owners say: a login, a user name, an account id.
        name: what the tracker calls it on its pages; the same as ``id`` where people are called by their login.
        email: only where the tracker shows it.
        active: False once it was deactivated; None where the tracker does not say.
        human: False for an app or a bot; None where the tracker does not say.
        verified: the tracker vouches that ``email`` is this account's own, and nobody could just write it there.
    """

    tracker: str
    id: str
    name: str
    email: str | None = None
    active: bool | None = None
    human: bool | None = None
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many values a fact may hold in a tracker: Jira's ``owners`` 1, GitHub's 10."""

    most: int


@dataclass(frozen=True, slots=True)
class Matcher:
    """One word a stage entry of the configuration may use, and the fact it matches.

    Attributes:
        key: the word in the configuration: ``labels``, ``statuses``.
        fact: the fact it looks at: ``labels``, ``status``.
        shared: the fact is a set in which other people's values live too; only ours are ever touched.
        values: the only values there can be, where the tracker fixes them.
        optional: it counts only where a rule names it: most teams keep no stage there, and what they do there with it
            moves nothing.
        evidence: it is only ever read: what happened elsewhere, and no write brings about.
        condition: it says of which items a rule speaks: matched, never written, and no claim by itself.
    """

    key: str
    fact: str
    shared: bool = False
    values: tuple[str, ...] | None = None
    optional: bool = False
    evidence: bool = False
    condition: bool = False


@dataclass(frozen=True, slots=True)
class UrlForm:
    r"""How this tracker's own URLs name an item: a pattern searched in what follows the address, and the key it gives.

    ``key`` is a template for ``re.Match.expand``, so ``r"\\1#\\2"`` makes ``acme/shop#17`` of ``/acme/shop/issues/17``.
    """

    pattern: str
    key: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The places a stage can live in a tracker, as data, so that core needs no list of its own.

    Attributes:
        matchers: the words a stage entry may use.
        follows: facts that are written only together with another fact: ``{"reason": "state"}`` says that a change
            of ``reason`` alone is ignored by the tracker.
        lenient: facts whose absence satisfies any matcher: a closed GitHub issue without a reason satisfies any closed
            stage.
        assumed: what an item shows that has not said its stage: assumed to be in the process's first.
        open: what every open stage shows besides its own matcher: ``{"state": ("open",)}``.
        finished: what makes an item finished whatever its shared facts say: state outranks labels once closed.
        ended: what an item shows that needs nobody any more, though its state is mapped to no stage.
        defaults: by category of stage (``done``, ``cancelled``), the facts that mean it where the team maps none.
        alike: ``(fact, value)`` that no rule names, read as another value: a duplicate is not planned.
        routed: the fact that only moves along a workflow's transitions, where there is one.
        workflows: the facts that tell which workflow an item follows: items alike in them share one.
        url_forms: how the tracker's URLs name items.
        blank: what to call an item that states no stage: ``no label``.
        marks: further words ``hands_off`` may use, besides the matchers'.
    """

    matchers: tuple[Matcher, ...]
    follows: Mapping[str, str] = member(default_factory=dict)
    lenient: frozenset[str] = frozenset()
    assumed: Facts | None = None
    open: Facts = member(default_factory=dict)
    finished: Facts | None = None
    ended: Facts | None = None
    defaults: Mapping[str, Facts] = member(default_factory=dict)
    alike: Mapping[tuple[str, str], str] = member(default_factory=dict)
    routed: str | None = None
    workflows: tuple[str, ...] = ()
    url_forms: tuple[UrlForm, ...] = ()
    blank: str = "nothing"
    marks: tuple[Matcher, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one fact of an item, as the tracker's own history tells it.

    Attributes:
        id: the tracker's own, unique within the item.
        at: when, UTC.
        by: the account that did it; empty where the tracker does not say.
        fact: the fact that changed.
        added: the values that came; of a fact with one value, the new one.
        removed: the values that went, as far as the tracker tells.
    """

    id: str
    at: datetime
    by: str
    fact: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could own an item, and what speaks for it: ``CODEOWNERS``, ``owns the area checkout``."""

    account: str
    because: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One hop of a workflow as the calling user may make it.

    Attributes:
        id: the tracker's own.
        name: what people call it.
        to: the status it leads to.
        needs: what has to be filled in on the way and nothing is configured for: the name of a fact, where the change
            may bring it, else what people call the field. All right where the item holds it (``Workflow.held``).
        ends: the tracker counts the status it leads to as finished; tells where that is mapped to no stage.
    """

    id: str
    name: str
    to: str
    needs: tuple[str, ...] = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class BarredHop:
    """A hop that a tracker did not let one item make.

    Attributes:
        here: the status it was in.
        to: the status it was to get to.
        why: the tracker's words, and the remedy.
        seen: names the transitions that were offered there when it was refused.
    """

    here: str
    to: str
    why: str
    seen: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow as far as it is known. Core finds the path.

    Attributes:
        leaves: from a status to the transitions that leave it. A status that is absent: they are not known.
        held: what of the transitions' ``needs`` the item holds already.
        barred: hops that the item was refused, and that it is not led along again.
    """

    leaves: Mapping[str, tuple[Transition, ...]]
    held: frozenset[str] = frozenset()
    barred: tuple[BarredHop, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """What a value of a fact is called now: people rename what they have configured, and its id stays.

    Attributes:
        fact: the fact: ``status``.
        id: the tracker's own.
        name: what it is called now.
        containers: where it is used, if not everywhere: another project may have another one of this name.
    """

    fact: str
    id: str
    name: str
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One intended write, as data: one field of one item.

    Attributes:
        ref: the item.
        key: its key when planned, for people.
        field: ``stage``, ``owners`` or ``links``.
        fact: the fact that carries the field here: ``labels``, ``state``, ``status``, ``owners``.
        before: what the item must still show, by fact. For shared facts only the values that are ours.
        after: what it shall show, by fact; facts not named stay as they are.
        ours: for shared facts, every value that is ours to set or remove; all others are never touched.
        because: the reason, in words that name the side that moved.
        adoption: planned because two items meet for the first time; counted against its own limit.
        tidies: takes off the item what its own move left behind. The move stays a person's, so base does not advance.
        path: the values of ``fact`` passed on the way to the one after, in order, without the first and the last:
            the statuses of a workflow that no single transition spans. Empty for a single hop.
        toward: where this is to lead in the end, where what leaves the status after ``path`` is not known yet: a step
            into a part of a workflow that no tracker has shown, to a status that lies on the way by its stage.
    """

    ref: ItemRef
    key: str
    field: FieldName
    fact: str
    before: Facts
    after: Facts
    because: str
    ours: Facts = member(default_factory=dict)
    adoption: bool = False
    tidies: bool = False
    path: tuple[str, ...] = ()
    toward: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """What one item says in a conflict: its key and the words it says it in."""

    ref: ItemRef
    key: str
    says: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Trackers that say different things of one field, none of which may win by itself; kept until settled."""

    task: str
    field: FieldName
    sides: tuple[Side, ...]
    because: str


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A field of a task that disagrees and is not written, and why.

    ``unreached``: no path of transitions leads where it should be; asked for again only when something has changed.
    """

    task: str
    ref: ItemRef
    key: str
    field: FieldName
    because: str
    unreached: bool = False


@dataclass(frozen=True, slots=True)
class Overruled:
    """A person's move that a named authority takes back, or a later edit: recorded and shown, never silent."""

    task: str
    ref: ItemRef
    key: str
    field: FieldName
    said: str
    authority: str


class Outcome(StrEnum):
    """What became of a change."""

    APPLIED = "applied"
    ALREADY_SO = "already so"
    STALE = "stale"
    GONE = "gone"
    REJECTED = "rejected"
    IN_DOUBT = "in doubt"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one change.

    Attributes:
        outcome: which of the seven.
        message: the tracker's words where it refused, or why it was not done.
        requests: the requests that changed something, each with method, path, status and the vendor's request id.
    """

    outcome: Outcome
    message: str = ""
    requests: tuple[str, ...] = ()


class Severity(StrEnum):
    """SARIF's three, worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Person:
    """One human across trackers.

    Attributes:
        name: what people call them everywhere: the GitHub login where there is one.
        accounts: tracker name to account ids; several allowed.
        email: lower case, or None.
        roles: the roles of the delivery process they hold.
    """

    name: str
    accounts: Mapping[str, tuple[str, ...]]
    email: str | None = None
    roles: tuple[str, ...] = ()
