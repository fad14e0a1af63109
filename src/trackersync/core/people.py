"""Who an account belongs to: one person across trackers, as the identity map says.

An account that is nobody's is still an owner, but a person unknown to us never clears or replaces anyone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from trackersync.core.identity import identify
from trackersync.core.model import Account, Person


@dataclass(frozen=True)
class Holders:
    """The owners one item shows: the names of those we know, in its own order, and the account ids of the others.

    ``bots`` are those of the others that the tracker calls no people: an owner to be left alone, and nobody's answer.
    """

    known: tuple[str, ...]
    strangers: tuple[str, ...]
    bots: tuple[str, ...] = ()

    @cached_property
    def everybody(self) -> tuple[str, ...]:
        """All of them, those that we know by name first."""
        return (*self.known, *self.strangers)

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The same without bots."""
        return tuple(owner for owner in self.everybody if owner not in self.bots) if self.bots else self.everybody

    @property
    def nobody(self) -> bool:
        """Whether it has no owner at all."""
        return not self.known and not self.strangers


class Directory:
    """The people, looked up by account and by name. Accounts compare without regard to case."""

    def __init__(
        self, people: Iterable[Person], accounts: Iterable[Account] = (), trackers: Iterable[str] = ()
    ) -> None:
        """Make the identity map and index it.

        Args:
            people: the configured ones, in their order.
            accounts: every account seen.
            trackers: the configured ones, in their order.
        """
        accounts = tuple(accounts)
        self.configured = tuple(people)
        self.seen = {(one.tracker, one.id.casefold()): one for one in accounts}
        """Every account seen, by tracker and id in small letters."""
        self._bots = {key for key, one in self.seen.items() if one.human is False}
        self.identity = identify(self.configured, accounts, trackers)
        self.people = self.identity.people
        self._by_name = {person.name: person for person in self.people}
        self._rank = {person.name: rank for rank, person in enumerate(self.people)}
        self.held = frozenset(role.casefold() for person in self.people for role in person.roles)
        """Every role that somebody holds, in small letters."""
        self.joined = any(len(person.accounts) > 1 for person in self.people)
        """Whether anybody is known in two trackers: else nobody has begun to say who is who."""
        inactive = {key for key, one in self.seen.items() if one.active is False}
        self.inactive = frozenset(
            {one.id.casefold() for key, one in self.seen.items() if key in inactive}
            | {
                person.name.casefold()
                for person in self.people
                if inactive
                for tracker, ids in person.accounts.items()
                if any((tracker, account.casefold()) in inactive for account in ids)
            }
        )
        """Who may be away, in small letters: people one of whose accounts is deactivated, and such accounts."""
        self._by_account = {
            (tracker, account.casefold()): person.name
            for person in self.people
            for tracker, accounts in person.accounts.items()
            for account in accounts
        }
        self._seen: dict[tuple[str, tuple[str, ...]], Holders] = {}

    def meeting(self, accounts: Iterable[Account], trackers: Iterable[str]) -> Directory:
        """The directory of the same configuration once these accounts, all that are known by now, have been seen."""
        return Directory(self.configured, accounts, trackers)

    def holders(self, tracker: str, accounts: Iterable[str]) -> Holders:
        """Tell the people from the strangers among an item's owners; a person's second account counts once."""
        key = (tracker, tuple(accounts))
        holders = self._seen.get(key)
        if holders is None:
            holders = self._seen[key] = self._holders(*key)
        return holders

    def _holders(self, tracker: str, accounts: Iterable[str]) -> Holders:
        known: dict[str, None] = {}
        strangers = []
        for account in accounts:
            name = self._by_account.get((tracker, account.casefold()))
            if name is None:
                strangers.append(account)
            else:
                known[name] = None
        bots = tuple(account for account in strangers if (tracker, account.casefold()) in self._bots)
        return Holders(tuple(known), tuple(strangers), bots)

    def name(self, tracker: str, account: str) -> str | None:
        """The person an account belongs to, or None."""
        return self._by_account.get((tracker, account.casefold()))

    def account(self, tracker: str, id_: str) -> Account | None:
        """What a tracker shows of an account; None where it was never seen."""
        return self.seen.get((tracker, id_.casefold()))

    def accounts(self, name: str, tracker: str) -> tuple[str, ...]:
        """A person's accounts in a tracker, the one to write first."""
        person = self._by_name.get(name)
        return person.accounts.get(tracker, ()) if person else ()

    def roles(self, name: str) -> tuple[str, ...]:
        """The roles a person holds; none where none are configured, or where nobody is called so."""
        person = self._by_name.get(name)
        return person.roles if person else ()

    def ranked(self, names: Iterable[str]) -> list[str]:
        """Names in the configured order."""
        return sorted(names, key=lambda name: (self._rank.get(name, len(self._rank)), name))
