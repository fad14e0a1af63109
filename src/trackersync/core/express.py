"""From a desired value to one item's change: which facts to write, or the reason why not.

What a tracker cannot be told is left alone with its reason: a stage it has no word for, a status that no path of
transitions reaches, the reason of an issue that is closed already (GitHub ignores it unless the state changes, REST
"Update an issue"), an owner without an account there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import combinations, product

from trackersync.core.expect import fold
from trackersync.core.model import OWNERS, STAGE, Capacity, Change, Facts, Item, Workflow
from trackersync.core.people import Directory
from trackersync.core.stages import StageMap
from trackersync.core.terrain import Steps, Terrain


def express_stage(
    item: Item,
    stages: StageMap,
    wanted: Iterable[str],
    workflow: Workflow | None,
    because: str,
    *,
    adoption: bool,
    hands_off: Collection[str] = (),
) -> Change | str:
    """The change that brings an item to the first of the wanted stages it can be told; else a sentence why not.

    Args:
        item: as observed.
        stages: its tracker's mapping.
        wanted: stages any of which will do, in process order.
        workflow: as far as it is known, for a tracker that has workflows.
        because: the reason for the change.
        adoption: whether it is planned at first contact.
        hands_off: statuses that no item is led through, since they wait for a person.
    """
    wanted, stages = tuple(wanted), stages.at(item.facts)
    words = [word for stage in wanted for word in stages.words(stage)]
    if not words:
        return f"{item.ref.tracker} has no word for {wanted[0]}"
    routed = stages.vocabulary.routed
    moves = [word for word in words if routed in word]
    ways: list[tuple[Facts, Steps]] = [(word, Steps()) for word in words]
    if routed is not None and moves:
        terrain = Terrain(item, stages, routed, workflow or Workflow({}), hands_off)
        # What needs no transition is nearer than any status.
        ways = [
            (word, Steps())
            for word in words
            if routed not in word and not _trouble(item, stages, _difference(item, stages, word)[1], wanted)
        ]
        reachable = terrain.ways(moves) or ([] if ways else terrain.toward(moves, wanted))
        if isinstance(reachable, str):
            return reachable
        ways += reachable
    troubles = []
    for word, steps in ways:
        before, after = _difference(item, stages, word)
        trouble = "" if steps.toward else _trouble(item, stages, after, wanted)
        if not trouble:
            leading = [fact for fact in after if fact not in stages.vocabulary.follows]
            fact = next((fact for fact in leading if fact not in stages.ours), leading[0])
            fact = routed if steps.path and routed is not None else fact
            return Change(
                item.ref,
                item.key,
                STAGE,
                fact,
                before,
                after,
                because,
                stages.ours,
                adoption,
                path=steps.path,
                toward=steps.toward,
            )
        troubles.append(trouble)
    return troubles[0]


def _trouble(item: Item, stages: StageMap, after: Facts, wanted: Collection[str]) -> str:
    """Why writing these facts would not bring the item to a wanted stage; empty when it would."""
    follows, tracker = stages.vocabulary.follows, item.ref.tracker
    stranded = next((fact for fact in after if follows.get(fact, fact) not in after), None)
    if stranded is not None:
        shown = " + ".join(item.facts.get(stranded, ())) or "none"
        return f"{tracker} changes {stranded} ({shown}) only together with {follows[stranded]}"
    # What follows a fact that changes may be emptied by the tracker.
    emptied: Facts = {fact: () for fact, leader in follows.items() if leader in after}
    reading = stages.read({**item.facts, **emptied, **after})
    if after and reading.kind != "clash" and not set(wanted).isdisjoint(reading.stages):
        return ""
    goal = next(iter(wanted))
    return f'"{reading.says}" is {reading.first or "no stage"} in {tracker}, which has no other word for {goal} there'


def _difference(item: Item, stages: StageMap, word: Facts) -> tuple[Facts, Facts]:
    """Every fact a stage can live in as it is, and those in which an item and a word differ as they shall be.

    All of them are expected, also what is not written: a person who meanwhile labels an issue that is to be closed, or
    calls a done one cancelled, has moved it.
    """
    before = {fact: stages.mine(item.facts, fact) for fact in stages.native(item.facts)}
    after = {fact: values for fact, values in word.items() if fold(before[fact]) != fold(values)}
    return before, after


def passing(item: Item, change: Change, facts: Iterable[str], follows: Collection[str] = ()) -> tuple[Facts, ...]:
    """Every native state an item can show while this change is under way and after: what base holds until it settles.

    A set passes through all its values together (the new label comes before the old ones go), and then loses the old
    ones, a request each, in whatever order; owners come in one request and go in another. A single fact shows either
    its old value or its new one, or one on the change's path between them; and one that ``follows`` another may be
    emptied by the tracker itself. Each combination is possible, since one change may take several requests.
    """
    facts = tuple(facts)
    options: list[tuple[tuple[str, ...], ...]] = []
    for fact in facts:
        now = item.facts.get(fact, ())
        if fact not in change.after:
            options.append(tuple(dict.fromkeys((now, ()) if fact in follows else (now,))))
            continue
        mine = fold(change.ours.get(fact, now))
        foreign = tuple(value for value in now if value.casefold() not in mine)
        both = tuple(dict.fromkeys((*change.before.get(fact, ()), *change.after[fact])))
        steps = [change.before.get(fact, ()), both, change.after[fact]]
        if fact not in change.ours and fact != OWNERS:
            # What follows is said with the last hop; until then it may be emptied.
            hops = [(status,) for status in change.path] if fact == change.fact else [()] if change.path else []
            steps[1:2] = hops
        if fact in change.ours:
            steps[2:2] = _losing(both, change.after[fact])
        options.append(tuple(dict.fromkeys((*foreign, *step) for step in steps)))
    return tuple(dict(zip(facts, combination, strict=True)) for combination in product(*options))


MOST_LEAVING = 8
"""So many values that leave a set one by one are followed in every order; nothing has so many of ours."""


def _losing(values: tuple[str, ...], after: tuple[str, ...]) -> list[tuple[str, ...]]:
    """What a set shows while the values that do not stay are taken off, one after the other in whatever order."""
    kept = fold(after)
    leaving = [value for value in values if value.casefold() not in kept][:MOST_LEAVING]
    some = (set(gone) for size in range(1, len(leaving)) for gone in combinations(leaving, size))
    return [tuple(value for value in values if value not in gone) for gone in some]


def landed(
    change: Change, passed: Iterable[Facts], shown: Facts, means: Callable[[Facts], object]
) -> tuple[Facts, ...]:
    """The native states that are our doing once a change has been read back: what base holds from then on.

    That is what the item shows, unless it says something else than the change does: then a person moved it in the same
    moment, and base holds what we wrote, so that theirs is seen as a move.

    Args:
        change: as written.
        passed: every state it can pass through, as ``passing`` gives them.
        shown: what the field shows now.
        means: from a native state to what it says, to be compared.
    """
    ours = tuple(
        native
        for native in passed
        if all(fold(values) <= fold(native.get(fact, ())) for fact, values in change.after.items())
        and not any(
            fold(change.before.get(fact, ())) - fold(values) & fold(native.get(fact, ()))
            for fact, values in change.after.items()
        )
    )
    return (shown,) if not ours or means(shown) in map(means, ours) else ours


def express_owners(
    item: Item, people: Directory, capacity: Capacity, wanted: Iterable[str], because: str, *, adoption: bool
) -> Change | str:
    """The change that makes an item show the wanted owners as far as they fit; strangers stay. Else why not."""
    tracker = item.ref.tracker
    now = item.facts.get(OWNERS, ())
    wanted = tuple(wanted)
    if capacity.most < 1:
        return f"{tracker} cannot be told who owns an item"
    missing = [name for name in wanted if not people.accounts(name, tracker)]
    if missing and len(missing) == len(wanted):
        return f"{' and '.join(missing)} has no account in {tracker}: add one to people"
    kept = [account for account in now if (name := people.name(tracker, account)) is None or name in wanted]
    held = {people.name(tracker, account) for account in kept}
    coming = [name for name in people.ranked(wanted) if name not in held and name not in missing]
    after = (*kept, *(people.accounts(name, tracker)[0] for name in coming))[: max(capacity.most, len(kept))]
    if fold(after) == fold(now):
        who = " and ".join(missing)
        return (
            f"{who} has no account in {tracker}: add one to people"
            if missing
            else f"{item.key} has room for {capacity.most}, held by {' and '.join(now)}"
        )
    return Change(item.ref, item.key, OWNERS, OWNERS, {OWNERS: now}, {OWNERS: after}, because, {}, adoption)
