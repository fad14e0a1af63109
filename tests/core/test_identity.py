"""Who is who across trackers: what decides, what is only proposed, and what never happens whoever else turns up."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackersync.core.identity import Identity, identify
from trackersync.core.likeness import Confidence
from trackersync.core.model import Account, Person
from trackersync.core.people import Directory

TRACKERS = ("github", "jira", "old-jira", "dc")
"""GitHub shows no addresses; jira and old-jira are Clouds and vouch for them; dc is a Data Center and does not."""

ADA = Person("ada-l", {"github": ("ada-l",)}, "ada-l@acme.example", ("engineer",))
GRACE = Person("grace-h", {"github": ("grace-h",)}, "grace-h@acme.example")


def github(login: str, *, human: bool | None = None) -> Account:
    return Account("github", login, login, human=human)


def cloud(
    id_: str,
    name: str,
    email: str | None = None,
    *,
    active: bool | None = True,
    human: bool = True,
    verified: bool = True,
    tracker: str = "jira",
) -> Account:
    return Account(tracker, id_, name, email, active, human, verified and email is not None)


def center(user: str, name: str, email: str | None = None) -> Account:
    return Account("dc", user, name, email, active=True)


def matched(found: Identity) -> dict[str, str]:
    """By ``tracker id``, the person; without what the configuration says of accounts nobody has seen."""
    return {f"{one.account.tracker} {one.account.id}": one.person for one in found.matches if one.seen}


def proposals(found: Identity) -> dict[str, tuple[str, ...]]:
    return {f"{one.account.tracker} {one.account.id}": one.could_be for one in found.proposals}


def reasons(found: Identity) -> dict[str, str]:
    every = (*found.matches, *found.proposals)
    return {f"{one.account.tracker} {one.account.id}": f"{one.confidence}: {one.reason}" for one in every}


@dataclass(frozen=True)
class Row:
    """People and accounts; who is matched to whom, who could be whom, and each one's confidence and reason."""

    people: tuple[Person, ...]
    accounts: tuple[Account, ...]
    matched: dict[str, str] = field(default_factory=dict)
    proposed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


