"""A configuration while it is made: where to look, what was seen there, and which stage each value is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from trackersync.cli.aiming import Aim
from trackersync.config import Configuration, composed
from trackersync.connector import Sign, SurveyedBoard
from trackersync.core.diagnose import AnyRule
from trackersync.core.examine import covered
from trackersync.core.nearest import did_you_mean
from trackersync.core.process import Process
from trackersync.core.propose import Lexicon, Line, Proposal, entries, propose
from trackersync.errors import ConfigError
from trackersync.pipeline.opening import terms_of
from trackersync.pipeline.surveying import Looked, Surveyed, elsewhere, sightings
from trackersync.registry import Registry
from trackersync.report.names import count
from trackersync.report.proposal import Proposed, listed

NONE = "none"
"""The word for a value that says nothing of a stage."""
BOARD = "board"


@dataclass(frozen=True, slots=True)
class Ground:
    """What every draft is made on.

    Attributes:
        delivery: the process, a preset or a file.
        aim: where to look.
        folder: where the file will be.
        store: the store's URL.
        registry: where connectors come from.
        rules: every rule of check there is.
    """

    delivery: str
    aim: Aim
    folder: Path
    store: str
    registry: Registry
    rules: Sequence[AnyRule]

    def composed(self, parts: Mapping[str, Mapping[str, Any]]) -> Configuration:
        """The configuration of these parts of trackers. Raises ``ConfigError``."""
        value = {"delivery": self.delivery, "trackers": parts}
        return composed(
            value, self.aim.words, registry=self.registry, rules=self.rules, store=self.store, folder=self.folder
        )


@dataclass(frozen=True)
class Draft:
    """What is proposed by now.

    Attributes:
        ground: what it is made on.
        known: by tracker, what it showed of itself.
        boards: by tracker, the board whose columns count; a tracker without one is left out.
        looked: by tracker, its issues and the proposal for it.
    """

    ground: Ground
    known: Mapping[str, Surveyed]
    boards: Mapping[str, SurveyedBoard] = field(default_factory=dict)
    looked: Mapping[str, Looked] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, dict[str, Any]]:
        """By tracker, its part of the configuration without stages; credentials included."""
        found = {}
        for name, part in self.ground.aim.parts.items():
            board = self.boards.get(name)
            found[name] = part if board is None else {**part, **board.settings, "precedence": [BOARD, "labels"]}
        return found

    @cached_property
    def plain(self) -> Configuration:
        """The configuration before anything is mapped, to read by."""
        return self.ground.composed(self.parts)

    @property
    def process(self) -> Process:
        """Whose stages are proposed."""
        return self.plain.process

    @property
    def signs(self) -> dict[str, tuple[Sign, ...]]:
        """By tracker, the columns of the board that counts."""
        return {name: board.signs for name, board in self.boards.items()}

    def stages(self, name: str) -> dict[str, list[dict[str, list[str]]]]:
        """A tracker's ``stages``, as the proposal says."""
        return entries(self.looked[name].proposal, self.process, self.plain.plugins[name].vocabulary)

    @cached_property
    def configuration(self) -> Configuration:
        """The configuration with every stage as proposed. Raises ``ConfigError``."""
        return self.ground.composed({name: {**part, "stages": self.stages(name)} for name, part in self.parts.items()})

    def elsewhere(self, name: str) -> dict[str, int]:
        """Addresses by which the other trackers' issues name this one's though it is not known by them; how many do."""
        settings, plugin = self.configuration.trackers[name], self.configuration.plugins[name]
        others = (item for other, one in self.looked.items() if other != name for item in one.items)
        named = elsewhere(others, plugin.addresses(settings), plugin.containers(settings), plugin.vocabulary)
        return dict(list(named.items())[:2])

    def remarks(self, name: str) -> tuple[str, ...]:
        """Sentences on these addresses."""
        return tuple(
            f"{count(number, 'issue')} elsewhere {'names' if number == 1 else 'name'} {address}: where that is this "
            f"{name}, `aliases: [{address}]` links them"
            for address, number in self.elsewhere(name).items()
        )

    def known_by(self, name: str, address: str) -> Draft:
        """The same where a tracker is known by a further address."""
        aim = self.ground.aim
        part = aim.parts[name]
        parts = {**aim.parts, name: {**part, "aliases": [*part.get("aliases", ()), address]}}
        return replace(self, ground=replace(self.ground, aim=replace(aim, parts=parts)))

    @cached_property
    def proposed(self) -> tuple[Proposed, ...]:
        """What is shown of it, by tracker."""
        terms = terms_of(self.configuration)
        found = []
        for name, one in self.looked.items():
            settings, known = self.configuration.trackers[name], self.known[name]
            plugin = self.configuration.plugins[name]
            remarks = known.survey.remarks if known.survey is not None else ()
            board = self.boards.get(name)
            found.append(
                Proposed(
                    name,
                    plugin.containers(settings),
                    "" if settings.anonymous else known.probe.account,
                    len(one.items),
                    one.proposal,
                    covered(one.items, name, terms),
                    (
                        *((f"the columns of the board {board.name} tell the stage",) if board else ()),
                        *one.proposal.remarks,
                        *remarks,
                        *self.remarks(name),
                    ),
                )
            )
        return tuple(found)

    def lines(self) -> list[tuple[str, Line]]:
        """The lines as they are numbered, from 1, each with its tracker."""
        return [(name, line) for name, one in self.looked.items() for line in listed(one.proposal, self.process)]

    def given(self, tracker: str, place: str, value: str, stage: str | None) -> Draft:
        """The same where a value of one tracker is given a stage, or none.

        Raises:
            ConfigError: the stages then contradict each other, so it stays as it is.
        """
        one = self.looked[tracker]
        changed = replace(one, proposal=one.proposal.with_stage(place, value, stage))
        draft = replace(self, looked={**self.looked, tracker: changed})
        _ = draft.configuration
        return draft


