"""Writing to Jira: look, compare with ``before``, write, read back.

Both looks ask for the issue by its id: search lags behind writes by up to minutes, an issue asked for by id does not.
"""

from __future__ import annotations

from trackersync.connector import Answer, Change, Item, RejectedError, StaleError, UnavailableError, compare
from trackersync_jira import screens
from trackersync_jira.api import Api
from trackersync_jira.items import item
from trackersync_jira.refusals import refused
from trackersync_jira.screens import RESOLUTION, Step, wanted


async def apply(api: Api, change: Change, projects: frozenset[str]) -> Item:
    """Carry out one change of a stage or an owner; see ``connector.Connector.apply``."""
    before = item(api.site, await api.expect_issue(change.ref.id, change.key))
    if before.container not in projects:
        raise StaleError(
            f"{change.key} is {before.key} now, in project {before.container}, which is none of the configured ones; "
            "nothing was written"
        )
    if compare(change, before) == "after":
        return before
    if change.field == "owners":
        await _assign(api, change, before)
    else:
        await _move(api, change, before)
    shown = await _read_back(api, change)
    _as_intended(change, before, shown)
    return shown


# The stage: a transition.


async def _move(api: Api, change: Change, before: Item) -> None:
    status = next(iter(before.facts["status"]), "nothing")
    if change.path:
        way = " → ".join((status, *change.path, *change.after.get("status", ())))
        raise RejectedError(
            f"{change.key}: {way} takes {len(change.path) + 1} transitions, and Jira is asked for one at a time. "
            "Nothing was written. Plan again: the plan then names the next transition only."
        )
    if "status" not in change.after:
        raise RejectedError(
            f"{change.key}: Jira takes {' and '.join(sorted(change.after))} only together with a status. "
            "Nothing was written."
        )
    hops = await api.hops(change.ref.id, change.key)
    step = await _complete(api, change, screens.steps(change, status, hops))
    answer = await api.move(change.ref.id, step.body, fact=change.field)
    _expect_done(answer, f'{change.key}: Jira refuses transition "{step.hop.name}" from {status} to {step.hop.to.name}')


async def _complete(api: Api, change: Change, steps: tuple[Step, ...]) -> Step:
    """The first transition whose required fields are filled, by us or because the issue already holds them."""
    lacking = tuple(dict.fromkeys(field for step in steps for field in step.lacking))
    held = await api.held(change.ref.id, lacking) if steps[0].lacking else frozenset[str]()
    step = next((step for step in steps if held.issuperset(step.lacking)), None)
    if step is None:
        raise screens.refuse_lacking(change, steps[0], [field for field in steps[0].lacking if field not in held])
    return step


# The owner: the assignee.


async def _assign(api: Api, change: Change, before: Item) -> None:
    owners = change.after.get("owners", ())
    if len(owners) > 1:
        raise RejectedError(f"{change.key}: Jira holds one assignee, not {len(owners)}. Nothing was written.")
    account = await _exactly(api, owners[0], before) if owners else None
    answer = await api.assign(change.ref.id, account, fact=change.field)
    who = f"to assign {account}" if account else "to take the assignee off"
    _expect_done(answer, f"{change.key}: Jira refuses {who}")


async def _exactly(api: Api, account: str, before: Item) -> str:
    """The account as Jira spells it, if it may be assigned: the exact one and nobody who is merely found with it.

    User names of Data Center are not told apart by case; account ids are.
    """
    site = api.site
    for user in await api.assignable(account, before.key):
        found = (user.account_id if site.cloud else user.name) or ""
        if found == account or (not site.cloud and found.casefold() == account.casefold()):
            return found
    raise RejectedError(
        f"{before.key}: {account} is not assignable in {before.container}: no such account, deactivated, or without "
        'the permission "Assignable user" there. Nothing was written. Give the permission, or correct the account '
        "of this person under `people`."
    )


# Afterwards.


def _expect_done(answer: Answer, refusal: str) -> None:
    if not 200 <= answer.status < 300:
        raise refused(answer, refusal, "Nothing was written.")


async def _read_back(api: Api, change: Change) -> Item:
    """Look again. Without this look the write is in doubt: Jira took it, but what it shows now is not known."""
    try:
        return item(api.site, await api.expect_issue(change.ref.id, change.key))
    except UnavailableError as error:
        raise UnavailableError(
            f"{change.key} was written, but could not be read back: {error}",
            retry_after=error.retry_after,
            in_doubt=True,
        ) from error


def _as_intended(change: Change, before: Item, shown: Item) -> None:
    """Notice what Jira dropped without a word, or an automation turned into something else."""
    for fact, values in change.after.items():
        now = shown.facts.get(fact, ())
        if [value.casefold() for value in now] == [value.casefold() for value in values]:
            continue
        partly = any(shown.facts.get(name) != before.facts.get(name) for name in change.after)
        raise RejectedError(_other(change, fact, now), partly=partly)


def _other(change: Change, fact: str, now: tuple[str, ...]) -> str:
    words = f"{change.key}: Jira took the change, but {fact} is {_says(now)} now, not {_says(change.after[fact])}. "
    if fact == RESOLUTION and wanted(change, RESOLUTION):
        return words + (
            "The transition has no screen with this field, and its workflow sets another: put Resolution on the "
            "transition's screen, or take `set: {resolution: …}` off the stage."
        )
    if fact == RESOLUTION:
        return words + "The workflow does not clear it: add a post function to the transition that does."
    return words + "A rule or automation of the project sets it otherwise; look at the issue's history."


def _says(values: tuple[str, ...]) -> str:
    return " + ".join(values) or "nothing"
