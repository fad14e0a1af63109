"""How a meaning finds its stage in any process: by what the stages' own names mean, else by kin and order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from trackersync.core.process import Category, Process, Stage
from trackersync.core.propose.concepts import CATEGORY, KIN, PLACE, Aspect
from trackersync.core.propose.lexicon import Lexicon
from trackersync.core.propose.names import Meaning, read
from trackersync.core.propose.spelling import folded


@dataclass(frozen=True, slots=True)
class Fit:
    """A stage for a meaning.

    Attributes:
        stage: its key.
        sure: nothing speaks against it.
        others: what else it could be, the likeliest first.
    """

    stage: str
    sure: bool
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Steps:
    """A process's stages with what their names mean. Made once for a proposal.

    Attributes:
        process: the process.
        lexicon: the words its names are read by.
        busy: whether the tracker has a word for what merely was thought of: then "to do" means more than that.
    """

    process: Process
    lexicon: Lexicon
    busy: bool = False

    @cached_property
    def named(self) -> Mapping[str, str]:
        """Each stage's key by its folded key and name."""
        keys = {folded(stage.key): stage.key for stage in self.process.stages}
        return {folded(stage.name): stage.key for stage in self.process.stages} | keys

    @cached_property
    def meant(self) -> Mapping[str, tuple[str, Aspect]]:
        """What each stage means, as far as its name says it."""
        found: dict[str, tuple[str, Aspect]] = {}
        for stage in self.process.stages:
            meaning = read(stage.key, self.lexicon) or read(stage.name, self.lexicon)
            if meaning is not None:
                found[stage.key] = ("build" if meaning.concept == "doing" else meaning.concept, meaning.aspect)
        for category, concept in (("done", "done"), ("cancelled", "cancelled")):
            for stage in self.process.stages:
                if stage.category == category:
                    found.setdefault(stage.key, (concept, "in"))
        return found

    def of(self, *categories: Category) -> tuple[Stage, ...]:
        """The stages of these categories, in order; without any, the open ones, or all."""
        stages = self.process.stages
        found = tuple(stage for stage in stages if stage.category in categories)
        return found or tuple(stage for stage in stages if not stage.finished) or stages

    @property
    def cancelled(self) -> str:
        """The key of the stage of what will not be done; of the done one where the process tells no difference."""
        return next((stage for stage in self.process.stages if stage.category == "cancelled"), self.of("done")[0]).key

    def has(self, concept: str) -> bool:
        """Whether some stage means just this."""
        return any(meant == concept for meant, _ in self.meant.values())

    def fit(self, meaning: Meaning, category: str) -> Fit:
        """The stage for a meaning.

        Args:
            meaning: what a name means.
            category: what the tracker says of it, which outweighs a name: ``backlog``, ``started``, ``done`` or empty.
        """
        concept = "build" if meaning.concept == "doing" else meaning.concept
        if concept == "cancelled" and meaning.aspect == "in":
            return Fit(self.cancelled, sure=meaning.sure)
        if category == "done":
            stage = self._nearest(concept, self.of("done"))
            natural = CATEGORY[concept] == "done" or meaning.aspect == "after" or concept == "ready"
            return Fit(stage.key, sure=natural and meaning.sure, others=() if natural else self._free(meaning))
        if category == "backlog":
            return self._waiting(meaning, concept)
        if category == "started":
            return self._begun(meaning, concept)
        return self._unsaid(meaning, concept)

    def weight(self, meaning: Meaning, stage: str) -> int:
        """How far a word is from the stage's own: of several the nearest is written."""
        concept = "build" if meaning.concept == "doing" else meaning.concept
        own = self.meant[stage][0] if stage in self.meant else ""
        far = abs(PLACE[concept] - PLACE.get(own, 0)) if concept in PLACE else len(PLACE)
        return 4 * far + 2 * (meaning.aspect != "in") + (not meaning.sure)

    def between(self, before: str | None, after: str | None, among: Collection[Stage]) -> Fit | None:
        """A stage for what is unknown and comes after one stage and before another; None where neither is known."""
        order = self.process.order
        low = order[before] if before is not None else -1
        high = order[after] if after is not None else len(order)
        if (before is None and after is None) or low > high:
            return None
        inner = [stage for stage in among if low < order[stage.key] < high]
        if before is None or after is None or not inner:
            edges = [stage for stage in among if order[stage.key] in (low, high)]
            near = edges[0] if edges else (inner[-1] if before is None else inner[0]) if inner else None
        else:
            near = next((stage for stage in inner if self._concept(stage) == "build"), inner[0])
        if near is None:
            return None
        reach = [stage.key for stage in among if low <= order[stage.key] <= high]
        return Fit(near.key, sure=False, others=tuple(key for key in reach if key != near.key)[:4])

    def _waiting(self, meaning: Meaning, concept: str) -> Fit:
        if concept == "done" and meaning.whole:
            return Fit(self.of("done")[0].key, sure=False, others=(self.of("backlog")[0].key,))
        stages = self.of("backlog")
        alone = len(stages) == 1
        rests = concept == "waiting" or meaning.aspect == "before"
        natural = CATEGORY[concept] == "backlog" or (rests and concept != "released")
        if CATEGORY[concept] == "backlog":
            stage = self._backlog(concept, stages)
        else:
            stage = stages[-1] if meaning.aspect != "in" or concept in ("build", "waiting") else stages[0]
        free = tuple(key for key in self._free(meaning) if key != stage.key)
        return Fit(stage.key, sure=meaning.sure and natural, others=() if alone and natural else free)

    def _backlog(self, concept: str, stages: tuple[Stage, ...]) -> Stage:
        exact = self._exact(concept, "in", stages)
        if exact is not None:
            return exact
        if concept == "todo" and self.busy:
            return self._nearest("ready", stages)
        if concept == "new":
            return stages[0]
        return self._nearest(concept, stages)

    def _begun(self, meaning: Meaning, concept: str) -> Fit:
        stages = self.of("started")
        if concept == "done":
            stage = self._nearest("verify", stages)
            return Fit(stage.key, sure=False, others=(self.of("done")[0].key,))
        if CATEGORY[concept] == "backlog":
            stage = self._nearest("build", stages)
            return Fit(stage.key, sure=False, others=self._free(meaning))
        stage = self._far(meaning, concept, stages)
        own = self._concept(stage) == concept
        sure = meaning.sure and (own or concept not in ("waiting", "released")) and meaning.aspect != "after"
        return Fit(stage.key, sure=sure, others=self._beside(stage, meaning, concept, stages))

    def _unsaid(self, meaning: Meaning, concept: str) -> Fit:
        """Where the tracker says nothing, the concept's own stage of whatever category, else its usual one."""
        category = CATEGORY[concept]
        exact = self._exact(concept, meaning.aspect, self.process.stages)
        if exact is not None and meaning.aspect in ("in", "before"):
            sure = meaning.sure and (meaning.aspect == "in" or concept not in ("build", "design", "research"))
            if not (meaning.aspect == "before" and concept == "build"):
                return Fit(exact.key, sure=sure, others=self._beside(exact, meaning, concept, self.process.stages))
        if category == "done":
            done = self.of("done")
            others = self._beside(done[0], meaning, concept, self.process.stages)
            return Fit(done[0].key, sure=meaning.sure and concept == "done", others=others)
        if category == "backlog":
            stages = self.of("backlog")
            return Fit(self._backlog(concept, stages).key, sure=meaning.sure and self._has("backlog"))
        if meaning.aspect == "before" and PLACE.get(concept, PLACE["verify"]) <= PLACE["build"]:
            # What has to be thought out or built waits to be begun.
            begun = self._nearest(concept, self.of("started")).key
            return Fit(self._nearest("ready", self.of("backlog")).key, sure=False, others=(begun,))
        return self._begun(meaning, concept)

    def _far(self, meaning: Meaning, concept: str, stages: tuple[Stage, ...]) -> Stage:
        if meaning.aspect == "failed":
            back = self._nearest("build", stages)
            here = self._nearest(concept, stages)
            return min(back, here, key=lambda stage: self.process.order[stage.key])
        own = self._exact(concept, meaning.aspect, stages) or self._nearest(concept, stages)
        if meaning.aspect != "after" or self.meant.get(own.key) == (concept, "after"):
            return own
        # What follows, a prototype apart, since most work is done without one.
        later = PLACE.get(concept, PLACE["build"])
        behind = (stage for stage in stages if PLACE.get(self._concept(stage), -1) > later)
        return next((stage for stage in behind if self._concept(stage) != "prototype"), own)

    def _beside(self, stage: Stage, meaning: Meaning, concept: str, stages: tuple[Stage, ...]) -> tuple[str, ...]:
        """What else it could be: where the name is clear, only what the process calls otherwise than the name."""
        if self._concept(stage) == concept and meaning.aspect == "in" and meaning.sure:
            return ()
        kin: list[Stage | None] = [self._exact(one, "in", stages) for one in (concept, *KIN[concept])]
        if concept == "waiting":
            order = self.process.order
            near = sorted(stages, key=lambda one: abs(order[one.key] - order[stage.key]))
            kin.extend(one for one in near if not one.finished)
        keys = dict.fromkeys(one.key for one in kin if one is not None)
        return tuple(key for key in keys if key != stage.key)[:4]

    def _free(self, meaning: Meaning) -> tuple[str, ...]:
        """What the name alone would say."""
        return (self._unsaid(meaning, "build" if meaning.concept == "doing" else meaning.concept).stage,)

    def _exact(self, concept: str, aspect: Aspect, stages: Collection[Stage]) -> Stage | None:
        """The stage of a concept, one that is as far where there are several."""
        found = [stage for stage in stages if self._concept(stage) == concept]
        return next((stage for stage in found if self.meant[stage.key][1] == aspect), found[0] if found else None)

    def _nearest(self, concept: str, stages: tuple[Stage, ...]) -> Stage:
        """The stage of a concept or of its nearest kin; else the last before it in the order of concepts."""
        for one in (concept, *KIN[concept]):
            found = self._exact(one, "in", stages)
            if found is not None:
                return found
        place = PLACE.get(concept, PLACE["build"])
        earlier = [stage for stage in stages if PLACE.get(self._concept(stage), len(PLACE)) <= place]
        return earlier[-1] if earlier else stages[0]

    def _concept(self, stage: Stage) -> str:
        """What a stage means; empty where its name says nothing."""
        return self.meant[stage.key][0] if stage.key in self.meant else ""

    def _has(self, category: Category) -> bool:
        return any(stage.category == category for stage in self.process.stages)