def told_apart(draft: Draft, lexicon: Lexicon) -> int:
    """How many open stages of the draft's process a tracker tells apart for sure, by the names of what it shows."""
    most = 0
    for name, known in draft.known.items():
        vocabulary = draft.plain.plugins[name].vocabulary
        lines = propose(draft.process, vocabulary, sightings(known.survey, (), vocabulary), lexicon).lines
        stages = {line.stage for line in lines if line.sure and line.stage is not None}
        most = max(most, sum(not draft.process.stage(stage).finished for stage in stages))
    return most


def stage_of(word: str, process: Process) -> str | None:
    """The stage that a word names, without regard to case; None for ``none``.

    Raises:
        ConfigError: it names none; the hint tells the one that was probably meant.
    """
    if word.casefold() == NONE:
        return None
    for stage in process.stages:
        if word.casefold() in {stage.key.casefold(), stage.name.casefold()}:
            return stage.key
    hint = did_you_mean(word, [*process.order, NONE], "its stages")
    raise ConfigError(f'`{process.name}` has no stage "{word}"', next_step=hint)


def board_of(name: str, draft: Draft, lexicon: Lexicon, wanted: str | None) -> SurveyedBoard | None:
    """The board whose columns shall tell the stage: the wanted one, else the likeliest where no label tells any.

    Args:
        name: the tracker.
        draft: nothing of which was read yet.
        lexicon: the words names are read by.
        wanted: a board's name, ``none``, or None where nobody said.

    Raises:
        ConfigError: no board is called so.
    """
    boards = boards_of(draft, name)
    if wanted is not None:
        if wanted.casefold() == NONE:
            return None
        for board in boards:
            if board.name.casefold() == wanted.casefold():
                return board
        hint = did_you_mean(wanted, [board.name for board in boards], "boards here") or "leave --board out"
        raise ConfigError(f'--board: {name} shows no board "{wanted}"', next_step=hint)
    return boards[0] if boards and not _told(name, draft, lexicon) else None


def boards_of(draft: Draft, name: str) -> tuple[SurveyedBoard, ...]:
    """The boards of a tracker that have to be named to count."""
    survey = draft.known[name].survey
    return tuple(board for board in survey.boards if board.settings) if survey is not None else ()


def _told(name: str, draft: Draft, lexicon: Lexicon) -> bool:
    """Whether what a tracker shows besides its boards tells when work is begun."""
    vocabulary = draft.plain.plugins[name].vocabulary
    proposal: Proposal = propose(
        draft.process, vocabulary, sightings(draft.known[name].survey, (), vocabulary), lexicon
    )
    return any(line.stage is not None and not draft.process.stage(line.stage).finished for line in proposal.lines)
