"""The ways of one item through its workflow: which of them it may be led along, and why there is none.

An item is led through statuses that mean open stages, where there is such a way; else also through those that no stage
is mapped to, since it takes seconds to pass them, and whoever is interrupted there is known by base to be there by our
doing alone. It is never led through a status that means finished, since a task that was done for a moment has told
people so, nor through one that waits for a person (``hands_off``).

Where no way is known, and there are statuses ahead of which no tracker has shown what leaves them, the item is led to
one that lies on the way by its stage: a step of its own, planned and told like any other. What leaves that status is
then seen, and the next run goes on from there, or says that no way leads on. As every such step makes another status
known, there are finitely many.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from trackersync.core.model import Facts, Item, Transition, Workflow
from trackersync.core.reading import Reading
from trackersync.core.route import Way, route, unexplored
from trackersync.core.stages import StageMap
from trackersync.core.workflows import less_barred, offered


class Unreached(str):
    """Why a stage cannot be written: no path of transitions leads to any of its statuses."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """The statuses passed on the way, and where a step into the unknown is to lead in the end; see ``Change``."""

    path: tuple[str, ...] = ()
    toward: str = ""


class Terrain:
    """One item in its workflow.

    Args:
        item: as observed.
        stages: its tracker's mapping.
        routed: the fact that moves along transitions.
        workflow: as far as it is known.
        hands_off: statuses that wait for a person.
    """

    def __init__(
        self, item: Item, stages: StageMap, routed: str, workflow: Workflow, hands_off: Collection[str] = ()
    ) -> None:
        self._item = item
        self._stages = stages
        self._routed = routed
        self._workflow = less_barred(workflow)
        self._whole = workflow
        self._here = next(iter(item.facts.get(routed, ())), "")
        self._closed: list[str] = []
        self._unmapped: list[str] = []
        shut = {status.casefold() for status in hands_off}
        ends = {hop.to: hop.ends for hops in workflow.leaves.values() for hop in hops}
        for status, ended in ends.items():
            reading = self._reading(status)
            finished = any(stages.process.stage(stage).finished for stage in reading.stages)
            if status.casefold() in shut or finished or (ended and reading.kind == "unknown"):
                self._closed.append(status)
            elif reading.kind != "stated":
                self._unmapped.append(status)

    def ways(self, words: Sequence[Facts]) -> list[tuple[Facts, Steps]]:
        """The words that transitions lead to, the nearest first; of two equally near the one configured first."""
        return self._through(words, (*self._closed, *self._unmapped)) or self._through(words, self._closed)

    def toward(self, words: Sequence[Facts], wanted: Sequence[str]) -> list[tuple[Facts, Steps]] | Unreached:
        """A step to a status from which a way to these words may lead on; else why there is none.

        Args:
            words: those that no known way leads to.
            wanted: the stages they mean.
        """
        order, process = self._stages.process.order, self._stages.process
        here, goal = self._place(self._reading(self._here)), order[wanted[0]]
        low, high = sorted((goal if here is None else here, goal))
        # A finished item is reopened wherever that leads; and who gives up goes no further than they must.
        reopens = here is not None and process.stages[here].finished
        aim = here if here is not None and process.stages[goal].category == "cancelled" else goal
        found: list[tuple[int, int, Way]] = []
        for way in unexplored(self._workflow, self._here, (*self._closed, *self._unmapped)):
            place = self._place(self._reading(way[-1].to))
            if place is not None and (reopens or low <= place <= high):
                found.append((abs(place - aim), len(way), way))
        if not found:
            return self._why(words)
        _, _, way = min(found, key=lambda one: one[:2])
        step = {self._routed: (way[-1].to,)}
        return [(step, Steps(tuple(hop.to for hop in way[:-1]), words[0][self._routed][0]))]

    def _through(self, words: Sequence[Facts], barred: Collection[str]) -> list[tuple[Facts, Steps]]:
        found = []
        for word in words:
            way = self._way(self._workflow, word, barred)
            if way is not None:
                found.append((len(way), word, Steps(tuple(hop.to for hop in way[:-1]))))
        return [(word, steps) for _, word, steps in sorted(found, key=lambda one: one[0])]

    def _way(self, workflow: Workflow, word: Facts, barred: Collection[str]) -> Way | None:
        brings = [fact for fact, values in word.items() if values and fact != self._routed]
        return route(workflow, self._here, word[self._routed], barred, brings)

    def _reading(self, status: str) -> Reading:
        vocabulary = self._stages.vocabulary
        emptied: Facts = {fact: () for fact, leader in vocabulary.follows.items() if leader == self._routed}
        return self._stages.read({**self._item.facts, **emptied, self._routed: (status,)})

    def _place(self, reading: Reading) -> int | None:
        return None if reading.first is None else self._stages.process.order[reading.first]

    # Why there is no way.

    def _why(self, words: Sequence[Facts]) -> Unreached:
        goal = " or ".join(dict.fromkeys(f'"{word[self._routed][0]}"' for word in words))
        trouble = self._refused(words) or self._lacking(words)
        if trouble is not None:
            return Unreached(trouble)
        passing = self._passing(words)
        if passing is not None:
            return Unreached(
                f'the only way from "{self._here}" to {goal} leads through "{passing}", '
                "which no item is led through: it means finished, or waits for a person"
            )
        return Unreached(f'no path of transitions leads from "{self._here}" to {goal}; {self._allowed()}')

    def _refused(self, words: Sequence[Facts]) -> str | None:
        """Why the hop was refused that a way would need."""
        why = {(hop.here.casefold(), hop.to.casefold()): hop.why for hop in self._whole.barred}
        for word in words if why else ():
            statuses = [self._here, *(hop.to for hop in self._way(self._whole, word, self._closed) or ())]
            for here, to in pairwise(map(str.casefold, statuses)):
                if (here, to) in why:
                    return f"refused before: {why[here, to]}"
        return None

    def _lacking(self, words: Sequence[Facts]) -> str | None:
        """What a way would need, were there nothing to fill in."""
        free = {status: tuple(replace(hop, needs=()) for hop in hops) for status, hops in self._workflow.leaves.items()}
        needy = {
            (status.casefold(), hop.id): hop.needs for status, hops in self._workflow.leaves.items() for hop in hops
        }
        for word in words:
            way = self._way(Workflow(free), word, self._closed)
            here = self._here
            for hop in way or ():
                lacks = [need for need in needy[here.casefold(), hop.id] if need not in self._workflow.held]
                if lacks:
                    return (
                        f'transition "{hop.name}" from "{here}" to "{hop.to}" requires {" and ".join(lacks)}, '
                        "which nobody has configured: say what to fill in there, or fill it in at the item"
                    )
                here = hop.to
        return None

    def _passing(self, words: Sequence[Facts]) -> str | None:
        """The status through which the only way leads, although none is led through it."""
        shut = {status.casefold() for status in self._closed}
        ways = [way for word in words if (way := self._way(self._workflow, word, ())) is not None]
        return next((hop.to for way in ways for hop in way[:-1] if hop.to.casefold() in shut), None)

    def _allowed(self) -> str:
        hops: tuple[Transition, ...] = offered(self._workflow, self._here) or ()
        names = ", ".join(f'"{status}"' for status in dict.fromkeys(hop.to for hop in hops)) or "none"
        return f"from there it can go to: {names}"
