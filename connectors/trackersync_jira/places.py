"""Writing a stage: its status by transitions, labels, components and the custom field by one edit.

Where a change needs both, the edit comes first: whether the field is on the edit screen and offers the value, and
whether a transition leads on from here, is asked before anything is written. Only an issue that its status lets nobody
edit (the workflow property ``jira.issue.editable``) is moved first. On the way an issue shows its old labels with a
status on the path, or its new ones: nothing else than is remembered of a write in doubt.

Labels and components are added and removed one by one (``update``), since setting the whole list would undo what
somebody adds meanwhile. Everybody watching is told as of any edit: leaving that out takes an administrator
(``notifyUsers``), and of others Jira may ignore the whole request.

Sources: Atlassian, "The Jira Cloud platform REST API" v3 ("Edit issue", "Get edit issue metadata"); "Workflow
properties"; the Jira Data Center REST API v2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from trackersync.connector import (
    AuthError,
    Change,
    Item,
    NotFoundError,
    RejectedError,
    StaleError,
    UnavailableError,
    fold,
)
from trackersync_jira.api import Api
from trackersync_jira.filling import Filling, UnfitError, offered, spelled
from trackersync_jira.intended import expect_intended
from trackersync_jira.items import item
from trackersync_jira.refusals import refused
from trackersync_jira.shapes import EditField, ScreenField
from trackersync_jira.walking import rehearse, walk

EDITED = ("labels", "components", "field")
_NOTHING = "Nothing was written."


async def write(api: Api, change: Change, before: Item, filling: Filling) -> tuple[str, str] | None:
    """Carry out a change of a stage.

    Args:
        api: Jira.
        change: names any of status, resolution, labels, components and field.
        before: the issue as it was just looked at.
        filling: what is configured for screens.

    Returns:
        The statuses of the last hop; None where it took none.

    Raises:
        RejectedError, StaleError, NotFoundError, UnavailableError, AuthError: see ``connector.Connector.apply``.
    """
    edited = [fact for fact in EDITED if fact in change.after]
    moves = "status" in change.after
    if not moves and set(change.after) - set(EDITED):
        alone = " and ".join(sorted(set(change.after) - set(EDITED)))
        raise RejectedError(f"{change.key}: Jira takes {alone} only together with a status. {_NOTHING}")
    if not edited:
        return await walk(api, change, before, filling)
    if "field" in edited and not api.site.field:
        raise RejectedError(
            f"{change.key}: the configuration does not say which field it is. {_NOTHING} Name it: add `field` to this "
            "tracker."
        )
    screen = await api.edit_screen(change.ref.id, change.key)
    if moves and not screen:
        return await _moved_first(api, change, before, filling, edited)
    body = _body(api, change, before, screen, filling)
    if moves:
        await rehearse(api, change, before, filling)
    await _edit(api, change, body)
    if not moves:
        return None
    await _expect_edited(api, change, before)
    return await _go_on(api, change, before, filling)


async def _moved_first(
    api: Api, change: Change, before: Item, filling: Filling, edited: Sequence[str]
) -> tuple[str, str]:
    """The status, and then the rest: where the issue stands, nobody may edit it."""
    hop = await walk(api, change, before, filling)
    stands = f"It is in {hop[1]} now; {' and '.join(edited)} stayed as before."
    try:
        body = _body(api, change, before, await api.edit_screen(change.ref.id, change.key), filling)
        await _edit(api, change, body)
    except RejectedError as error:
        raise RejectedError(str(error).replace(_NOTHING, stands), partly=True) from error
    except (NotFoundError, StaleError) as error:
        # Neither may say that nothing was written: what the issue shows now is half ours.
        raise _in_doubt(change, error, stands) from error
    except (AuthError, UnavailableError) as error:
        raise _in_doubt(change, error) from error
    return hop


async def _expect_edited(api: Api, change: Change, before: Item) -> None:
    """Look before going on, since Jira does not say what it made of an edit: half a change is worse than none."""
    try:
        issue = await api.expect_issue(change.ref.id, change.key)
    except (AuthError, UnavailableError) as error:
        raise _in_doubt(change, error) from error
    except RejectedError as error:
        raise RejectedError(
            f"{change.key} was edited, and could not be looked at then: {error}", partly=True
        ) from error
    edit = replace(change, after={fact: change.after[fact] for fact in EDITED if fact in change.after})
    expect_intended(edit, before, item(api.site, issue))


async def _go_on(api: Api, change: Change, before: Item, filling: Filling) -> tuple[str, str]:
    """The status, after the rest."""
    try:
        return await walk(api, change, before, filling, begun=True)
    except AuthError as error:
        raise _in_doubt(change, error) from error


async def _edit(api: Api, change: Change, body: Mapping[str, object]) -> None:
    answer = await api.edit(change.ref.id, body, fact=change.field)
    if not 200 <= answer.status < 300:
        facts = " and ".join(fact for fact in EDITED if fact in change.after)
        raise refused(answer, f"{change.key}: Jira refuses to change {facts}", _NOTHING)


def _in_doubt(change: Change, error: Exception, stands: str = "") -> UnavailableError:
    later = error.retry_after if isinstance(error, UnavailableError) else None
    said = str(error).replace(_NOTHING, stands) if stands else str(error)
    return UnavailableError(f"{change.key} is half written: {said}", retry_after=later, in_doubt=True)


# What is sent.


def _body(
    api: Api, change: Change, before: Item, screen: Mapping[str, EditField], filling: Filling
) -> Mapping[str, object]:
    """The body of the edit.

    Raises:
        RejectedError: a field may not be edited, or does not take the value.
    """
    fields: dict[str, object] = {}
    update: dict[str, object] = {}
    for fact in EDITED:
        if fact not in change.after:
            continue
        shape = _shape(api, change, fact, screen)
        if fact == "field":
            fields[api.site.field] = _choice(change, shape, filling)
            continue
        coming, going = _steps(change, before, fact)
        if fact == "labels":
            steps: list[dict[str, object]] = [{"add": label} for label in coming]
            update[fact] = steps + [{"remove": label} for label in going]
        else:
            steps = [{"add": {"name": _component(change, shape, name)}} for name in coming]
            update[fact] = steps + [{"remove": {"name": name}} for name in going]
    return {name: part for name, part in (("fields", fields), ("update", update)) if part}


def _shape(api: Api, change: Change, fact: str, screen: Mapping[str, EditField]) -> ScreenField:
    found = screen.get(api.site.field if fact == "field" else fact)
    if found is None:
        name = f"the field `field` ({api.site.field})" if fact == "field" else fact
        raise RejectedError(
            f"{change.key}: {name} may not be edited: it is not on the edit screen of this project and issue type, or "
            f'this account has not the permission "Edit issues". {_NOTHING} Put it on the screen, give the permission, '
            f"or take `{fact}` off the `stages` of this tracker."
        )
    return ScreenField(name=found.name or fact, allowed_values=found.allowed_values, schema=found.schema)


def _steps(change: Change, before: Item, fact: str) -> tuple[list[str], list[str]]:
    """The values that come and those that go, these as the issue spells them; only what is ours ever goes."""
    shown = before.facts.get(fact, ())
    wanted, ours = fold(change.after[fact]), fold(change.ours.get(fact, ()))
    coming = [value for value in change.after[fact] if value.casefold() not in fold(shown)]
    going = [value for value in shown if value.casefold() in ours - wanted]
    return coming, going


def _component(change: Change, shape: ScreenField, name: str) -> str:
    found = spelled(shape, name)
    if not found:
        raise RejectedError(
            f'{change.key}: the project has no component "{name}"; there are: {offered(shape) or "none"}. {_NOTHING} '
            "Add it to the project in Jira, or correct `components` under `stages`."
        )
    return found


def _choice(change: Change, shape: ScreenField, filling: Filling) -> object:
    """The value of the custom field in the form it takes; null empties it."""
    value = next(iter(change.after["field"]), None)
    if shape.schema is not None and shape.schema.type == "array":
        raise RejectedError(
            f"{change.key}: the field {shape.name} holds several values, and a stage is one. {_NOTHING} Name a field "
            "with one choice as `field`."
        )
    if value is None:
        return None
    try:
        return filling.json(shape, value)
    except UnfitError as trouble:
        raise RejectedError(
            f"{change.key}: the field {shape.name} {trouble}. {_NOTHING} Add the option in Jira, or correct `field` "
            "under `stages`."
        ) from trouble
