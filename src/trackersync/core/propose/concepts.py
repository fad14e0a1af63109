"""What words of a workflow mean, finer than any process: the concepts, in the order in which work passes them.

The order, and what each falls back on where a process has no such stage:

    wish · new · todo · ready                                  waits to be begun
    research · requirements · design · prototype               what to make
    build · code review · review · verify · acceptance         making it, and whether it is right
    release · distribute · released · launch · support         bringing it to people
    done · cancelled                                           over

Beside the order stand ``doing`` (begun, and nothing is said of what is done), ``waiting`` (blocked, on hold: it says
that it waits and not where), ``reopened``, and marks that say how far another concept is: ``before`` (it follows),
``needed`` (it was named before), ``after``, ``failed`` and ``not``. ``nothing`` are names that look like a stage and
are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from trackersync.core.process import Category

Aspect = Literal["in", "before", "after", "failed"]
"""How far: in the work, before it, after it, or sent back from it."""

ORDER: tuple[str, ...] = (
    *("wish", "new", "todo", "ready"),
    *("research", "requirements", "design", "prototype"),
    *("build", "code review", "review", "verify", "acceptance"),
    *("release", "distribute", "released", "launch", "support"),
    *("done", "cancelled"),
)
PLACE: Mapping[str, int] = {concept: place for place, concept in enumerate(ORDER)}
GENERAL = frozenset({"wish", "new", "todo", "ready", "doing", "waiting", "released", "done", "cancelled", "reopened"})
"""They tell how far work is rather than which: beside another concept they say whether it is begun or over."""
SPECIFIC = frozenset(ORDER) - GENERAL
MARKS = frozenset({"before", "needed", "after", "failed", "not"})
NOTHING = "nothing"
CONCEPTS = frozenset(ORDER) | GENERAL | MARKS | {NOTHING}

CATEGORY: Mapping[str, Category] = {
    **dict.fromkeys(("wish", "new", "todo", "ready", "reopened"), "backlog"),
    **dict.fromkeys((*SPECIFIC, "doing", "waiting"), "started"),
    **dict.fromkeys(("released", "done"), "done"),
    "cancelled": "cancelled",
}
"""The category of a stage that a concept asks for where the tracker says none."""

KIN: Mapping[str, tuple[str, ...]] = {
    "wish": ("new", "todo", "ready"),
    "new": ("wish", "todo", "ready"),
    "todo": ("wish", "new", "ready"),
    "ready": ("todo", "wish", "new"),
    "reopened": ("ready", "todo", "wish", "new"),
    "research": ("requirements", "design", "prototype", "build"),
    "requirements": ("research", "design", "prototype", "build"),
    "design": ("prototype", "requirements", "build"),
    "prototype": ("design", "build"),
    "build": (),
    "code review": ("review", "build", "verify"),
    "review": ("code review", "verify", "acceptance", "build"),
    "verify": ("acceptance", "review", "code review", "build"),
    "acceptance": ("verify", "review", "code review", "release", "build"),
    "release": ("distribute", "launch", "acceptance", "verify", "review", "build"),
    "distribute": ("release", "launch", "acceptance", "verify", "review", "build"),
    "released": ("launch", "distribute", "release", "support"),
    "launch": ("distribute", "release", "support", "acceptance", "verify", "review", "build"),
    "support": ("build",),
    "waiting": ("build",),
    "done": ("released",),
    "cancelled": ("done",),
}
"""Where a process has no stage of a concept: the concepts whose stage takes it, the nearest first."""
