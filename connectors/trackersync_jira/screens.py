"""Which transition leads where we want to go, and what to fill in on its screen: pure decisions.

Statuses are compared, never the names of transitions, which are free text, translated, and often alike. A field that is
not on a transition's screen must not be sent (Jira answers 400). Source: Atlassian, "Get transitions" and "Transition
issue", Jira Cloud platform REST API v3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trackersync.connector import Change, RejectedError
from trackersync_jira.shapes import Hop, ScreenField

RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Step:
    """One transition as it will be sent.

    Attributes:
        hop: the transition.
        resolution: the resolution to fill in, in Jira's own spelling; empty to send none.
        lacking: required fields that we have nothing for, by id; all right if the issue already holds them.
    """

    hop: Hop
    resolution: str = ""
    lacking: tuple[str, ...] = ()

    @property
    def body(self) -> dict[str, object]:
        """What is posted: the transition, and only fields of its screen."""
        fields = {"fields": {RESOLUTION: {"name": self.resolution}}} if self.resolution else {}
        return {"transition": {"id": self.hop.id}, **fields}


def wanted(change: Change, fact: str) -> str:
    """The one value a change wants a fact to have; empty for none, or where it does not speak of it."""
    return next(iter(change.after.get(fact, ())), "")


def steps(change: Change, shown: str, hops: Sequence[Hop]) -> tuple[Step, ...]:
    """The transitions that lead to the wanted status, best first: fewest fields lacking, then as Jira lists them.

    Args:
        change: names the wanted status and, perhaps, resolution.
        shown: the status the issue is in.
        hops: the transitions we may make now.

    Raises:
        RejectedError: none leads there, or none offers the wanted resolution.
    """
    goal = wanted(change, "status")
    leading = [hop for hop in hops if hop.to.name.casefold() == goal.casefold()]
    if not leading:
        raise RejectedError(_no_way(change.key, shown, goal, hops))
    resolution = wanted(change, RESOLUTION)
    offering = [hop for hop in leading if _offers(hop, resolution)]
    if not offering:
        raise RejectedError(
            f'{change.key}: resolution "{resolution}" is not on offer for transition "{leading[0].name}" to {goal}. '
            f"Offered: {_offered(leading[0]) or 'none'}. Write one of these in `set: {{resolution: …}}`. "
            "Nothing was written."
        )
    found = [_step(hop, resolution) for hop in offering]
    # A transition that can say the resolution is better than one that cannot.
    return tuple(sorted(found, key=lambda step: (len(step.lacking), bool(resolution) and not step.resolution)))


def refuse_lacking(change: Change, step: Step, lacking: Sequence[str]) -> RejectedError:
    """The error for a screen that insists on fields nobody has configured."""
    screen = step.hop.fields or {}
    names = ", ".join(screen[field].name or field for field in lacking)
    remedy = "Fill it in Jira first, or take it off the transition's required fields"
    if RESOLUTION in lacking:
        remedy = f"Add `set: {{resolution: …}}` to this stage (offered: {_offered(step.hop) or 'none'})"
    return RejectedError(
        f'{change.key}: transition "{step.hop.name}" to {step.hop.to.name} requires {names}, which nobody has '
        f"configured. {remedy}. Nothing was written."
    )


def _step(hop: Hop, resolution: str) -> Step:
    screen = hop.fields or {}
    filled = _spelled(screen[RESOLUTION], resolution) if resolution and RESOLUTION in screen else ""
    lacking = tuple(
        field
        for field, shape in screen.items()
        if shape.required and not shape.has_default_value and not (field == RESOLUTION and filled)
    )
    return Step(hop, filled, lacking)


def _offers(hop: Hop, resolution: str) -> bool:
    """Whether a transition can end in this resolution: its screen offers it, or leaves it to the workflow."""
    screen = hop.fields or {}
    return not resolution or RESOLUTION not in screen or bool(_spelled(screen[RESOLUTION], resolution))


def _spelled(field: ScreenField, value: str) -> str:
    """A value in the spelling the screen offers it in; empty where it does not. A screen without a list takes any."""
    if field.allowed_values is None:
        return value
    return next((name for name in _names(field) if name.casefold() == value.casefold()), "")


def _names(field: ScreenField) -> tuple[str, ...]:
    return tuple(
        str(option["name"]) for option in field.allowed_values or () if isinstance(option, Mapping) and "name" in option
    )


def _offered(hop: Hop) -> str:
    field = (hop.fields or {}).get(RESOLUTION)
    return ", ".join(_names(field)) if field else ""


def _no_way(key: str, shown: str, goal: str, hops: Sequence[Hop]) -> str:
    if not hops:
        return (
            f"{key}: no transition at all leaves {shown} for this account. "
            'Give it the permission "Transition issues", or look at the workflow\'s conditions. Nothing was written.'
        )
    allowed = ", ".join(dict.fromkeys(hop.to.name for hop in hops))
    return (
        f"{key}: no transition from {shown} to {goal} for this account; allowed: {allowed}. "
        "Nothing was written. Draw the transition in Jira's workflow, or map the stage to a status that can be reached."
    )
