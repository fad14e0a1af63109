"""What is said of words that a command cannot use: what is wrong with them, and what was probably meant."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trackersync.core.nearest import nearest
from trackersync.report.text.screen import Screen

_OPTION = re.compile(r"No such option:? '?(--?[\w-]+)")
_COMMAND = re.compile(r"No such command '(.*?)'")
_CHOICE = re.compile(r"'(?P<given>[^']*)' is not one of (?P<known>.*?)\.?$")
_VALUELESS = re.compile(r"Option '?(--?[\w-]+)'? requires an argument")
_EXTRA = re.compile(r"unexpected extra arguments?(?:\(s\))? \((.*)\)")
_NUMBERS = {
    re.compile(r"valid integer"): "a whole number is needed",
    re.compile(r"valid number"): "a number is needed",
    re.compile(r"greater than or equal to ([\d.]+)"): r"\1 is the least",
    re.compile(r"less than or equal to ([\d.]+)"): r"\1 is the most",
}
_ELSEWHERE = {"help": "--help", "version": "--version"}
"""Commands of other programs, which are options here."""


def tell(error: Any, path: str) -> None:  # noqa: ANN401  # typer has no public name for what it raises
    """Say what could not be used, what was probably meant, and where all is listed.

    Args:
        error: what typer raises for a word it cannot use.
        path: the command that was typed, where the error does not know it.
    """
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        # A group alone asks for nothing: its help says what there is.
        error.show()
        return
    path = context.command_path if context is not None else path
    text = error.format_message()
    screen, said = Screen.on(sys.stderr), _said(error, text, context)
    screen.say(f"{path}: {said}{'' if said.endswith('?') else '.'} Nothing was read or written.")
    file = _file(text, context)
    screen.next(*([(f"{path} --config {file}", "")] if file else []), (f"{path} --help", ""))


def _said(error: Any, text: str, context: Any) -> str:  # noqa: ANN401  # see tell
    if found := _COMMAND.search(text):
        return _unknown(found[1], context)
    if found := _OPTION.search(text):
        known = [name for one in context.command.params for name in one.opts if name.startswith("--")]
        return _meant(f"there is no option {found[1]}", found[1], known, quote="")
    if found := _CHOICE.search(text):
        known = re.findall(r"'(.*?)'", found["known"])
        said = _meant(f'{_name(error)}: there is no "{found["given"]}"', found["given"], known)
        return said if said.endswith("?") else f"{said}; there are {', '.join(known)}"
    return _misused(error, text, context)


def _misused(error: Any, text: str, context: Any) -> str:  # noqa: ANN401  # see tell
    """What is said where the option or argument is right, and its value is not."""
    if found := _VALUELESS.search(text):
        return f"{found[1]} needs a value behind it"
    if found := _EXTRA.search(text):
        return _extra(found[1], text, context)
    if _name(error) == "run":
        return f"a run's number is needed, as in `{context.command_path} 2`"
    for pattern, words in _NUMBERS.items():
        if found := pattern.search(text):
            return f"{_name(error)}: {found.expand(words)}"
    return re.sub(r"^Value error, ", "", f"{text[:1].lower()}{text[1:]}".rstrip("."))


def _unknown(word: str, context: Any) -> str:  # noqa: ANN401  # see tell
    said = f'there is no command "{word}"'
    option = _ELSEWHERE.get(word.casefold(), "")
    if option in {name for one in context.command.params for name in one.opts} | {"--help"}:
        return f"{said}; did you mean {option}?"
    return _meant(said, word, list(context.command.commands))


def _extra(words: str, text: str, context: Any) -> str:  # noqa: ANN401  # see tell
    taken = any(one.param_type_name == "argument" for one in context.command.params)
    said = f"{words} is more than it takes" if taken else f"it takes no argument, and {words} is one"
    return f"{said}; is a file meant?" if _file(text, context) else said


def _file(text: str, context: Any) -> str:  # noqa: ANN401  # see tell
    """The one word too many, as it can be pasted, where it names a configuration and the command takes one."""
    found = _EXTRA.search(text)
    takes = context is not None and any("--config" in one.opts for one in context.command.params)
    if found is None or not takes or Path(found[1]).suffix.casefold() not in {".yaml", ".yml"}:
        return ""
    return shlex.quote(found[1])


def _name(error: Any) -> str:  # noqa: ANN401  # see tell
    """The option or argument that a trouble is about."""
    return next(iter(error.param.opts), "") if getattr(error, "param", None) is not None else ""


def _meant(said: str, word: str, known: Sequence[str], *, quote: str = '"') -> str:
    found = nearest(word, known)
    return f"{said}; did you mean {quote}{found}{quote}?" if found else said
