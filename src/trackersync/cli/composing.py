"""A draft as the commented text of ``trackersync.yaml``: what was counted, what is a guess, what may be changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from trackersync.cli.credentials import variable_of
from trackersync.cli.drafting import BOARD, Draft
from trackersync.config.writing import Part, Section, Variable, configuration_text
from trackersync.core.model import Item, Matcher, Vocabulary
from trackersync.core.propose import Line
from trackersync.pipeline.surveying import over
from trackersync.report.names import count
from trackersync.report.proposal import Proposed, legible
from trackersync.report.times import MONTHS

SCHEMA = "trackersync.schema.json"
MOST_STAGES = 8
"""So many stages are named beside the process."""
HELD = "Nothing is written here before somebody approves the first plan; `writes: none` keeps it read-only for good."
ELSEWHERE = "taken from the environment; no token is ever written into this file"


def text_of(
    draft: Draft, now: datetime, *, schema: bool, literal: Mapping[str, str] | None = None, first: str = ""
) -> str:
    """The text of the file.

    Args:
        draft: as it was taken.
        now: the moment.
        schema: whether the schema lies beside the file, so that editors find it.
        literal: by tracker, a token that is no secret and may stand in the file: the stand-ins' own.
        first: the command that brings the stand-ins up, where the trackers are those.
    """
    day = f"{now.day} {MONTHS[now.month - 1]} {now.year}"
    head = [
        f"yaml-language-server: $schema={SCHEMA}"
        if schema
        else f"Editors complete and check this file after: trackersync config --schema > {SCHEMA}",
        f"Written by `trackersync init` on {day} from what it saw, and yours to change.",
        "`trackersync doctor` looks it over; `trackersync init --force` writes it anew.",
        *([f"Its trackers are stand-ins: first, in another terminal, {first}"] if first else []),
    ]
    stages = [stage.key for stage in draft.process.stages]
    said = ", ".join(stages) if len(stages) <= MOST_STAGES else f"{len(stages)} stages: trackersync stages"
    parts = [_part(draft, one, (literal or {}).get(one.tracker)) for one in draft.proposed]
    return configuration_text(draft.ground.delivery, parts, head=head, said=said, sections=_sections(draft))


def _sections(draft: Draft) -> list[Section]:
    if len(draft.looked) < 2:
        return []
    return [
        Section(
            "sync",
            {
                "stage": {"authority": "changed", "adopt": "furthest"},
                "owners": {"authority": "changed", "adopt": "ask"},
            },
            [
                "authority: changed = the side that somebody moved wins. adopt: what holds at first contact;",
                "furthest = the later stage, ask = a conflict that a person settles.",
                "Accounts are joined by confirmed e-mail addresses; `trackersync people` proposes the rest.",
            ],
        )
    ]


def _part(draft: Draft, one: Proposed, literal: str | None) -> Part:
    name, settings = one.tracker, draft.configuration.trackers[one.tracker]
    plugin = draft.configuration.plugins[name]
    vocabulary = plugin.vocabulary
    part: dict[str, Any] = {key: value for key, value in draft.parts[name].items() if key not in ("token", "writes")}
    usual = type(settings).model_fields["url"].default
    if part.get("url") == usual:
        del part["url"]
    said = {plugin.containers_key: f"{count(one.items, 'issue')}, {one.coverage.open:,} open"}
    if settings.anonymous:
        said["anonymous"] = "what is public is read without a token, and nothing is written"
    elif literal is not None:
        part["token"] = literal
        variable = variable_of(name, draft.ground.aim.tokens[name])
        said |= {"token": f"the stand-ins take any; of a real one only the variable is named: ${{{variable}}}"}
    else:
        part["token"] = Variable(variable_of(name, draft.ground.aim.tokens[name]))
        said |= {"token": ELSEWHERE}
    if name in draft.boards:
        board = draft.boards[name]
        said |= dict.fromkeys(board.settings, f"the board {board.name}, whose columns tell the stage")
        said["precedence"] = "where column and label disagree, the column is believed"
    items = draft.looked[name].items
    stages = draft.stages(name)
    lines = one.proposal.lines
    return Part(
        name,
        _ordered(part, plugin.containers_key),
        {stage: [_spelled(entry, vocabulary) for entry in made] for stage, made in stages.items()},
        said={**said, "stages": "what an issue shows when it is in a stage"},
        counted={stage: _counted(items, stage, lines, vocabulary) for stage in stages},
        guessed={stage: _guessed(stage, lines) for stage in stages},
        remarks=_remarks(one, draft, stages, anonymous=settings.anonymous),
    )


def _ordered(part: Mapping[str, Any], containers: str) -> dict[str, Any]:
    """The keys as people read them: what it is, where, what of it, who we are."""
    first = ("connector", "url", "aliases", containers, "email", "user", "token", "anonymous")
    return {key: part[key] for key in (*(key for key in first if key in part), *(k for k in part if k not in first))}


def _spelled(entry: Mapping[str, Sequence[str]], vocabulary: Vocabulary) -> dict[str, Sequence[str]]:
    """An entry whose words the tracker fixes stands without brackets: ``state: closed``."""
    fixed = {matcher.key for matcher in vocabulary.matchers if matcher.values is not None}
    return {key: values[0] if key in fixed and len(values) == 1 else values for key, values in entry.items()}


def _counted(items: Iterable[Item], stage: str, lines: Iterable[Line], vocabulary: Vocabulary) -> str:
    """How many issues show any of a stage's values; empty where no value is counted."""
    facts = {matcher.key: matcher for matcher in vocabulary.matchers}
    values: dict[str, set[str]] = {}
    for line in lines:
        if line.stage == stage and line.place in facts and not _following(facts[line.place], vocabulary):
            values.setdefault(facts[line.place].fact, set()).add(line.value.casefold())
    if not values:
        return ""
    shown = [
        over(item, vocabulary)
        for item in items
        if any(not some.isdisjoint(v.casefold() for v in item.facts.get(fact, ())) for fact, some in values.items())
    ]
    now = len(shown) - sum(shown)
    return count(len(shown), "issue") if now in (0, len(shown)) else f"{count(len(shown), 'issue')}, {now:,} open"


def _following(matcher: Matcher, vocabulary: Vocabulary) -> bool:
    return matcher.fact in vocabulary.follows


def _guessed(stage: str, lines: Iterable[Line]) -> list[str]:
    found = []
    for line in lines:
        if line.stage == stage and not line.sure:
            others = f"; it could be {' or '.join(line.others[:3])}" if line.others else ""
            found.append(f"guess: {legible(line.value)} ({line.because}{others})")
    return found


def _remarks(one: Proposed, draft: Draft, stages: Mapping[str, object], *, anonymous: bool) -> list[str]:
    remarks = [] if anonymous else [HELD]
    if not stages:
        first = draft.process.first.key
        remarks.append(f"Nothing tells a stage yet: an open issue is taken for {first}, a closed one is over.")
    elif one.coverage.assumed:
        remarks.append(f"An open issue with {one.coverage.blank} is taken for {one.coverage.first}.")
    remarks += draft.remarks(one.tracker)
    doubtful = (line for line in one.proposal.guesses if line.place != BOARD)
    unplaced = [legible(line.value) for line in doubtful if line.stage is None]
    if unplaced:
        remarks.append(f"In no stage yet, so it is left alone and told of: {', '.join(unplaced)}")
    return remarks
