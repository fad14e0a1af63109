"""Who an account could be: by an address that nobody vouches for, the same login, the same name.

Proposed to people, with the reason and how sure it is, and never used. A sign that many accounts of one tracker bear
(``Former user``, ``info@``) tells nobody apart and says nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trackersync.core.model import Account, Person

FEW = 3
"""Accounts of one tracker that may bear a sign; of more, it is nobody's."""


class Confidence(StrEnum):
    """How sure a match is, surest first. Only what is certain or high is used."""

    CERTAIN = "certain"
    HIGH = "high"
    FAIR = "fair"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Kept:
    """A person of the identity map, with their accounts as far as they were seen."""

    person: Person
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An account that could be somebody's.

    Attributes:
        account: it.
        could_be: the names of the persons, any one of whom it could be; or the name a new person would bear.
        reason: in words.
        confidence: fair or low.
        twin: where it could be nobody who is known: the account it would be one person with.
    """

    account: Account
    could_be: tuple[str, ...]
    reason: str
    confidence: Confidence
    twin: Account | None = None


def folded(text: str) -> str:
    """A login or a name as it is compared: without regard to case."""
    return text.casefold()


def mail_of(address: str | None) -> str:
    """An address as it is compared: in small letters, and otherwise as it stands."""
    return (address or "").strip().lower()


def name_of(accounts: Sequence[Account]) -> str:
    """What to call a person nobody configured: by a login, as GitHub calls people, else as the first tracker does."""
    return min(accounts, key=_anonymous).name


def _spoken(name: str) -> str:
    return folded(" ".join(name.split()))


def _anonymous(account: Account) -> bool:
    """Whether its id is not what people call it by."""
    return account.id != account.name


Sign = tuple[str, str]
"""What two accounts of one person may share: ``mail``, ``local`` part, ``id`` or ``name``, and what it is, folded."""


@dataclass(frozen=True, slots=True)
class _Likeness:
    """A sign an account bears, the sign that would be like it, and what that says in words."""

    mine: Sign
    theirs: Sign
    reason: str
    confidence: Confidence


def proposed(kept: Iterable[Kept], left: Sequence[Account]) -> tuple[Proposal, ...]:
    """Who the accounts that are left could be, by the surest sign of each; in their order.

    Args:
        kept: the persons of the identity map, in their order.
        left: the accounts of people that nobody is known to have, tracker by tracker.
    """
    signs = _Signs(kept, left)
    made: dict[Account, Proposal] = {}
    # Those called by a login first: a person is named by it, so the others are proposed to them.
    for account in sorted(left, key=_anonymous):
        found = _proposal(account, signs, made)
        if found is not None:
            made[account] = found
        signs.add(account)
    return tuple(made[account] for account in left if account in made)


class _Signs:
    """Who bears which sign."""

    def __init__(self, kept: Iterable[Kept], left: Iterable[Account]) -> None:
        self.persons: dict[Sign, dict[str, None]] = defaultdict(dict)
        self.accounts: dict[Sign, list[Account]] = defaultdict(list)
        self.often: Counter[tuple[Sign, str]] = Counter()
        self.showing: dict[Sign, Account] = {}
        for one in kept:
            for account in one.accounts:
                self._count(account)
                self.showing.setdefault(("mail", mail_of(account.email)), account)
            for sign in _signs_of(one):
                self.persons[sign][one.person.name] = None
        for account in left:
            self._count(account)
        self.common = {sign for (sign, _), number in self.often.items() if number > FEW}
        self.common |= {sign for sign, names in self.persons.items() if len(names) > FEW}

    def _count(self, account: Account) -> None:
        self.often.update((sign, account.tracker) for sign in _signs(account))

    def add(self, account: Account) -> None:
        """Let others be proposed to it from now on."""
        for sign in _signs(account):
            self.accounts[sign].append(account)


def _signs_of(kept: Kept) -> Iterator[Sign]:
    yield "id", folded(kept.person.name)
    yield "name", _spoken(kept.person.name)
    yield from (("id", folded(each)) for ids in kept.person.accounts.values() for each in ids)
    yield from _mail_signs(kept.person.email)
    for account in kept.accounts:
        yield from _signs(account)


def _signs(account: Account) -> Iterator[Sign]:
    yield from _mail_signs(account.email)
    yield "id", folded(account.id)
    yield "name", _spoken(account.name)


def _mail_signs(address: str | None) -> Iterator[Sign]:
    if address:
        yield "mail", mail_of(address)
        yield "local", folded(address.partition("@")[0])


def _likenesses(account: Account) -> Iterator[_Likeness]:
    """The signs by which it may be found, the surest first."""
    login, mail = ("id", folded(account.id)), mail_of(account.email)
    local = ("local", folded(mail.partition("@")[0]))
    if mail:
        yield _Likeness(("mail", mail), ("mail", mail), f"e-mail {mail}", Confidence.FAIR)
    yield _Likeness(login, login, f'same login "{account.id}"', Confidence.FAIR)
    yield _Likeness(login, ("local", login[1]), f'login "{account.id}", as in their e-mail', Confidence.FAIR)
    if mail:
        yield _Likeness(local, ("id", local[1]), f"e-mail {mail}, as their login", Confidence.FAIR)
    name = ("name", _spoken(account.name))
    yield _Likeness(name, name, f'same name "{account.name}"', Confidence.LOW)


def _proposal(account: Account, signs: _Signs, made: dict[Account, Proposal]) -> Proposal | None:
    for like in _likenesses(account):
        if like.mine in signs.common or like.theirs in signs.common:
            continue
        by_mail = like.mine[0] == "mail"
        names = tuple(signs.persons.get(like.theirs, ()))
        if names:
            other = signs.showing.get(like.theirs)
            reason = _unsure(account, like, names, other, signs) if by_mail else like.reason
            return Proposal(account, names, reason, like.confidence)
        # Within one tracker nothing but a shared address says that two accounts are one person.
        twins = (one for one in signs.accounts.get(like.theirs, ()) if by_mail or one.tracker != account.tracker)
        twin = next(twins, None)
        if twin is not None:
            reason = _unsure(account, like, (), twin, signs) if by_mail else like.reason
            beyond = made.get(twin)
            if beyond is None:
                return Proposal(account, (name_of((twin, account)),), reason, like.confidence, twin)
            lesser = max(like.confidence, beyond.confidence, key=list(Confidence).index)
            return Proposal(account, beyond.could_be, reason, lesser, beyond.twin)
    return None


def _unsure(account: Account, like: _Likeness, names: tuple[str, ...], other: Account | None, signs: _Signs) -> str:
    """An address that two share, and why it is not enough."""
    rivals = signs.often[like.mine, account.tracker]
    for one in (account, other):
        if one is not None and one.active is False:
            return f"{like.reason}, but deactivated in {one.tracker}"
        if one is not None and not one.verified:
            return f"{like.reason}, not verified by {one.tracker}"
    if rivals > 1:
        return f"{like.reason}, which {rivals} accounts of {account.tracker} have"
    if len(names) > 1:
        return f"{like.reason}, which {' and '.join(names)} share"
    return f"{like.reason}, which several accounts have"
