"""What stories expect: every ``then`` sentence, and what it looks at."""

from __future__ import annotations

from trackersync.core.plan import Plan
from trackersync.errors import ConfigError, NotFoundError, RejectedError
from trackersync.pipeline import Order
from trackersync.testing.tracker import BOT, Edit

from .deciding import Deciding
from .happenings import Happenings, phrase
from .shop import WordError, facts_of, home_of, short, told
from .story import Unexpected
from .telling import Tellings

TROUBLES = (WordError, NotFoundError, RejectedError, ConfigError)
"""What a sentence raises that speaks of something that is not there."""


class Play(Deciding, Tellings, Happenings):
    """One story on its stage: what happens, and what is expected of it."""

    @phrase("then <key> has (?P<words>.+)")
    def has(self, key: str, words: str) -> None:
        item, expected = self.shop.item(key), facts_of(home_of(key), words)
        if any(_fold(item.facts[fact]) != _fold(values) for fact, values in expected.items()):
            raise Unexpected(f"{key} has {words}", f"{key} has {told(item, expected)}")

    @phrase("then the plan is empty")
    async def plan_is_empty(self) -> None:
        # A look of its own: "the run" in later lines is still the one before.
        outcome = await self._walk(Order("plan"))
        _same("nothing to change, no conflict, nothing left alone", _told(outcome.plan))

    @phrase("then nothing was written")
    def nothing_written(self) -> None:
        self._wrote("")

    @phrase("then only <keys> (?:was|were) written")
    def only_written(self, keys: str) -> None:
        self._wrote(keys)

    @phrase('then <key> was written because "(?P<because>.+)"')
    def written_because(self, key: str, because: str) -> None:
        found = [one.because for one in self._plan().changes if short(one.key) == key]
        if because not in found:
            raise Unexpected(f"{key} was written because {because}", f"it was written because {found}")

    @phrase("then we took <key> to (?P<statuses>.+)")
    def took(self, key: str, statuses: str) -> None:
        ours = [one for one in self._edits()[self.begun :] if one.by == BOT and self._key(one) == key]
        went = ", ".join(
            status for edit in ours for status in edit.after["status"] if edit.before["status"] != (status,)
        )
        if went != statuses:
            raise Unexpected(f"we took {key} to {statuses}", f"we took {key} to {went or 'nothing'}")

    def _wrote(self, keys: str) -> None:
        written = {self._key(edit) for edit in self._edits()[self.begun :] if edit.by == BOT}
        _equal("written: ", set(keys.split(", ")) - {""}, written)

    @phrase('then the <field> of <key> (?:is|are) in conflict( because "(?P<because>.+)")?')
    def in_conflict(self, field: str, key: str, because: str = "") -> None:
        found = [
            one
            for one in self._plan().conflicts
            if one.field == field and any(short(side.key) == key for side in one.sides)
        ]
        if not found or (because and found[0].because != because):
            raise Unexpected(
                f"a conflict about the {field} of {key}{f', because {because}' if because else ''}", self._found()
            )

    @phrase("then no conflict is open")
    def no_conflict(self) -> None:
        open_ones = self.shop.store.conflicts()
        _same("no conflict", "; ".join(f"{one.conflict.field}: {one.conflict.because}" for one in open_ones))

    @phrase('then the <field> of <key> (?:is|are) left alone because "(?P<because>.+)"')
    def left_alone(self, field: str, key: str, because: str) -> None:
        found = [one for one in self._plan().left_alone if one.field == field and short(one.key) == key]
        if [one.because for one in found] != [because]:
            raise Unexpected(f"the {field} of {key} is left alone because {because}", self._found())

    @phrase(
        "then the <field> of <key> (?:was|were) overruled by (?P<tracker>jira|github|latest), it said (?P<words>.+)"
    )
    def overruled(self, field: str, key: str, tracker: str, words: str) -> None:
        expected = (key, field, tracker, words)
        found = [(short(one.key), one.field, one.authority, one.said) for one in self._plan().overruled]
        if expected not in found:
            raise Unexpected(str(expected), str(found))

    @phrase("then the run is held by (?P<names>.+)")
    def held(self, names: str) -> None:
        _equal("held by: ", set(names.split(", ")), {hold.name for hold in self._outcome().holds})

    @phrase("then the run is not held")
    def not_held(self) -> None:
        _equal("held by: ", set(), {hold.name for hold in self._outcome().holds})

    @phrase("then <keys> (?:is|are) in doubt")
    def in_doubt(self, keys: str) -> None:
        found = {short(entry.change.key) for entry in self.shop.store.in_doubt()}
        _equal("in doubt: ", set(keys.split(", ")), found)

    @phrase("then nothing is in doubt")
    def not_in_doubt(self) -> None:
        _equal("in doubt: ", set(), {short(entry.change.key) for entry in self.shop.store.in_doubt()})

    @phrase("then the saved plan is refused because <keys> moved")
    def refused(self, keys: str) -> None:
        _equal("moved: ", set(keys.split(", ")), {short(one.change.key) for one in self._outcome().moved})

    @phrase("then <number> tasks? rests?")
    def rests(self, number: str) -> None:
        _equal("resting tasks: ", {number}, {str(self._outcome().world.resting)})

    @phrase("then <one:key> and <other:key> are one task")
    def one_task(self, one: str, other: str) -> None:
        if frozenset((one, other)) not in self._tasks():
            raise Unexpected(f"{one} and {other} are one task", f"tasks: {_listed(self._tasks())}")

    @phrase("then <key> is a task of its own")
    def own_task(self, key: str) -> None:
        if frozenset((key,)) not in self._tasks():
            raise Unexpected(f"{key} is a task of its own", f"tasks: {_listed(self._tasks())}")

    @phrase("then a finding <rule> names <keys>")
    def finding(self, rule: str, keys: str) -> None:
        expected = (rule, frozenset(keys.split(", ")))
        found = [(one.rule, frozenset(short(seen.key) for seen in one.items)) for one in self._outcome().world.findings]
        if expected not in found:
            raise Unexpected(f"{rule}: {keys}", "; ".join(f"{one}: {', '.join(sorted(of))}" for one, of in found))

    @phrase("then no finding <rule>")
    def no_finding(self, rule: str) -> None:
        found = [one for one in self._outcome().world.findings if one.rule == rule]
        _same(f"no {rule}", "; ".join(one.message for one in found))

    # How it is looked up.

    def _found(self) -> str:
        return _told(self._plan()) or "nothing of the kind"

    def _key(self, edit: Edit) -> str:
        return next(key for key, ref in self.shop.refs.items() if ref == edit.ref)

    def _tasks(self) -> set[frozenset[str]]:
        return {frozenset(short(item.key) for item in task.items) for task in self._outcome().world.tasks}


def _told(plan: Plan | None) -> str:
    """All that a plan holds, a line each; empty when it holds nothing."""
    plan = plan or Plan(())
    changes = [f"change {short(one.key)}: {dict(one.before)} → {dict(one.after)}" for one in plan.changes]
    conflicts = [f"conflict about {one.field}: {one.because}" for one in plan.conflicts]
    rest = [f"left alone {one.field} of {short(one.key)}: {one.because}" for one in plan.left_alone]
    return "\n            ".join((*changes, *conflicts, *rest))


def _same(expected: str, found: str) -> None:
    if found:
        raise Unexpected(expected, found)


def _equal(what: str, expected: set[str], found: set[str]) -> None:
    if expected != found:
        raise Unexpected(
            what + (", ".join(sorted(expected)) or "nothing"), what + (", ".join(sorted(found)) or "nothing")
        )


def _listed(tasks: set[frozenset[str]]) -> str:
    return "; ".join(sorted(" = ".join(sorted(task)) for task in tasks))


def _fold(values: tuple[str, ...]) -> set[str]:
    return {value.casefold() for value in values}
