"""Writing who owns an issue: its assignee and, where the configuration names a field for them, its co-owners.

The assignee is set by a request of its own, which needs the permission "Assign issues" and no screen; the field only by
an edit, which needs it on the edit screen. Where the assignee is on that screen too, one edit does both. Else they
change one after the other, and on the way the issue shows whom it showed, whom it shall show, or both together, and
nothing else: that is what is remembered of a write in doubt.

Sources: Atlassian, "The Jira Cloud platform REST API" v3 ("Assign issue", "Get edit issue metadata", "Edit issue",
"Find users assignable to issues"); the Jira Data Center REST API v2, which names people by ``name`` in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trackersync.connector import Answer, AuthError, Change, NotFoundError, RejectedError, UnavailableError, fold
from trackersync_jira.api import Api
from trackersync_jira.refusals import refused
from trackersync_jira.shapes import EditField, Issue, User
from trackersync_jira.site import Site
from trackersync_jira.users import account_id, co_owners, owners

ASSIGNEE = "assignee"
_NOTHING = "Nothing was written."


@dataclass(frozen=True, slots=True)
class Owned:
    """Who owns an issue: the assignee, and those in the field."""

    assignee: str | None
    others: tuple[str, ...] = ()

    @property
    def all(self) -> frozenset[str]:
        """Everybody, to be compared."""
        return fold((*((self.assignee,) if self.assignee else ()), *self.others))


@dataclass(frozen=True, slots=True)
class Screen:
    """What may be edited of an issue's owners.

    Attributes:
        together: the assignee too, so that one edit changes both.
        several: the field holds several users.
        bit_by_bit: who comes and goes is told one by one, so that nobody else is touched.
    """

    together: bool
    several: bool
    bit_by_bit: bool = False


async def write(api: Api, change: Change, issue: Issue) -> None:
    """Make an issue show the owners of a change, and no others.

    Args:
        api: Jira.
        change: of owners; ``after`` names all who shall own it, strangers among them.
        issue: as it was just now.

    Raises:
        RejectedError: somebody may not own it, the field cannot hold them, or Jira refuses; ``partly`` after the first
            of several steps.
        AuthError, UnavailableError: not done, or in doubt.
    """
    site = api.site
    wanted = change.after.get("owners", ())
    if len(wanted) > 1 and not site.co_owners:
        raise RejectedError(
            f"{change.key}: Jira holds one assignee, not {len(wanted)}. Name a field for the others as `co_owners`. "
            f"{_NOTHING}"
        )
    now, goal = plan(site, issue, wanted)
    known = {user.casefold(): user for user in (*now.others, *((now.assignee,) if now.assignee else ()))}
    spelled = {}
    for account in (*((goal.assignee,) if goal.assignee else ()), *goal.others):
        new = account.casefold() not in known or (account == goal.assignee and now.assignee != account)
        spelled[account] = await _exactly(api, account, issue) if new else known[account.casefold()]
    goal = Owned(spelled.get(goal.assignee or ""), tuple(spelled[account] for account in goal.others))
    if fold(now.others) == fold(goal.others):
        goal = Owned(goal.assignee, now.others)
        await _send(api, change, now, goal, Screen(together=False, several=True), partly=False)
        return
    screen = await _screen(api, change, now, goal)
    done = now
    for step in steps(now, goal, screen, change.key):
        await _send(api, change, done, step, screen, partly=done is not now)
        done = step


def plan(site: Site, issue: Issue, wanted: Sequence[str]) -> tuple[Owned, Owned]:
    """Who owns an issue now, and who shall: the assignee stays if wanted, else the first person does it."""
    users = {account_id(site, issue.key, user).casefold(): user for user in reversed(owners(site, issue))}
    assignee = issue.fields.assignee
    now = Owned(
        account_id(site, issue.key, assignee) if assignee is not None else None,
        tuple(account_id(site, issue.key, user) for user in co_owners(site, issue)),
    )
    ranked = sorted(wanted, key=lambda account: _unfit(users.get(account.casefold())))
    first = next(iter(ranked), None)
    if now.assignee is not None and now.assignee.casefold() in fold(wanted):
        first = now.assignee
    others = tuple(account for account in wanted if first is None or account.casefold() != first.casefold())
    return now, Owned(first, others)


def steps(now: Owned, goal: Owned, screen: Screen, key: str) -> tuple[Owned, ...]:
    """What an issue shows one after the other until it shows the goal, each a request away from the one before.

    Raises:
        RejectedError: there is no way that shows only whom it showed, whom it shall show, or both together.
    """
    if now.assignee == goal.assignee or screen.together:
        return (goal,)
    both = now.all | goal.all
    for step in (Owned(now.assignee, goal.others), Owned(goal.assignee, now.others)):
        if step.all in (now.all, goal.all, both):
            return (step, goal)
    if not screen.several:
        raise RejectedError(
            f"{key}: assignee and co-owner cannot change one after the other, and the assignee is not on the edit "
            f"screen. Put it there, or name a field for several users as `co_owners`. {_NOTHING}"
        )
    everybody = (*((now.assignee,) if now.assignee else ()), *now.others)
    coming = (*((goal.assignee,) if goal.assignee else ()), *goal.others)
    union = (*everybody, *(one for one in coming if one.casefold() not in fold(everybody)))
    return (Owned(now.assignee, union), Owned(goal.assignee, union), goal)


def _unfit(user: User | None) -> bool:
    """Whether somebody is the last who should become the assignee: an app, or an account that was closed."""
    return user is not None and (user.account_type == "app" or user.active is False)


async def _exactly(api: Api, account: str, issue: Issue) -> str:
    """The account as Jira spells it, if it may be assigned: the exact one and nobody who is merely found with it.

    User names of Data Center are not told apart by case; account ids are.
    """
    cloud, project = api.site.cloud, issue.fields.project.key
    try:
        users = await api.assignable(account, issue.key)
    except NotFoundError:
        # The issue was there just now: it is the account that nobody knows.
        users = ()
    for user in users:
        found = (user.account_id if cloud else user.name) or ""
        # Cloud leaves closed accounts out; a Data Center's directory may still list them.
        if user.active is not False and (found == account or (not cloud and found.casefold() == account.casefold())):
            return found
    raise RejectedError(
        f"{issue.key}: {account} is not assignable in {project}: no such account, deactivated, or without "
        f'the permission "Assignable user" there. {_NOTHING} Give the permission, or correct the account '
        "of this person under `people`; on Data Center a renamed user has another user name."
    )


async def _screen(api: Api, change: Change, now: Owned, goal: Owned) -> Screen:
    """What may be edited.

    Raises:
        RejectedError: the field may not be edited here, holds no users, or fewer than are wanted.
    """
    fields = await api.edit_screen(change.ref.id, change.key)
    field = fields.get(api.site.co_owners)
    if field is None:
        raise RejectedError(
            f"{change.key}: the field `co_owners` ({api.site.co_owners}) may not be edited: it is not on the edit "
            'screen of this project and issue type, or this account has not the permission "Edit issues". '
            f"{_NOTHING} Put it on the screen, give the permission, or take `co_owners` off this tracker."
        )
    several = _several(field, change)
    if not several and len(goal.others) > 1:
        raise RejectedError(
            f"{change.key}: the field {field.name or api.site.co_owners} holds one user, and {len(goal.others)} are to "
            f"own the issue besides {goal.assignee}. {_NOTHING} Write `most_owners: 2`, or name a field for several "
            "users as `co_owners`."
        )
    together = ASSIGNEE in fields and (goal.assignee is not None or not several)
    return Screen(together and now.assignee != goal.assignee, several, {"add", "remove"} <= set(field.operations))


def _several(field: EditField, change: Change) -> bool:
    """Whether a field holds several users, and not one.

    Raises:
        RejectedError: it holds no users.
    """
    type_, items = (field.schema.type, field.schema.items) if field.schema else ("", "")
    if type_ == "user":
        return False
    if (type_, items) == ("array", "user"):
        return True
    raise RejectedError(
        f"{change.key}: the field {field.name} holds no users but {items or type_ or 'something else'}. {_NOTHING} "
        "Name a field for users (its type is User Picker, for several users) as `co_owners`."
    )


async def _send(api: Api, change: Change, now: Owned, goal: Owned, screen: Screen, *, partly: bool) -> None:
    site, key = api.site, change.key
    try:
        if now.others == goal.others:
            answer = await api.assign(change.ref.id, goal.assignee, fact=change.field)
        else:
            body = _edit(site, now, goal, screen)
            answer = await api.edit(change.ref.id, body, fact=change.field)
    except (AuthError, UnavailableError) as error:
        if not partly:
            raise
        later = error.retry_after if isinstance(error, UnavailableError) else None
        raise UnavailableError(f"{key} is half written: {error}", retry_after=later, in_doubt=True) from error
    _expect_done(answer, key, now, goal, partly=partly)


def _edit(site: Site, now: Owned, goal: Owned, screen: Screen) -> Mapping[str, object]:
    """The body of an edit: the field, and the assignee where he changes too."""

    def named(account: str) -> dict[str, str]:
        return {"accountId" if site.cloud else "name": account}

    fields: dict[str, object] = {}
    update: dict[str, object] = {}
    if now.assignee != goal.assignee:
        fields[ASSIGNEE] = named(goal.assignee) if goal.assignee else None
    if not screen.several:
        fields[site.co_owners] = named(goal.others[0]) if goal.others else None
    elif not screen.bit_by_bit:
        fields[site.co_owners] = [named(account) for account in goal.others]
    else:
        coming = [{"add": named(one)} for one in goal.others if one.casefold() not in fold(now.others)]
        going = [{"remove": named(one)} for one in now.others if one.casefold() not in fold(goal.others)]
        update[site.co_owners] = coming + going
    return {name: part for name, part in (("fields", fields), ("update", update)) if part}


def _expect_done(answer: Answer, key: str, now: Owned, goal: Owned, *, partly: bool) -> None:
    if 200 <= answer.status < 300:
        return
    doing = f"to assign {goal.assignee}" if goal.assignee else "to take the assignee off"
    if now.others != goal.others:
        doing = f"to make {' and '.join(goal.others) or 'nobody'} co-owner" + ("s" if len(goal.others) > 1 else "")
    remedy = "Some of it was written before." if partly else _NOTHING
    if goal.assignee is None and now.assignee is not None and answer.status == 400:
        # UNVERIFIED in the documentation: that a project which insists on assignees answers so.
        remedy += (
            ' A site may insist on assignees: allow "unassigned issues" in Jira\'s general configuration, give the '
            "issue to somebody, or take `owners` off this tracker's `writes`."
        )
    error = refused(answer, f"{key}: Jira refuses {doing}", remedy)
    if not partly:
        raise error
    if isinstance(error, UnavailableError):
        raise UnavailableError(str(error), retry_after=error.retry_after, in_doubt=True)
    raise RejectedError(str(error), partly=True)
