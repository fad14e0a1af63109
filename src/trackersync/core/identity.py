"""Who is who across trackers: from the configured people and the accounts seen to one identity map.

Two things decide: the configuration, and an e-mail address that the tracker itself vouches for. Both are exact: an
address is compared without regard to case and otherwise as it stands, since for some hosts ``ada+shop@`` and ``ada@``
are two people. Whatever is less than that is proposed to people (``likeness``) and never used, because a wrong match
hands one person's work to another in every tracker at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from trackersync.core.likeness import Confidence, Kept, Proposal, folded, mail_of, name_of, proposed
from trackersync.core.model import Account, Person


@dataclass(frozen=True, slots=True)
class Match:
    """An account, and the person it surely is.

    Attributes:
        account: as last seen; of one never seen, what the configuration says.
        person: their name.
        reason: how that is known, in words.
        confidence: how sure it is.
        seen: it has owned an item.
    """

    account: Account
    person: str
    reason: str
    confidence: Confidence
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity map. Every account seen stands in exactly one place of it.

    Attributes:
        people: the configured persons in their order, with the accounts matched to them; then those whom only an
            e-mail address makes one.
        matches: the accounts whose person is known, person by person.
        proposals: the accounts that could be somebody's; never used.
        unmapped: all other accounts; apps and bots too.
    """

    people: tuple[Person, ...]
    matches: tuple[Match, ...]
    proposals: tuple[Proposal, ...]
    unmapped: tuple[Account, ...]


Login = tuple[str, str]
"""What only one account can have: its tracker, and its id without regard to case."""


def identify(people: Iterable[Person], accounts: Iterable[Account], trackers: Iterable[str]) -> Identity:
    """Say who is who.

    Args:
        people: the configured ones, in their order. What two of them claim is the first one's.
        accounts: as seen on items, in any order.
        trackers: the configured trackers in their order; accounts of others are left out.
    """
    people = tuple(people)
    rank = {tracker: place for place, tracker in enumerate(trackers)}
    seen: dict[Login, Account] = {}
    here = [account for account in accounts if account.tracker in rank]
    for account in sorted(here, key=lambda one: (rank[one.tracker], folded(one.id), one.id)):
        seen.setdefault(_login(account), account)
    claims = _claims(people)
    free = [account for login, account in seen.items() if login not in claims]
    mailed = list(_mailed(people, free, _Mails(people, claims, seen)))
    known = tuple(_merged(people, claims, mailed))
    matches: dict[str, list[Match]] = defaultdict(list)
    for match in (*_configured(claims, seen), *mailed):
        matches[match.person].append(match)
    sure = {_login(match.account) for match in mailed}
    left = [account for account in free if _login(account) not in sure]
    proposals = proposed(
        [Kept(person, tuple(match.account for match in matches[person.name] if match.seen)) for person in known],
        [account for account in left if account.human is not False],
    )
    told = {_login(account) for one in proposals for account in (one.account, one.twin) if account is not None}
    return Identity(
        people=known,
        matches=tuple(match for person in known for match in matches[person.name]),
        proposals=proposals,
        unmapped=tuple(account for account in left if _login(account) not in told),
    )


def _login(account: Account) -> Login:
    return account.tracker, folded(account.id)


def _claims(people: Iterable[Person]) -> dict[Login, tuple[str, str]]:
    """By account, the person to whom the configuration gives it, and its id as it is written there."""
    claims: dict[Login, tuple[str, str]] = {}
    for person in people:
        for tracker, ids in person.accounts.items():
            for each in ids:
                claims.setdefault((tracker, folded(each)), (person.name, each))
    return claims


def _configured(claims: Mapping[Login, tuple[str, str]], seen: Mapping[Login, Account]) -> Iterator[Match]:
    for login, (person, each) in claims.items():
        account = seen.get(login, Account(login[0], each, each))
        yield Match(account, person, "configuration", Confidence.CERTAIN, login in seen)


class _Mails:
    """By address: the accounts that show it, and the persons it surely belongs to."""

    def __init__(
        self, people: Iterable[Person], claims: Mapping[Login, tuple[str, str]], seen: Mapping[Login, Account]
    ) -> None:
        self.free: dict[str, list[Account]] = defaultdict(list)
        self.claimed: dict[str, list[Account]] = defaultdict(list)
        self.persons: dict[str, dict[str, None]] = defaultdict(dict)
        for person in people:
            if person.email:
                self.persons[mail_of(person.email)][person.name] = None
        for login, account in seen.items():
            if account.email:
                mail = mail_of(account.email)
                (self.claimed if login in claims else self.free)[mail].append(account)
                if login in claims and _vouched(account):
                    self.persons[mail][claims[login][0]] = None


def _mailed(people: Sequence[Person], free: Iterable[Account], mails: _Mails) -> Iterator[Match]:
    """The accounts whose address says who they are: of configured persons, then of those nobody configured."""
    news: list[tuple[str, list[Account]]] = []
    for mail in dict.fromkeys(mail_of(account.email) for account in free if account.email):
        # Of two accounts in one tracker, which to write to would be a guess; and a shared mailbox looks just like it.
        often = Counter(account.tracker for account in mails.free[mail])
        sound = [
            account
            for account in mails.free[mail]
            if _vouched(account) and account.active is not False and often[account.tracker] == 1
        ]
        persons = mails.persons[mail]
        if len(persons) == 1:
            yield from (_by_mail(account, name) for name in persons for account in sound)
        elif not persons and not mails.claimed[mail] and len(sound) > 1 and max(often.values()) == 1:
            news.append((name_of(sound), sound))
    # Persons of one name are told apart by an account, all of them: no name hangs on who was seen first.
    common = Counter(folded(name) for name in (*(person.name for person in people), *(name for name, _ in news)))
    for name, sound in news:
        alone = common[folded(name)] == 1
        full = name if alone else f"{name} ({sound[0].tracker} {sound[0].id})"
        yield from (_by_mail(account, full) for account in sound)


def _vouched(account: Account) -> bool:
    """Whether its address says who it is."""
    return account.verified and account.human is not False


def _by_mail(account: Account, person: str) -> Match:
    return Match(account, person, f"verified e-mail {mail_of(account.email)}", Confidence.HIGH)


def _merged(
    people: Iterable[Person], claims: Mapping[Login, tuple[str, str]], mailed: Iterable[Match]
) -> Iterator[Person]:
    """The configured persons, their configured accounts first; then those nobody configured."""
    held: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    mails: dict[str, str] = {}
    for (tracker, _), (person, each) in claims.items():
        held[person][tracker] = (*held[person].get(tracker, ()), each)
    for match in mailed:
        tracker, each = match.account.tracker, match.account.id
        held[match.person][tracker] = (*held[match.person].get(tracker, ()), each)
        mails[match.person] = mail_of(match.account.email)
    for one in people:
        yield replace(one, accounts=MappingProxyType(held.pop(one.name, {})))
    for name, accounts in held.items():
        yield Person(name, MappingProxyType(accounts), mails[name])
