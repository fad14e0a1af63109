"""Which transition leads where we want to go, and what to fill in on its screen: pure decisions.

Statuses are compared, never the names of transitions, which are free text, translated, and often alike. A field that is
not on a transition's screen must not be sent (Jira answers 400), and one that the issue holds already is left as it is.
Source: Atlassian, "Get transitions" and "Transition issue", Jira Cloud platform REST API v3.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from trackersync.connector import Change, RejectedError, Transition
from trackersync_jira.filling import Filling, UnfitError, offered, spelled
from trackersync_jira.shapes import Hop, ScreenField

RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Leg:
    """One hop of a change, as far as the change speaks of it.

    Attributes:
        key: the issue's, for people.
        here: the status it stands in.
        to: the status to get to.
        resolution: what the change wants the resolution to be there; empty for none; None where it does not say, as on
            the way to somewhere else.
        place: how much was written before this hop: other hops, and what else the change speaks of.
        last: whether it ends the change.
    """

    key: str
    here: str
    to: str
    resolution: str | None = None
    place: int = 0
    last: bool = True

    def refuse(self, why: str) -> RejectedError:
        """The error for a hop that cannot be made, which says where the issue stands."""
        rest = f"It stands in {self.here} now; nothing more was written." if self.place else "Nothing was written."
        return RejectedError(f"{self.key}: {why} {rest}", partly=self.place > 0, hop=(self.here, self.to))


@dataclass(frozen=True, slots=True)
class Step:
    """One transition as it will be sent.

    Attributes:
        hop: the transition.
        fields: what is filled in, by the field's id, in Jira's form.
        lacking: required fields that we have nothing for, by id, and the issue neither.
        unfit: what is wrong with values that are configured for its fields.
    """

    hop: Hop
    fields: Mapping[str, object] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()

    @property
    def body(self) -> dict[str, object]:
        """What is posted: the transition, and only fields of its screen."""
        return {"transition": {"id": self.hop.id}} | ({"fields": dict(self.fields)} if self.fields else {})


def wanted(change: Change, fact: str) -> str:
    """The one value a change wants a fact to have; empty for none, or where it does not speak of it."""
    return next(iter(change.after.get(fact, ())), "")


def legs(change: Change, here: str) -> tuple[Leg, ...]:
    """The hops of a change; only the last one carries its resolution."""
    stops = (here, *change.path, wanted(change, "status"))
    last = len(stops) - 2
    resolution = wanted(change, RESOLUTION) if RESOLUTION in change.after else None
    return tuple(
        Leg(change.key, stops[place], stops[place + 1], resolution if place == last else None, place, place == last)
        for place in range(len(stops) - 1)
    )


def transition(hop: Hop, filling: Filling) -> Transition:
    """A transition as core knows it: what it needs is what nobody has configured for its screen."""
    screen = hop.fields or {}
    needs = (
        _need(name, shape.name)
        for name, shape in screen.items()
        if _insists(shape) and filling.value(hop.to.name, name, shape) is None
    )
    category = hop.to.status_category
    return Transition(hop.id, hop.name, hop.to.name, tuple(needs), category is not None and category.key == "done")


def _need(field: str, name: str) -> str:
    """A field that has to be filled in, for people and for us: ``Root cause (customfield_10050)``.

    The resolution is called as the fact, since a change may bring it.
    """
    return field if field == RESOLUTION else f"{name or field} ({field})"


def field_of(need: str) -> str:
    """The id of a field that has to be filled in."""
    return need if need == RESOLUTION else need.rpartition("(")[2].removesuffix(")")


def leading(leg: Leg, hops: Sequence[Hop], refusal: RejectedError | None = None) -> tuple[Hop, ...]:
    """The transitions that lead to the status.

    Raises:
        RejectedError: none does, or none but one that was refused.
    """
    found = tuple(hop for hop in hops if hop.to.name.casefold() == leg.to.casefold())
    if not found:
        raise refusal or leg.refuse(_no_way(leg, hops))
    return found


def questions(leg: Leg, hops: Sequence[Hop], filling: Filling) -> tuple[str, ...]:
    """The fields of these screens of which it matters whether the issue holds something."""
    return tuple(
        dict.fromkeys(
            name
            for hop in hops
            for name, shape in (hop.fields or {}).items()
            if not (name == RESOLUTION and leg.resolution)
            and (_insists(shape) or filling.value(leg.to, name, shape) is not None)
        )
    )


def best(leg: Leg, hops: Sequence[Hop], filling: Filling, held: Collection[str]) -> Step:
    """The transition whose screen can be filled in: with one that can say the resolution before one that cannot.

    Args:
        leg: the hop to make.
        hops: the transitions that lead there.
        filling: what is configured for screens.
        held: which fields the issue holds already.

    Raises:
        RejectedError: none can be filled in, or none offers the wanted resolution.
    """
    offering = [hop for hop in hops if _offers(hop, leg.resolution or "")]
    if not offering:
        raise leg.refuse(
            f'resolution "{leg.resolution}" is not on offer for transition "{hops[0].name}" to {leg.to}. '
            f"Offered: {_resolutions(hops[0])}. Write one of these in `set: {{resolution: …}}`."
        )
    found = [_step(leg, hop, filling, held) for hop in offering]
    # The first among equals, as Jira lists them.
    step = min(
        found,
        key=lambda one: (len(one.lacking) + len(one.unfit), bool(leg.resolution) and RESOLUTION not in one.fields),
    )
    if step.unfit:
        raise leg.refuse(
            f'transition "{step.hop.name}" to {leg.to}: {"; ".join(step.unfit)}. Correct the value under `fill` of '
            "this tracker."
        )
    if step.lacking:
        raise leg.refuse(_lacks(leg, step))
    return step


def _insists(shape: ScreenField) -> bool:
    return shape.required and not shape.has_default_value


def _step(leg: Leg, hop: Hop, filling: Filling, held: Collection[str]) -> Step:
    fields: dict[str, object] = {}
    lacking: list[str] = []
    unfit: list[str] = []
    for name, shape in (hop.fields or {}).items():
        decided = name == RESOLUTION and leg.resolution is not None
        value = leg.resolution or None if decided else filling.value(leg.to, name, shape)
        if name in held and not (decided and value):
            continue
        if value is None:
            lacking += [name] if _insists(shape) else []
            continue
        try:
            fields[name] = filling.json(shape, value)
        except UnfitError as trouble:
            unfit.append(f'the field "{shape.name or name}" {trouble}')
    return Step(hop, fields, tuple(lacking), tuple(unfit))


def _offers(hop: Hop, resolution: str) -> bool:
    """Whether a transition can end in this resolution: its screen offers it, or leaves it to the workflow."""
    screen = hop.fields or {}
    return not resolution or RESOLUTION not in screen or bool(spelled(screen[RESOLUTION], resolution))


def _resolutions(hop: Hop) -> str:
    shape = (hop.fields or {}).get(RESOLUTION)
    return (offered(shape) if shape else "") or "none"


def _lacks(leg: Leg, step: Step) -> str:
    screen = step.hop.fields or {}
    names = [screen[name].name or name for name in step.lacking]
    rules = ", ".join(f"{name}: …" for name in names)
    remedy = f"Add `fill: {{{leg.to}: {{{rules}}}}}` to this tracker, or fill it in in Jira first"
    if RESOLUTION in step.lacking and leg.last:
        remedy = f"Add `set: {{resolution: …}}` to this stage (offered: {_resolutions(step.hop)})"
    return (
        f'transition "{step.hop.name}" to {leg.to} requires {", ".join(names)}, which nobody has configured. {remedy}.'
    )


def _no_way(leg: Leg, hops: Sequence[Hop]) -> str:
    if not hops:
        return (
            f"no transition at all leaves {leg.here} for this account. "
            'Give it the permission "Transition issues", or look at the workflow\'s conditions.'
        )
    allowed = ", ".join(dict.fromkeys(hop.to.name for hop in hops))
    return (
        f"no transition from {leg.here} to {leg.to} for this account; allowed: {allowed}. "
        "Draw the transition in Jira's workflow, or map the stage to a status that can be reached."
    )
