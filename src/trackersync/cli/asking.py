"""Questions on a terminal: a line, a secret, a choice, yes or no.

Rich's own console reads the answers, since it is here already: menus walked with arrow keys would need a further
package, and say nothing to a screen reader or a log. An end of input is taken for Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from getpass import getpass

from trackersync.core.nearest import did_you_mean
from trackersync.report.names import clean
from trackersync.report.text.screen import Screen

Read = Callable[[str, bool], str]
"""Shows a prompt and reads a line; with True as a secret, which is not shown."""


class Asker:
    """Whoever sits at the terminal."""

    def __init__(self, screen: Screen, read: Read | None = None) -> None:
        """Ask on a screen.

        Args:
            screen: where questions stand.
            read: reads an answer; by default from the terminal.
        """
        self.screen = screen
        self._read = read or self._typed

    def ask(self, question: str, default: str = "") -> str:
        """A line, without blanks around it; Enter gives the default.

        Raises:
            KeyboardInterrupt: there is no more input.
        """
        shown = f"{question} [{default}] " if default else f"{question} "
        return self._line(shown, hidden=False) or default

    def secret(self, question: str) -> str:
        """A secret, which is neither shown nor kept."""
        return self._line(f"{question} ", hidden=True)

    def yes(self, question: str, *, default: bool) -> bool:
        """Yes or no; Enter gives the default."""
        while True:
            answer = self._line(f"{question} [{'Y/n' if default else 'y/N'}] ", hidden=False).casefold()
            if not answer or answer in {"y", "yes", "n", "no"}:
                return default if not answer else answer.startswith("y")
            self.screen.say("  answer y or n")

    def one(self, question: str, options: Sequence[tuple[str, str]], default: str) -> str:
        """One of some options, by its number or its word.

        Args:
            question: what is asked.
            options: words, each with what is said of it.
            default: the word that Enter gives.
        """
        self._list(options)
        words = [word for word, _ in options]
        while True:
            answer = self.ask(question, default)
            found = self._picked(answer, words)
            if found is not None:
                return found
            self.screen.say(f"  {did_you_mean(answer, words, 'there are')}")

    def some(self, question: str, options: Sequence[tuple[str, str]], check: Callable[[str], str | None]) -> list[str]:
        """Several, by numbers or by name, with commas between them.

        Args:
            question: what is asked.
            options: words, each with what is said of it; may be none.
            check: what is wrong with a name that is not among the options; None: nothing.
        """
        self._list(options)
        words = [word for word, _ in options]
        while True:
            answers = [one.strip() for one in self.ask(question).split(",") if one.strip()]
            found = [self._picked(one, words) or one for one in answers]
            wrong = [trouble for one in found if one not in words and (trouble := check(one))]
            if found and not wrong:
                return list(dict.fromkeys(found))
            for trouble in wrong or ["name at least one"]:
                self.screen.say(f"  {trouble}")

    def _list(self, options: Sequence[tuple[str, str]]) -> None:
        self.screen.table(
            [(f"{number:>2}", clean(word), (clean(about), "dim")) for number, (word, about) in enumerate(options, 1)],
            shrink=(2, 1),
        )

    @staticmethod
    def _picked(answer: str, words: Sequence[str]) -> str | None:
        if answer.isdecimal() and 1 <= int(answer) <= len(words):
            return words[int(answer) - 1]
        return next((word for word in words if word.casefold() == answer.casefold()), None)

    def _line(self, prompt: str, *, hidden: bool) -> str:
        try:
            return self._read(prompt, hidden).strip()
        except EOFError:
            raise KeyboardInterrupt from None

    def _typed(self, prompt: str, hidden: bool) -> str:
        # Echo is off before a secret is asked for, which Rich's own question does the other way round.
        return getpass(prompt) if hidden else self.screen.console.input(prompt, markup=False, emoji=False)


def on_terminal() -> bool:
    """Whether somebody can be asked: both the questions and the answers are on a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()