MAIL = "ada-l@acme.example"
ROWS = {
    "configured: certain, also by another spelling": Row(
        (ADA,), (github("Ada-L"),), {"github Ada-L": "ada-l"}, {}, {"github Ada-L": "certain: configuration"}
    ),
    "a verified address of one configured person": Row(
        (ADA, GRACE),
        (cloud("j1", "Ada", MAIL),),
        {"jira j1": "ada-l"},
        {},
        {"jira j1": "high: verified e-mail ada-l@acme.example"},
    ),
    "case does not matter in an address": Row((ADA,), (cloud("j1", "A", "Ada-L@ACME.example"),), {"jira j1": "ada-l"}),
    "a tag after + is another address": Row((ADA,), (cloud("j1", "A", "ada-l+shop@acme.example"),)),
    "dots are another address": Row((ADA,), (cloud("j1", "A", "adal@acme.example"),)),
    "ß is not ss": Row((replace(ADA, email="strasse@acme.example"),), (cloud("j1", "A", "straße@acme.example"),)),
    "an address nobody vouches for is proposed": Row(
        (ADA,),
        (center("al", "A. L.", MAIL),),
        {},
        {"dc al": ("ada-l",)},
        {"dc al": "fair: e-mail ada-l@acme.example, not verified by dc"},
    ),
    "a verified address of an account in each tracker makes a person": Row(
        (),
        (cloud("j1", "Ada", MAIL), cloud("o1", "Ada Lovelace", MAIL, tracker="old-jira")),
        {"jira j1": "Ada", "old-jira o1": "Ada"},
        {},
        {"old-jira o1": "high: verified e-mail ada-l@acme.example"},
    ),
    "a person is named by a login where there is one": Row(
        (),
        (cloud("j1", "Ada", MAIL), replace(github("ada-l"), email=MAIL, verified=True)),
        {"github ada-l": "ada-l", "jira j1": "ada-l"},
    ),
    "a configured account that vouches for the address tells whose it is": Row(
        (Person("ada-l", {"jira": ("j1",)}),),
        (cloud("j1", "Ada", MAIL), cloud("o1", "A.", MAIL, tracker="old-jira")),
        {"jira j1": "ada-l", "old-jira o1": "ada-l"},
    ),
    "one of two accounts of a tracker is configured: the other is theirs too": Row(
        (Person("ada-l", {"jira": ("j1",)}),),
        (cloud("j1", "Ada", MAIL), cloud("j2", "Ada at home", MAIL)),
        {"jira j1": "ada-l", "jira j2": "ada-l"},
    ),
    "two accounts of a tracker share it and neither is configured": Row(
        (ADA,),
        (cloud("j1", "Ada", MAIL), cloud("j2", "Ada at home", MAIL)),
        {},
        {"jira j1": ("ada-l",), "jira j2": ("ada-l",)},
        {"jira j1": "fair: e-mail ada-l@acme.example, which 2 accounts of jira have"},
    ),
    "they do not spoil the account of another tracker": Row(
        (ADA,),
        (cloud("j1", "A", MAIL), cloud("j2", "B", MAIL), cloud("o1", "C", MAIL, tracker="old-jira")),
        {"old-jira o1": "ada-l"},
        {"jira j1": ("ada-l",), "jira j2": ("ada-l",)},
    ),
    "of nobody configured, two in one tracker spoil the third": Row(
        (),
        (cloud("j1", "A", MAIL), cloud("j2", "B", MAIL), cloud("o1", "C", MAIL, tracker="old-jira")),
        {},
        {"jira j2": ("A",), "old-jira o1": ("A",)},
        {"old-jira o1": "fair: e-mail ada-l@acme.example, which several accounts have"},
    ),
    "of nobody configured, two in a tracker that does not vouch spoil it too": Row(
        (),
        (
            cloud("j1", "A", MAIL),
            cloud("o1", "B", MAIL, tracker="old-jira"),
            center("x", "X", MAIL),
            center("y", "Y", MAIL),
        ),
        {},
        {"old-jira o1": ("A",), "dc x": ("A",), "dc y": ("A",)},
    ),
    "two persons share it": Row(
        (ADA, replace(GRACE, email=MAIL)),
        (cloud("j1", "Team", MAIL),),
        {},
        {"jira j1": ("ada-l", "grace-h")},
        {"jira j1": "fair: e-mail ada-l@acme.example, which ada-l and grace-h share"},
    ),
    "a configured account of somebody else vouches for it": Row(
        (ADA, Person("grace-h", {"jira": ("j1",)})),
        (cloud("j1", "Grace", MAIL), cloud("o1", "A", MAIL, tracker="old-jira")),
        {"jira j1": "grace-h"},
        {"old-jira o1": ("ada-l", "grace-h")},
    ),
    "a configured account of somebody else only writes it down": Row(
        (ADA, Person("grace-h", {"dc": ("gh",)})),
        (center("gh", "Grace", MAIL), cloud("j1", "A", MAIL)),
        {"dc gh": "grace-h", "jira j1": "ada-l"},
    ),
    "whoever only writes an address down draws nobody to them": Row(
        (Person("grace-h", {"dc": ("gh",)}),),
        (center("gh", "Grace", MAIL), cloud("j1", "A", MAIL), cloud("o1", "A", MAIL, tracker="old-jira")),
        {"dc gh": "grace-h"},
        {"jira j1": ("grace-h",), "old-jira o1": ("grace-h",)},
        {"jira j1": "fair: e-mail ada-l@acme.example, not verified by dc"},
    ),
    "an app is nobody": Row((ADA,), (cloud("j1", "Automation", MAIL, human=False),)),
    "a configured app vouches for nobody": Row(
        (Person("bot", {"jira": ("j1",)}),),
        (cloud("j1", "Automation", MAIL, human=False), cloud("o1", "A", MAIL, tracker="old-jira")),
        {"jira j1": "bot"},
        {"old-jira o1": ("bot",)},
    ),
    "a deactivated account is proposed": Row(
        (ADA,),
        (cloud("j1", "Ada", MAIL, active=False),),
        {},
        {"jira j1": ("ada-l",)},
        {"jira j1": "fair: e-mail ada-l@acme.example, but deactivated in jira"},
    ),
    "whether it is active need not be told": Row((ADA,), (cloud("j1", "A", MAIL, active=None),), {"jira j1": "ada-l"}),
    "the configuration has given the account to somebody else": Row(
        (ADA, Person("grace-h", {"jira": ("J1",)})), (cloud("j1", "Ada", MAIL),), {"jira j1": "grace-h"}
    ),
    "the same login in two trackers": Row(
        (),
        (github("Ada-L"), center("ada-l", "Ada Lovelace")),
        {},
        {"dc ada-l": ("Ada-L",)},
        {"dc ada-l": 'fair: same login "ada-l"'},
    ),
    "the same login as a configured account": Row(
        (replace(ADA, name="Ada"),), (center("ada-l", "A."),), {}, {"dc ada-l": ("Ada",)}
    ),
    "the same login as the name of a person": Row(
        (Person("ada-l", {"jira": ("j1",)}),), (github("ada-l"),), {}, {"github ada-l": ("ada-l",)}
    ),
    "a login that begins an address": Row(
        (),
        (github("ada-l"), cloud("j1", "Ada Lovelace", MAIL)),
        {},
        {"jira j1": ("ada-l",)},
        {"jira j1": "fair: e-mail ada-l@acme.example, as their login"},
    ),
    "a login that begins the address of a person": Row(
        (Person("Ada Lovelace", {"jira": ("j1",)}, MAIL),),
        (github("Ada-L"),),
        {},
        {"github Ada-L": ("Ada Lovelace",)},
        {"github Ada-L": 'fair: login "Ada-L", as in their e-mail'},
    ),
    "the same name": Row(
        (),
        (cloud("j1", "Ada  Lovelace"), center("al", "ada lovelace")),
        {},
        {"dc al": ("Ada  Lovelace",)},
        {"dc al": 'low: same name "ada lovelace"'},
    ),
    "the same name twice in one tracker is nothing": Row((), (cloud("j1", "Ada"), cloud("j2", "Ada"))),
    "the same name as a person's other account there": Row(
        (Person("ada-l", {"jira": ("j1",)}),),
        (cloud("j1", "Ada"), cloud("j2", "Ada")),
        {"jira j1": "ada-l"},
        {"jira j2": ("ada-l",)},
    ),
    "a name that many bear is nobody's": Row(
        (),
        (center("al", "Former user"), *(cloud(f"j{number}", "Former user") for number in range(4))),
    ),
    "a name that three persons bear is any one's": Row(
        tuple(Person(f"p{number}", {"jira": (f"j{number}",)}) for number in range(3)),
        (center("al", "Ada"), *(cloud(f"j{number}", "Ada") for number in range(3))),
        {f"jira j{number}": f"p{number}" for number in range(3)},
        {"dc al": ("p0", "p1", "p2")},
    ),
    "the surest sign is told": Row(
        (ADA, Person("Ada Lovelace", {"jira": ("j9",)})),
        (center("ada-l", "Ada Lovelace"),),
        {},
        {"dc ada-l": ("ada-l",)},
    ),
    "likeness goes on: as unsure as its weakest link": Row(
        (Person("Ada", {"jira": ("j1",)}),),
        (cloud("j1", "al"), github("al"), center("al", "A. L.")),
        {"jira j1": "Ada"},
        {"github al": ("Ada",), "dc al": ("Ada",)},
        {"github al": 'low: same name "al"', "dc al": 'low: same login "al"'},
    ),
    "an account of a tracker that is not configured is nobody's": Row(
        (ADA,), (replace(cloud("j1", "Ada", MAIL), tracker="gone"),)
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_who_is_who(name: str) -> None:
    row = ROWS[name]
    found = identify(row.people, row.accounts, TRACKERS)

    assert matched(found) == row.matched
    assert proposals(found) == row.proposed
    assert reasons(found).items() >= row.reasons.items()
    said = reasons(found)
    assert all(text.partition(": ")[2] for text in said.values()), "each has its reason"


def test_every_account_stands_in_one_place() -> None:
    bot, stranger = github("dependabot[bot]", human=False), github("octocat")
    found = identify((ADA,), (github("ada-l"), bot, center("octocat", "Octo"), stranger, github("kath-j")), TRACKERS)

    assert matched(found) == {"github ada-l": "ada-l"}
    (proposal,) = found.proposals
    assert (proposal.account.tracker, proposal.twin) == ("dc", stranger)
    assert found.unmapped == (bot, github("kath-j"))


def test_a_login_names_whoever_could_be_one_person_wherever_its_tracker_stands() -> None:
    found = identify((), (github("Ada-L"), center("ada-l", "Ada Lovelace")), ("dc", "github"))
    assert proposals(found) == {"dc ada-l": ("Ada-L",)}


def test_a_configured_account_is_the_one_to_write_to() -> None:
    ada = Person("ada-l", {"jira": ("j5",)}, MAIL)
    found = identify((ada,), (cloud("j1", "Ada", MAIL), cloud("j5", "A", "other@acme.example")), TRACKERS)

    assert found.people == (replace(ada, accounts={"jira": ("j5", "j1")}),)


def test_those_nobody_configured_come_last_by_name_and_with_their_address() -> None:
    pair = (cloud("j1", "Zoe", "z@acme.example"), cloud("o1", "Zoe Z", "Z@acme.example", tracker="old-jira"))
    directory = Directory((GRACE, ADA), pair, TRACKERS)

    assert [person.name for person in directory.people] == ["grace-h", "ada-l", "Zoe"]
    assert directory.people[2] == Person("Zoe", {"jira": ("j1",), "old-jira": ("o1",)}, "z@acme.example")
    assert directory.holders("old-jira", ("O1", "x")).known == ("Zoe",)
    assert directory.ranked(["Zoe", "ada-l", "grace-h"]) == ["grace-h", "ada-l", "Zoe"]


@pytest.mark.parametrize("people", [(), (Person("ada", {"github": ("x",)}),)], ids=["two", "and a configured one"])
def test_persons_of_one_name_are_told_apart(people: tuple[Person, ...]) -> None:
    accounts = [
        cloud(f"{tracker[0]}{number}", "Ada", f"ada{number}@acme.example", tracker=tracker)
        for number in range(2 - len(people))
        for tracker in ("jira", "old-jira")
    ]
    names = [person.name for person in identify(people, accounts, TRACKERS).people]

    assert len({name.casefold() for name in names}) == 2
    assert names[-1] == f"Ada (jira j{1 - len(people)})"


def test_a_directory_meets_accounts_and_keeps_its_configuration() -> None:
    directory = Directory((ADA,))
    assert directory.name("jira", "j1") is None
    met = directory.meeting((cloud("j1", "A", MAIL),), TRACKERS)
    assert met.name("jira", "J1") == "ada-l"
    assert met.accounts("ada-l", "jira") == ("j1",)
    assert met.meeting((), TRACKERS).name("jira", "j1") is None, "an account that is no longer vouched for is nobody's"


# Whoever else turns up.

NAMES = st.sampled_from(["ada-l", "Ada-L", "grace-h", "Ada", "Grace", "x"])
MAILS = st.sampled_from([None, "a@x.example", "A@x.example", "b@x.example", "ada-l@x.example", "c@x.example"])


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    email = draw(MAILS)
    return Account(
        draw(st.sampled_from(TRACKERS)),
        draw(NAMES) if draw(st.booleans()) else f"id{draw(st.integers(0, 5))}",
        draw(NAMES),
        email,
        draw(st.sampled_from([None, True, False])),
        draw(st.sampled_from([None, True, False])),
        draw(st.booleans()) and email is not None,
    )


@st.composite
def persons(draw: st.DrawFn) -> tuple[Person, ...]:
    names = draw(st.lists(st.sampled_from(["ada-l", "grace-h", "Ada", "alan-t"]), unique=True, max_size=4))
    ids = st.one_of(NAMES, st.integers(0, 5).map(lambda number: f"id{number}"))
    held = st.dictionaries(st.sampled_from(TRACKERS), st.lists(ids, min_size=1, max_size=2).map(tuple), max_size=3)
    return tuple(Person(name, draw(held), draw(MAILS)) for name in names)


def places(found: Identity) -> dict[tuple[str, str], str]:
    """By account, the person who surely has it."""
    return {
        (tracker, each.casefold()): person.name
        for person in found.people
        for tracker, ids in person.accounts.items()
        for each in ids
    }


SEEN = st.lists(accounts(), max_size=12)


@given(persons(), SEEN, st.randoms(use_true_random=False))
def test_the_order_in_which_accounts_are_seen_is_nothing(
    people: tuple[Person, ...], seen: list[Account], dice: random.Random
) -> None:
    once = {(one.tracker, one.id.casefold()): one for one in seen}
    shuffled = list(once.values())
    dice.shuffle(shuffled)
    turned = [replace(one, accounts=dict(reversed(list(one.accounts.items())))) for one in people]

    found = identify(people, once.values(), TRACKERS)
    assert identify(people, shuffled, TRACKERS) == found
    assert places(identify(turned, shuffled, TRACKERS)) == places(found)


@given(persons(), SEEN)
def test_no_account_is_two_persons_and_the_configuration_wins(people: tuple[Person, ...], seen: list[Account]) -> None:
    found = identify(people, seen, TRACKERS)
    held = [
        (tracker, each.casefold())
        for person in found.people
        for tracker, ids in person.accounts.items()
        for each in dict.fromkeys(one.casefold() for one in ids)
    ]
    assert len(held) == len(set(held))
    first: dict[tuple[str, str], str] = {}
    for person in people:
        for tracker, ids in person.accounts.items():
            for each in ids:
                first.setdefault((tracker, each.casefold()), person.name)
    assert places(found).items() >= first.items()
    assert [person.name for person in found.people][: len(people)] == [person.name for person in people]
    assert len({person.name for person in found.people}) == len(found.people)


@given(persons(), SEEN)
def test_every_account_seen_is_matched_proposed_or_unmapped(people: tuple[Person, ...], seen: list[Account]) -> None:
    found = identify(people, seen, TRACKERS)
    twins = {(one.twin.tracker, one.twin.id.casefold()) for one in found.proposals if one.twin is not None}
    told = [one.account for one in chain((one for one in found.matches if one.seen), found.proposals)]
    told += found.unmapped
    logins = [(one.tracker, one.id.casefold()) for one in told]
    assert len(logins) == len(set(logins))
    assert {*logins, *twins} == {(one.tracker, one.id.casefold()) for one in seen}
    assert all(one.confidence in (Confidence.CERTAIN, Confidence.HIGH) for one in found.matches)
    assert all(one.confidence in (Confidence.FAIR, Confidence.LOW) for one in found.proposals)
    for match in found.matches:
        if match.confidence is Confidence.HIGH:
            assert match.account.verified
            assert match.account.active is not False
            assert match.account.human is not False


@given(persons(), SEEN, accounts())
def test_one_more_account_makes_nobody_somebody_else(
    people: tuple[Person, ...], seen: list[Account], more: Account
) -> None:
    others = [one for one in seen if (one.tracker, one.id.casefold()) != (more.tracker, more.id.casefold())]
    before, after = (places(identify(people, some, TRACKERS)) for some in (others, [*others, more]))
    known = {person.name for person in people}
    if not more.email or more.email.lower() not in {(one.email or "").lower() for one in others}:
        assert after.items() >= before.items(), "an unrelated account changes no match at all"
    # A related one can make an address ambiguous, or tell more of those nobody configured.
    moved = {login: after[login] for login in before.keys() & after.keys() if after[login] != before[login]}
    assert not [login for login in moved if before[login] in known], "nobody configured becomes somebody else"
