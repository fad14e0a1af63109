"""One Jira as far as its issues must be known to be read: its name, its pages, its flavour, its fields."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ties:
    """What tells how issues are related in one Jira.

    Attributes:
        blocks: what the types of links are called by which one issue blocks another; without case.
        duplicate: those by which one is a duplicate of another.
        epic: the id of the custom field that holds an issue's epic; empty for none.
        flagged: the id of the one in which issues are flagged; empty for none.
    """

    blocks: frozenset[str]
    duplicate: frozenset[str]
    epic: str = ""
    flagged: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """What it takes to read an issue of one Jira.

    Attributes:
        tracker: its name in the configuration.
        web: where its pages for people are.
        cloud: whether accounts are named by ``accountId``; else by user name.
        field: the id of the custom field in which a stage may live; empty for none.
        co_owners: the id of the custom field that holds further owners; empty for none.
        ties: what tells how issues are related; None where that is not asked for.
        links: whether the links to other trackers are read.
        checklist: whether the check boxes of descriptions are read.
        anonymous: whether we are nobody, and are shown what everybody is.
    """

    tracker: str
    web: str
    cloud: bool
    field: str = ""
    co_owners: str = ""
    ties: Ties | None = None
    links: bool = False
    checklist: bool = False
    anonymous: bool = False

    @property
    def custom(self) -> tuple[str, ...]:
        """The ids of the custom fields that are asked for."""
        tied = (self.ties.epic, self.ties.flagged) if self.ties is not None else ()
        return tuple(dict.fromkeys(id_ for id_ in (self.field, self.co_owners, *tied) if id_))

    @property
    def told(self) -> tuple[str, ...]:
        """The ids of those whose history is told: evidence has none."""
        return tuple(dict.fromkeys(id_ for id_ in (self.field, self.co_owners) if id_))
