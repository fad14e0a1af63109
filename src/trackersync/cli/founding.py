"""The way of `init`: where to look, look, propose, have it looked over, write, and say what was found.

Reads only: no wire that is opened here may write. What was read stays in the store that the file names, so the first
`check` reads only what is new; whoever leaves before the end leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from os.path import relpath
from pathlib import Path
from typing import Any

from trackersync.cli.aiming import Aim, Aiming, folder_of
from trackersync.cli.amending import Left, amended, joined, looked_over, show
from trackersync.cli.asking import Asker, on_terminal
from trackersync.cli.composing import SCHEMA, text_of
from trackersync.cli.credentials import variable_of
from trackersync.cli.drafting import NONE, Draft, Ground, board_of, boards_of, told_apart
from trackersync.cli.exits import Exit
from trackersync.cli.filing import left_as_it_was, put, room, same
from trackersync.cli.founded import (
    BASELINE,
    Founded,
    StandIns,
    counted,
    founded,
    keep,
    next_commands,
    offer,
    summed,
    told,
)
from trackersync.cli.progress import Bars, drawable
from trackersync.cli.running import Common, log_request
from trackersync.cli.wanted import Wanted
from trackersync.config import NAMES, Configuration, load
from trackersync.config.address import store_beside
from trackersync.config.lexicon import lexicon
from trackersync.config.process import presets
from trackersync.config.settings import PREFIX, STORE
from trackersync.connector import Container, SurveyedBoard
from trackersync.core.diagnose import AnyRule
from trackersync.errors import ConfigError
from trackersync.http import Log
from trackersync.pipeline.opening import opened
from trackersync.pipeline.surveying import looked, offered, surveyed
from trackersync.registry import Registry, discover, rules
from trackersync.report.proposal import proposal_record
from trackersync.report.text.screen import Screen

ALONE, BOTH = "kanban", "delivery"
"""The process of one tracker, and of several."""
MOST_ALONE = 5
"""Open stages that a tracker may tell apart and still be told by the four of ``kanban``."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is gone about.

    Attributes:
        sets: ``PLACE:VALUE=STAGE``, each.
        board: the board whose columns tell the stage; None: as it looks.
        baseline: the file that today's findings go to.
        no_baseline: do not even ask for one.
        force: write over what is there.
        yes: ask nothing.
    """

    sets: tuple[str, ...] = ()
    board: str | None = None
    baseline: Path | None = None
    no_baseline: bool = False
    force: bool = False
    yes: bool = False


def found(
    common: Common, wanted: Wanted, manner: Manner, environ: Mapping[str, str], stand_ins: StandIns | None = None
) -> Exit:
    """Walk the whole way.

    Args:
        common: what every command shares; ``config`` is the file to write.
        wanted: which trackers, as far as the command line says.
        manner: how.
        environ: the environment.
        stand_ins: the stand-ins, where they are looked at.

    Raises:
        ConfigError: what is wanted cannot be used, or a file is in the way; nothing was written.
        TrackersyncError: a tracker cannot be read; nothing was written.
    """
    asker = Asker(Screen.on(sys.stdout)) if common.format == "text" and not manner.yes and on_terminal() else None
    file = common.config or next((Path(name) for name in NAMES if Path(name).is_file()), Path(NAMES[0]))
    log = log_request if common.verbose else None
    founding = _Founding(common, wanted, manner, environ, asker, stand_ins, file, log, Screen.on(sys.stdout))
    kept = "Nothing was written."
    try:
        draft, configuration = founding.walk()
        kept = f"{file} is written."
        founding.tell(draft, founded(configuration))
    except KeyboardInterrupt:
        if common.format == "json":
            raise
        Screen.on(sys.stderr).say(f"Stopped. {kept}")
        return Exit.INTERRUPTED
    return Exit.FINE


@dataclass(frozen=True)
class _Founding:
    """What the steps of the way share."""

    common: Common
    wanted: Wanted
    manner: Manner
    environ: Mapping[str, str]
    asker: Asker | None
    stand_ins: StandIns | None
    file: Path
    log: Log | None
    screen: Screen
    registry: Registry = field(default_factory=discover)
    rules: Sequence[AnyRule] = field(default_factory=rules)

    def walk(self) -> tuple[Draft, Configuration]:
        """As far as the file: what was taken, and how it reads."""
        store = store_beside(self.environ.get(f"{PREFIX}STORE") or STORE, folder_of(self.file))
        baseline = {"--baseline": self.manner.baseline} if self.manner.baseline is not None else {}
        room({"--config": self.file, **baseline}, store, force=self.manner.force, asker=self.asker)
        aim = self._aim()
        ground = Ground(self._named() or BOTH, aim, folder_of(self.file), store, self.registry, self.rules)
        draft = Draft(ground, {})
        with self._busy("asking what there is"):
            draft = replace(draft, known=asyncio.run(surveyed(draft.plain, log=self.log)))
        draft = replace(draft, ground=replace(ground, delivery=self._delivery(draft)))
        boards = {name: board for name in draft.known if (board := self._board(draft, name)) is not None}
        if not boards and self.manner.board is not None and self.manner.board.casefold() != NONE:
            raise ConfigError("--board: no board is shown that could tell a stage", next_step="leave --board out")
        draft = replace(draft, boards=boards)
        with left_as_it_was(store):
            draft = amended(asyncio.run(self._looked(draft)), self.manner.sets)
            if self.asker is not None:
                try:
                    draft = looked_over(self.asker, joined(self.asker, draft))
                except Left:
                    raise KeyboardInterrupt from None
            elif self.common.format == "text" and not self.common.quiet:
                show(self.screen, draft)
            return draft, self._write(draft)

    def _aim(self) -> Aim:
        aim = Aiming(self.wanted, self.environ, self.asker, self._offers).aim()
        for name, known in (self.stand_ins.aliases if self.stand_ins else {}).items():
            if name in aim.parts:
                aim.parts[name]["aliases"] = known
        return aim

    def _offers(
        self, name: str, part: Mapping[str, Any], words: Mapping[tuple[str | int, ...], str]
    ) -> Sequence[Container]:
        """What a tracker's credential shows, asked of settings that name an example."""
        plugin = self.registry.plugin(str(part["connector"]))
        whole = {name: {**part, plugin.containers_key: [plugin.example]}}
        ground = Ground(ALONE, Aim(whole, words, {}), folder_of(self.file), STORE, self.registry, self.rules)
        with self._busy(f"asking {name} what there is"):
            return asyncio.run(offered(ground.composed(whole), log=self.log)).get(name, ())

    def _delivery(self, draft: Draft) -> str:
        named = self._named()
        if named is not None:
            return named
        usual = BOTH if len(draft.known) > 1 or told_apart(draft, lexicon()) > MOST_ALONE else ALONE
        if self.asker is None:
            return usual
        shown = [(name, _ABOUT.get(name, "")) for name in presets()]
        return self.asker.one("Which delivery process?", shown, usual)

    def _named(self) -> str | None:
        """The process that the command line names."""
        wanted = self.wanted.delivery
        if wanted is None:
            return None
        # A file is meant from here, and named from beside the configuration.
        file = Path(wanted)
        is_file = file.suffix in (".yaml", ".yml") and file.is_file()
        return relpath(file.absolute(), folder_of(self.file)) if is_file else wanted

    def _board(self, draft: Draft, name: str) -> SurveyedBoard | None:
        boards = boards_of(draft, name)
        if not boards:
            return None
        likely = board_of(name, draft, lexicon(), self.manner.board)
        if self.asker is None or self.manner.board is not None:
            return likely
        shown = [("labels", "what issues are labelled")]
        shown += [(board.name, f"the columns: {', '.join(sign.value for sign in board.signs)}") for board in boards]
        chosen = self.asker.one(f"What tells the stage in {name}?", shown, likely.name if likely else "labels")
        return board_of(name, draft, lexicon(), NONE if chosen == "labels" else chosen)

    async def _looked(self, draft: Draft) -> Draft:
        bars = Bars(draft.parts) if drawable() and self.common.format == "text" and not self._still else None
        with bars or nullcontext():
            async with opened(draft.plain, progress=bars, log=self.log) as session:
                seen = await looked(session, draft.process, lexicon(), draft.known, draft.signs)
        return replace(draft, looked=seen)

    @property
    def _still(self) -> bool:
        return self.common.quiet or self.common.verbose

    def _busy(self, what: str) -> AbstractContextManager[object]:
        """A sign of life on a terminal, since a tracker that hangs is waited for."""
        if self._still or self.common.format != "text" or not drawable():
            return nullcontext()
        from rich.console import Console

        return Console(stderr=True).status(what)

    def _write(self, draft: Draft) -> Configuration:
        """Write the file, and read it back."""
        tokens = self.stand_ins.tokens if self.stand_ins else None
        schema = self.file.with_name(SCHEMA).is_file()
        first = self.stand_ins.command if self.stand_ins else ""
        text = text_of(draft, datetime.now().astimezone(), schema=schema, literal=tokens, first=first)
        typed = {
            variable_of(name, one): one.token.get_secret_value()
            for name, one in draft.ground.aim.tokens.items()
            if one.token is not None
        }
        environ = {**self.environ, **typed}
        put(self.file, text, lambda new: load(new, registry=self.registry, rules=self.rules, environ=environ))
        return load(self.file, registry=self.registry, rules=self.rules, environ=environ)

    def tell(self, draft: Draft, found: Founded) -> None:
        """What was written and what was found; the baseline, where it is wanted; what to type next."""
        baseline = self.manner.baseline
        if self.common.format == "text" and not (self.common.quiet and self.asker is None):
            told(self.screen, found, self.file)
        beside = self.file.with_name(BASELINE)
        free = not self.manner.no_baseline and not same(beside, self.file)
        if baseline is None and self.asker is not None and free and found.findings:
            self.screen.blank()
            # The file is written by now: whoever presses Ctrl-C here wants no baseline.
            with suppress(KeyboardInterrupt):
                if self.asker.yes(offer(counted(found), beside), default=False):
                    baseline = beside
        if baseline is not None:
            keep(baseline, found, self.file)
            if self.common.format == "text" and not self.common.quiet:
                self.screen.say(f"baseline  {baseline}: {counted(found)} known from now on")
        steps = next_commands(draft.ground.aim.tokens, found, self.file, baseline, self.stand_ins)
        if self.common.format == "json":
            from trackersync.cli.running import emit

            record = {
                "file": str(self.file),
                "findings": len(found.findings),
                **summed(found),
                "baseline": str(baseline) if baseline is not None else None,
                "next": [command for command, _ in steps],
            }
            emit(proposal_record(draft.proposed, draft.process, record))
        elif not (self.common.quiet and self.asker is None):
            self.screen.next(*steps)


_ABOUT = {
    "delivery": "13 stages from idea to support, in two phases",
    "kanban": "backlog, ready, in progress, review, done",
    "scrum": "product backlog, sprint backlog, in progress, review, done",
}
