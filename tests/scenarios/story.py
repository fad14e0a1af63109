"""Stories: a title, what is given, what people and networks do, and what then is. One line, one sentence.

A story file begins with ``# Title``; further lines that begin with ``#`` tell the reader why. ``with`` lines choose the
policy, ``given`` lines make items, ``then`` lines expect something, all others let something happen. ``PHRASES`` has
every sentence there is. A line that is none of them is an error before anything is played: nothing is ever skipped.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Sentence = Callable[..., Awaitable[None] | None]
Spoken = TypeVar("Spoken", bound=Sentence)


class UnreadableError(Exception):
    """A line of a story is no sentence, or speaks of something that is not there."""


class BrokenError(AssertionError):
    """A story that did not come out as its line says."""


class Unexpected(Exception):  # noqa: N818 - told to the story's reader as a broken line, never seen by itself
    """What a ``then`` line expected, and what is."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a story: where it stands, its words, and what they mean."""

    place: str
    words: str
    sentence: Sentence
    blanks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Story:
    """A story as read: its title, and its lines in order."""

    title: str
    lines: tuple[Line, ...]


class Phrases:
    """Every sentence a story may use, by its pattern."""

    def __init__(self, **words: str) -> None:
        self._words = words
        self._known: list[tuple[re.Pattern[str], str, Sentence]] = []

    def phrase(self, pattern: str) -> Callable[[Spoken], Spoken]:
        """Register a sentence. ``<name>`` is a blank, matching the words given for it, else anything.

        ``<name:kind>`` is a blank of this name that matches the words of another.
        """

        def blank(found: re.Match[str]) -> str:
            name, kind = found[1], found[2] or found[1]
            return f"(?P<{name}>{self._words.get(kind, '.+?')})"

        def register(sentence: Spoken) -> Spoken:
            compiled = re.compile(re.sub(r"(?<!\?P)<(\w+)(?::(\w+))?>", blank, pattern))
            self._known.append((compiled, pattern, sentence))
            return sentence

        return register

    def read(self, place: str, words: str) -> Line:
        """What a line means. Raises ``UnreadableError`` unless it is exactly one sentence."""
        found = [(match, it) for pattern, _, it in self._known if (match := pattern.fullmatch(words))]
        if len(found) != 1:
            spelled = [re.sub(r"\(\?P<(\w+)>[^()]*\)", r"<\1>", pattern) for _, pattern, _ in self._known]
            nearest = "\n".join(f"    {one}" for one in difflib.get_close_matches(words, spelled, 3, 0))
            trouble = "more than one sentence" if found else "no sentence I know"
            raise UnreadableError(f"{place}: {trouble}\n  {words}\n  nearest are:\n{nearest}")
        ((match, sentence),) = found
        blanks = {name: value for name, value in match.groupdict().items() if value is not None}
        return Line(place, words, sentence, blanks)


def read(text: str, name: str, phrases: Phrases) -> Story:
    """Read a story.

    Args:
        text: the whole file.
        name: its name, for places.
        phrases: the sentences it may use.

    Raises:
        UnreadableError: it has no title, expects nothing, chooses a policy too late, or holds an unknown sentence.
    """
    title, *rest = text.splitlines() or [""]
    if not title.startswith("# "):
        raise UnreadableError(f'{name}:1: a story begins with its title, as "# Two people move the same task"')
    lines: list[Line] = []
    for number, words in enumerate((" ".join(line.split()) for line in rest), 2):
        place = f"{name}:{number}"
        if words and not words.startswith("#"):
            if words.startswith("with ") and any(not line.words.startswith("with ") for line in lines):
                raise UnreadableError(f"{place}: `with` lines stand at the top, before anything happens\n  {words}")
            lines.append(phrases.read(place, words))
    if not any(line.words.startswith("then ") for line in lines):
        raise UnreadableError(f"{name}: it expects nothing: end it with `then …`")
    return Story(title.removeprefix("# ").strip(), tuple(lines))


async def play(story: Story, stage: object, troubles: tuple[type[Exception], ...]) -> None:
    """Let it happen, line by line.

    Args:
        story: what.
        stage: what the sentences are spoken to.
        troubles: what a sentence raises when it speaks of something that is not there.

    Raises:
        BrokenError: a line expected something else; says where, what was expected and what is.
        UnreadableError: a line cannot be played.
    """
    for line in story.lines:
        try:
            happening = line.sentence(stage, **line.blanks)
            if inspect.isawaitable(happening):
                await happening
        except Unexpected as error:
            words = f"{line.place}\n  {line.words}\n  expected: {error.expected}\n  but is:   {error.found}"
            raise BrokenError(words) from None
        except troubles as error:
            raise UnreadableError(f"{line.place}: {error}\n  {line.words}") from error
