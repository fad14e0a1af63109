"""What a person changes of a proposal: by `--set` on the command line, or line by line on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from trackersync.cli.asking import Asker
from trackersync.cli.drafting import NONE, Draft, stage_of
from trackersync.core.nearest import did_you_mean
from trackersync.core.process import Process
from trackersync.core.propose import Line
from trackersync.errors import ConfigError
from trackersync.report.names import clean, count
from trackersync.report.proposal import legible
from trackersync.report.text.folded import hanging
from trackersync.report.text.proposal import covers, proposal_screen
from trackersync.report.text.screen import Screen

HELP = (
    ("Enter", "take it as it is"),
    ("4 build", "line 4 is the stage build; `4 none`: it says nothing of a stage"),
    ("1, 19-48 = none", "several lines at once"),
    ("Blocked = build", "the same by name, also for what is not listed"),
    ("?", "this, and the stages"),
    ("s", "show the table again"),
    ("q", "leave; nothing is written"),
)
MOST_NAMED = 3
"""So many values are named that were changed at once."""
_NUMBERS = r"\d{1,9}(?:\s*-\s*\d{1,9})?"
_LINES = re.compile(rf"({_NUMBERS}(?:\s*,\s*{_NUMBERS})*)(?:\s*=\s*(.*)|\s+(.*))?")
Numbered = Sequence[tuple[str, Line]]
"""The lines as they were shown last, from 1, each with its tracker."""


class Left(Exception):  # noqa: N818  # no error: somebody decided to leave
    """Somebody left without taking it."""


def amended(draft: Draft, sets: Iterable[str]) -> Draft:
    """A draft with what ``--set PLACE:VALUE=STAGE`` says.

    Args:
        draft: as proposed.
        sets: each as it was written.

    Raises:
        ConfigError: one of them names no value or no stage that there is.
    """
    for written in sets:
        place, colon, rest = written.partition(":")
        value, equal, stage = rest.rpartition("=")
        if not (colon and equal and value.strip() and stage.strip()):
            raise ConfigError(
                f'--set: "{clean(written)}" is not PLACE:VALUE=STAGE',
                next_step="--set 'statuses:Waiting for vendor=build', or =none where it says nothing of a stage",
            )
        try:
            key = stage_of(stage.strip(), draft.process)
        except ConfigError as error:
            raise ConfigError(f"--set: {error}", next_step=error.next_step) from error
        found = [(name, line) for name, line in _called(draft, value.strip()) if line.place == place.strip()]
        if not found:
            raise _unknown(draft, place.strip(), value.strip())
        for name, line in found:
            draft = draft.given(name, line.place, line.value, key)
    return draft


def joined(asker: Asker, draft: Draft) -> Draft:
    """A draft in which trackers are known by the further addresses that somebody says are theirs."""
    for name in draft.looked:
        for address, number in draft.elsewhere(name).items():
            names = "names" if number == 1 else "name"
            question = f"{count(number, 'issue')} elsewhere {names} {address}. Is that this {name}?"
            if asker.yes(question, default=True):
                draft = draft.known_by(name, address)
    return draft


def looked_over(asker: Asker, draft: Draft) -> Draft:
    """A draft as somebody at the terminal wants it.

    Raises:
        Left: they left.
    """
    show(asker.screen, draft)
    asker.screen.blank()
    asker.screen.say("Enter takes it. A number and a stage changes a line: 1 build. ? tells more.")
    # Lines move when they are changed; the numbers are meant that are on the screen.
    numbered = draft.lines()
    while True:
        answer = asker.ask(">")
        if not answer:
            return draft
        if answer.casefold() in {"q", "quit"}:
            raise Left
        if answer == "?":
            _help(asker.screen, draft.process)
        elif answer.casefold() == "s":
            show(asker.screen, draft)
            numbered = draft.lines()
        else:
            draft = _changed(asker, draft, numbered, answer)


def show(screen: Screen, draft: Draft) -> None:
    """Draw the proposal of every tracker, its lines numbered through."""
    number = 1
    for one in draft.proposed:
        screen.blank()
        number = proposal_screen(screen, one, draft.process, number)


def _changed(asker: Asker, draft: Draft, numbered: Numbered, answer: str) -> Draft:
    """The draft after one answer; as it was where the answer cannot be followed, with the reason said."""
    after = draft
    try:
        found, word = _named(draft, numbered, answer)
        names = list(dict.fromkeys(legible(line.value) for _, line in found))
        one = f'"{names[0]}"' if len(names) == 1 else f"{len(names):,} values"
        word = word or asker.ask(f"  stage of {one}:")
        if not word:
            return draft
        stage = stage_of(word, draft.process)
        for tracker, line in found:
            after = after.given(tracker, line.place, line.value, stage)
    except ConfigError as error:
        asker.screen.say(f"  {error}", f"   {error.next_step}" if error.next_step else "")
        for problem in error.problems:
            asker.screen.say(f"  {problem.where}: {problem.message}")
        return draft
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    shown = "nothing of a stage" if stage is None else stage
    asker.screen.say(f"  {', '.join(names[:MOST_NAMED])}{more} → {shown}")
    trackers = {tracker for tracker, _ in found}
    for proposed in after.proposed:
        if proposed.tracker in trackers:
            asker.screen.say(f"  {proposed.tracker}: {covers(proposed.coverage)}")
    return after


def _named(draft: Draft, numbered: Numbered, answer: str) -> tuple[Numbered, str]:
    """The lines that an answer names, and the word for their stage; empty where it says none.

    Names win over numbers, since a label may be called ``3`` and a status ``1 - New``; but a bare number is a line's.
    """
    numbers = _LINES.fullmatch(answer)
    spans = _spans(numbers[1]) if numbers is not None else []
    beyond = [edge for span in spans for edge in span if not 1 <= edge <= len(numbered)]
    bare = numbers is not None and numbers[2] is None and numbers[3] is None
    if (whole := _called(draft, answer)) and not (bare and not beyond):
        return whole, ""
    name, equal, word = (part.strip() for part in answer.rpartition("="))
    if name and (found := _called(draft, name)):
        return found, word
    if numbers is None:
        hint = did_you_mean(name or answer, [legible(line.value) for _, line in _every(draft)], "values")
        raise ConfigError(f'no line is called "{clean(name if equal else answer)}"', next_step=hint)
    if beyond:
        step = f"the lines are numbered from 1 to {len(numbered)}" if numbered else "name the value: Blocked = build"
        raise ConfigError(f"there is no line {beyond[0]}", next_step=step)
    chosen = dict.fromkeys(place for low, high in spans for place in range(low, high + 1))
    return [numbered[place - 1] for place in chosen], (numbers[2] or numbers[3] or "").strip()


def _spans(numbers: str) -> list[tuple[int, int]]:
    """``1, 19-48`` as the first and the last number of each piece."""
    pieces = ([int(number) for number in piece.split("-")] for piece in numbers.split(","))
    return [(min(piece), max(piece)) for piece in pieces]


def _called(draft: Draft, name: str) -> Numbered:
    """The lines whose value is called so; else those that are shown so."""
    every, word = _every(draft), name.casefold()
    exact = [one for one in every if one[1].value.strip().casefold() == word]
    return exact or [one for one in every if legible(one[1].value).casefold() == word]


def _every(draft: Draft) -> list[tuple[str, Line]]:
    return [(name, line) for name, one in draft.looked.items() for line in one.proposal.lines]


def _unknown(draft: Draft, place: str, value: str) -> ConfigError:
    places = list(dict.fromkeys(line.place for _, line in _every(draft)))
    if place not in places:
        return ConfigError(f'--set: there is no place "{place}"', next_step=did_you_mean(place, places, "places"))
    values = [legible(line.value) for _, line in _every(draft) if line.place == place]
    return ConfigError(f'--set: no {place} show "{clean(value)}"', next_step=did_you_mean(value, values, "there are"))


def _help(screen: Screen, process: Process) -> None:
    _explained(screen, [((typed,), does) for typed, does in HELP])
    screen.blank()
    stages = [((stage.key, stage.category), stage.outcome) for stage in process.stages]
    _explained(screen, [*stages, ((NONE, ""), "it says nothing of a stage")])


def _explained(screen: Screen, rows: Sequence[tuple[Sequence[str], str]]) -> None:
    """Words in columns, and behind them what they mean, whole."""
    widths = [max(map(cell_len, column)) for column in zip(*(words for words, _ in rows), strict=True)]
    for words, does in rows:
        cells = (word + " " * (width - cell_len(word)) for word, width in zip(words, widths, strict=True))
        hanging(screen, f"  {'   '.join(cells)}   ", does)
