"""The proposal as the ``stages`` of a tracker's configuration, sound by construction.

Every value is claimed once. A label of a finished stage never ends an open issue by itself where the tracker has a
state for that: ``wontfix`` cancels what is closed, and ``done`` on an open issue is a finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from trackersync.core.model import Facts, Matcher, Vocabulary
from trackersync.core.process import Process
from trackersync.core.propose.proposal import Line, Proposal

Entry = dict[str, list[str]]


def entries(proposal: Proposal, process: Process, vocabulary: Vocabulary) -> dict[str, list[Entry]]:
    """The entries that say what the proposal says.

    Args:
        proposal: as proposed, or as a person changed it.
        process: whose stages it names; a line with another stage is left out.
        vocabulary: the tracker's.

    Returns:
        By stage, in the process's order, the entries; the first one is what is written. Stages without one are left
        out, and so is what the tracker means by itself. Texts are as the tracker has them: whoever writes them into a
        file escapes ``${``.
    """
    matchers = {matcher.key: matcher for matcher in vocabulary.matchers}
    claims = _claims(proposal, process, matchers)
    reasons = {key for key, matcher in matchers.items() if matcher.fact in vocabulary.follows}
    found: dict[str, list[Entry]] = {}
    for stage in process.stages:
        made = _simple(stage.key, claims, matchers, reasons)
        if stage.finished:
            made = _finished(stage.key, made, process, vocabulary, matchers)
        made += _ended(stage.key, claims, process, vocabulary, matchers)
        if made:
            found[stage.key] = made
    return found


_Claims = Mapping[str, Mapping[str, list[str]]]
"""By stage and place, the values, the most natural first."""


def _claims(proposal: Proposal, process: Process, matchers: Mapping[str, Matcher]) -> _Claims:
    taken: set[tuple[str, str]] = set()
    claims: dict[str, dict[str, list[str]]] = {stage.key: {} for stage in process.stages}
    for line in sorted(proposal.lines, key=_natural):
        matcher = matchers.get(line.place)
        key = (line.place, line.value.casefold())
        if matcher is None or matcher.values is not None or line.stage not in claims or key in taken:
            continue
        if not line.value.strip():
            continue
        taken.add(key)
        claims[line.stage].setdefault(line.place, []).append(line.value)
    return claims


def _natural(line: Line) -> tuple[int, int, int]:
    return (line.weight, -line.open, -line.all)


def _simple(stage: str, claims: _Claims, matchers: Mapping[str, Matcher], reasons: Collection[str]) -> list[Entry]:
    """An entry for each place that has values for the stage, in the vocabulary's order; reasons apart."""
    return [{key: claims[stage][key]} for key in matchers if key in claims[stage] and key not in reasons]


def _finished(
    stage: str, made: Iterable[Entry], process: Process, vocabulary: Vocabulary, matchers: Mapping[str, Matcher]
) -> list[Entry]:
    """The entries of a finished stage: the tracker's own state comes first, so that it is what is written."""
    kept = list(made)
    usual = _spelled(vocabulary.defaults.get(process.stage(stage).category), matchers)
    if not kept or usual is None or stage != _first(process, process.stage(stage).category):
        return kept
    done = _spelled(vocabulary.defaults.get("done"), matchers)
    if process.stage(stage).category == "cancelled" and done is not None:
        # A column is where an open item stands, too; a label is often left on one that goes on.
        columns = [entry for entry in kept if not _shared(entry, matchers)]
        kept = [*columns, *({**done, **entry} for entry in kept)]
    return [usual, *kept]


def _ended(
    stage: str, claims: _Claims, process: Process, vocabulary: Vocabulary, matchers: Mapping[str, Matcher]
) -> list[Entry]:
    """Reasons that make another stage of what is otherwise done."""
    over = [one for one in process.stages if one.category == "done"]
    made: list[Entry] = []
    for key, matcher in matchers.items():
        led = vocabulary.follows.get(matcher.fact)
        if led is None or key not in claims[stage] or any(one.key == stage for one in over):
            continue
        place = next((one.key for one in vocabulary.matchers if one.fact == led), "")
        values = [value for one in over for value in claims[one.key].get(place, ())]
        if values:
            made.append({place: values, key: claims[stage][key]})
    return made


def _shared(entry: Entry, matchers: Mapping[str, Matcher]) -> bool:
    return any(matchers[key].shared for key in entry)


def _spelled(facts: Facts | None, matchers: Mapping[str, Matcher]) -> Entry | None:
    """Facts in the configuration's words; None where there are none, or it has no word for them."""
    keys = {matcher.fact: key for key, matcher in matchers.items()}
    if not facts or not facts.keys() <= keys.keys():
        return None
    return {keys[fact]: list(values) for fact, values in facts.items()}


def _first(process: Process, category: str) -> str:
    return next(stage.key for stage in process.stages if stage.category == category)
