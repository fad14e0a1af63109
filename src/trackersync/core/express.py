"""From a desired value to one item's change: which facts to write, or the reason why not.

What a tracker cannot be told is left alone with its reason: a stage it has no word for, a status that no single
transition reaches, the reason of an issue that is closed already (GitHub ignores it unless the state changes, REST
"Update an issue"), an owner without an account there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import product

from trackersync.core.model import OWNERS, STAGE, Capacity, Change, Facts, Item, Workflow
from trackersync.core.people import Directory
from trackersync.core.stages import StageMap


def express_stage(
    item: Item, stages: StageMap, wanted: Iterable[str], workflow: Workflow | None, because: str, *, adoption: bool
) -> Change | str:
    """The change that brings an item to the first of the wanted stages it can be told; else a sentence why not.

    Args:
        item: as observed.
        stages: its tracker's mapping.
        wanted: stages any of which will do, in process order.
        workflow: the hops that leave its present status, for a tracker that has workflows.
        because: the reason for the change.
        adoption: whether it is planned at first contact.
    """
    wanted = tuple(wanted)
    words = [word for stage in wanted for word in stages.words(stage)]
    if not words:
        return f"{item.ref.tracker} has no word for {wanted[0]}"
    routed = stages.vocabulary.routed
    moves = [word for word in words if routed in word]
    if routed is not None and moves:
        reachable = _reachable(item, moves, routed, workflow)
        if isinstance(reachable, str):
            return reachable
        words = reachable
    troubles = []
    for word in words:
        before, after = _difference(item, stages, word)
        trouble = _trouble(item, stages, after, wanted)
        if not trouble:
            leading = [fact for fact in after if fact not in stages.vocabulary.follows]
            fact = next((fact for fact in leading if fact not in stages.ours), leading[0])
            return Change(item.ref, item.key, STAGE, fact, before, after, because, stages.ours, adoption)
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
    if after and not set(wanted).isdisjoint(reading.stages):
        return ""
    goal = next(iter(wanted))
    return f'"{reading.says}" is {reading.first or "no stage"} in {tracker}, which has no other word for {goal} there'


def _reachable(item: Item, words: list[Facts], routed: str, workflow: Workflow | None) -> list[Facts] | str:
    """The words that no or one transition reaches, in this order. Paths of several hops are not planned."""
    here = next(iter(item.facts.get(routed, ())), "")
    statuses = list(dict.fromkeys(word[routed][0] for word in words))
    same = [word for word in words if word[routed][0].casefold() == here.casefold()]
    hops = workflow.leaves.get(here, ()) if workflow else ()
    reached = {hop.to.casefold() for hop in hops}
    found = same + [word for word in words if word not in same and word[routed][0].casefold() in reached]
    if found:
        return found
    goal = " or ".join(f'"{status}"' for status in statuses)
    allowed = ", ".join(f'"{hop.to}"' for hop in hops) or "none"
    return f'no single transition leads from "{here}" to {goal}; from there it can go to: {allowed}'


def _difference(item: Item, stages: StageMap, word: Facts) -> tuple[Facts, Facts]:
    """Every fact a stage can live in as it is, and those in which an item and a word differ as they shall be.

    All of them are expected, also what is not written: a person who meanwhile labels an issue that is to be closed, or
    calls a done one cancelled, has moved it.
    """
    before = {fact: stages.mine(item.facts, fact) for fact in stages.native(item.facts)}
    after = {fact: values for fact, values in word.items() if _fold(before[fact]) != _fold(values)}
    return before, after


def passing(item: Item, change: Change, facts: Iterable[str], follows: Collection[str] = ()) -> tuple[Facts, ...]:
    """Every native state an item can show while this change is under way and after: what base holds until it settles.

    A set passes through both its values together (the new label comes before the old one goes); a single fact shows
    either its old value or its new one, and one that ``follows`` another may be emptied by the tracker itself. Each
    combination is possible, since one change may take several requests.
    """
    facts = tuple(facts)
    options: list[tuple[tuple[str, ...], ...]] = []
    for fact in facts:
        now = item.facts.get(fact, ())
        if fact not in change.after:
            options.append(tuple(dict.fromkeys((now, ()) if fact in follows else (now,))))
            continue
        mine = _fold(change.ours.get(fact, now))
        foreign = tuple(value for value in now if value.casefold() not in mine)
        both = tuple(dict.fromkeys((*change.before.get(fact, ()), *change.after[fact])))
        steps = [change.before.get(fact, ()), both, change.after[fact]]
        if fact not in change.ours and fact != OWNERS:
            steps.remove(both)
        options.append(tuple(dict.fromkeys((*foreign, *step) for step in steps)))
    return tuple(dict(zip(facts, combination, strict=True)) for combination in product(*options))


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
        if all(_fold(values) <= _fold(native.get(fact, ())) for fact, values in change.after.items())
        and not any(
            _fold(change.before.get(fact, ())) - _fold(values) & _fold(native.get(fact, ()))
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
    if _fold(after) == _fold(now):
        who = " and ".join(missing)
        return (
            f"{who} has no account in {tracker}: add one to people"
            if missing
            else f"{item.key} has room for {capacity.most}, held by {' and '.join(now)}"
        )
    return Change(item.ref, item.key, OWNERS, OWNERS, {OWNERS: now}, {OWNERS: after}, because, {}, adoption)


def _fold(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value.casefold() for value in values)
