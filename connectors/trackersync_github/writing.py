"""Changes issues: look, compare, write, read back. Which requests that takes is ``steps``' decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

from trackersync.connector import (
    Absence,
    Answer,
    AuthError,
    Change,
    Facts,
    Item,
    NotFoundError,
    RejectedError,
    UnavailableError,
    Wire,
    compare,
    decode,
)
from trackersync_github.assignable import Assignable
from trackersync_github.completing import Completing
from trackersync_github.library import Library
from trackersync_github.lookup import Found, Lookup
from trackersync_github.places import Places
from trackersync_github.steps import CardStep, Step, added, otherwise, steps_of
from trackersync_github.wire import FieldValue, Issue, Label, item_of, label_names, place_of, refused

_WHY: Mapping[Absence, str] = {
    Absence.GONE: "it was deleted",
    Absence.MOVED: "it was moved to another repository",
    Absence.HIDDEN: "it is gone, or hidden from this token",
    Absence.OUT_OF_SCOPE: "its repository is not among the configured `repositories`",
}


T = TypeVar("T")


class Writing:
    """Applies changes to issues."""

    def __init__(self, wire: Wire, lookup: Lookup, library: Library, completing: Completing, places: Places) -> None:
        self._wire = wire
        self._lookup = lookup
        self._library = library
        self._completing = completing
        self._places = places
        self._assignable = Assignable(wire)
        # Labels seen in a repository; forgetting them costs one request each.
        self._labels: set[tuple[str, str]] = set()

    async def apply(self, change: Change) -> Item:
        """Make an item show what the change wants; see ``connector.Connector.apply`` for what it raises."""
        found = await self._find(change)
        if compare(change, found.item) == "after":
            return found.item
        resolved = await self._places.resolve(change, found.issue, found.repository)
        steps = steps_of(change, found.item, resolved, pull=found.issue.is_pull_request)
        await self._prepare(change, found)
        last: Answer | None = None
        for done, step in enumerate(steps):
            try:
                last = await self._send(step, change, found, done)
            except (AuthError, UnavailableError) as error:
                raise _half_done(error, step, change, done) from error
        # The answer to a write shows the issue alone, and not what completes it.
        final = steps[-1] if steps else None
        whole = isinstance(final, Step) and final.answer == "issue" and not self._completing.supplements
        shown = await self._read_back(change, found, last if whole else None)
        # Not "applied": what we return becomes the remembered state, and a person's edit would look like our own.
        if words := otherwise(change, shown):
            raise RejectedError(
                f"{change.key}: written, but {words} now: somebody set it otherwise at the same moment", partly=True
            )
        return shown

    async def _read_back(self, change: Change, found: Found, last: Answer | None) -> Item:
        if last is not None:
            return self._item(last, found)
        try:
            return (await self._find(change)).item
        except (AuthError, RejectedError, UnavailableError) as error:
            raise UnavailableError(
                f"{change.key} was written but could not be read back: {error}", in_doubt=True
            ) from error

    async def _find(self, change: Change) -> Found:
        found = await self._lookup.find(change.ref)
        if isinstance(found, Absence):
            raise NotFoundError(f"{change.key}: {_WHY[found]}")
        if found.item.ref != change.ref:
            raise NotFoundError(f"{change.key}: it was transferred and is {found.item.key} now; look again")
        return found

    async def _prepare(self, change: Change, found: Found) -> None:
        """Make sure, before anything of the issue is touched, that what is to be added can be.

        GitHub leaves out in silence whoever cannot be assigned (REST API, "Add assignees to an issue").
        """
        await self._lookup.permit(found.repository)
        for label in added(change, found.item, "labels"):
            await self._provide_label(found.repository, label)
        strangers = await self._assignable.strangers(found.repository, added(change, found.item, "owners"))
        if strangers:
            raise RejectedError(
                f"{found.item.key}: {', '.join(strangers)} cannot be assigned in {found.repository}; nothing was "
                f"written. Give {'them' if len(strangers) > 1 else 'that account'} access to the repository (triage or "
                "more), or correct the account under `people`."
            )

    async def _provide_label(self, repository: str, label: str) -> None:
        """Create a label that the repository lacks: whether adding an unknown one creates it is not documented."""
        key = (repository, label.casefold())
        if key in self._labels:
            return
        answer = await self._wire.read("GET", f"/repos/{repository}/labels/{quote(label, safe='')}")
        if answer.status == 404:
            await self._library.create_label(repository, label)
        elif answer.status != 200:
            raise refused(answer, f"looking for the label {label} in {repository}")
        self._labels.add(key)

    async def _send(self, step: Step | CardStep, change: Change, found: Found, done: int) -> Answer | None:
        """Send one step, and see that GitHub did it.

        Raises:
            RejectedError: it was refused, or dropped without a word; ``partly`` where an earlier step took effect.
        """
        if isinstance(step, CardStep):
            await self._move(step, change, found, done)
            return None
        place = place_of(change.ref)
        path = f"/repos/{found.repository}/issues/{place.number}{step.path}"
        answer = await self._wire.write(step.method, path, fact=change.field, json=step.json, creates=step.creates)
        if answer.status == 404 and step.absent:
            return answer
        if not 200 <= answer.status < 300:
            error = refused(answer, f"{step.doing} on {change.key}")
            raise RejectedError(str(error), partly=done > 0) if isinstance(error, RejectedError) else error
        if step.answer != "nothing" and not step.shown(self._facts(step, answer, found)):
            # Elsewhere GitHub has told beforehand that whoever is meant can be assigned.
            untold = step.fact == "owners" and self._assignable.silent(found.repository)
            raise RejectedError(
                f"{change.key}: GitHub took the request but dropped it without a word ({step.doing}): the token lacks "
                f"push or triage rights on {found.repository}{', or that account has none' if untold else ''}. Give "
                "the account the role triage there, or set `writes: none`.",
                partly=done > 0,
            )
        return answer

    async def _move(self, step: CardStep, change: Change, found: Found, done: int) -> None:
        """Move a card; GitHub drops no move in silence, but what it shows afterwards is compared all the same."""
        if self._places.board is None:
            raise AssertionError("a move is only prepared where there is a board")
        try:
            await self._places.board.move(step.move, found.issue, found.repository, change.field)
        except RejectedError as error:
            raise RejectedError(str(error), partly=error.partly or done > 0) from error

    def _facts(self, step: Step, answer: Answer, found: Found) -> Facts:
        if step.answer == "issue":
            return self._item(answer, found).facts
        if step.answer == "labels":
            return {"labels": label_names(_decoded(answer, list[Label | str]))}
        values = _decoded(answer, list[FieldValue])
        return {"field": () if self._places.field is None else self._places.field.value(values, step.field)}

    def _item(self, answer: Answer, found: Found) -> Item:
        place = place_of(found.item.ref)
        return item_of(_decoded(answer, Issue), self._completing.tracker, place.repository, found.item.container)


def _decoded(answer: Answer, shape: type[T]) -> T:
    """Decode the answer to a write: one that cannot be read leaves open what has taken effect."""
    try:
        return decode(answer, shape)
    except UnavailableError as error:
        raise UnavailableError(str(error), in_doubt=True) from error


def _half_done(
    error: AuthError | UnavailableError, step: Step | CardStep, change: Change, done: int
) -> AuthError | UnavailableError:
    """An error that stops a change after some of its steps: the item is neither as before nor as wanted."""
    if not done:
        return error
    retry_after = error.retry_after if isinstance(error, UnavailableError) else None
    return UnavailableError(
        f"{change.key} is half written, {step.doing} is missing: {error}", retry_after=retry_after, in_doubt=True
    )
