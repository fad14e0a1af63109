"""GitHub's words as its runner reads them: expressions of ``action.yml``, commands that are printed, files of outputs.

Held to the documentation ("Contexts", "Expressions", "Workflow commands") and to the runner's source, so that what
would command the real one is heard here too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Contexts = Mapping[str, object]
    Value = str | bool

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w.-]*)|(?P<sign>==|!=|&&|\|\||[!()]))")
COMMAND = re.compile(r"^::(?P<name>[^\s:]+)(?: (?P<properties>[^:]*(?::(?!:)[^:]*)*))?::(?P<text>.*)$")
OLD_COMMAND = re.compile(r"##\[(?P<name>[^\s\]]+)(?: (?P<properties>[^\]]*))?\](?P<text>.*)$")


def evaluated(expression: str, contexts: Contexts, *, failed: bool = False) -> Value:
    """The value of what stands between ``${{`` and ``}}``; only as much of the language as the action uses."""
    tokens = list(TOKEN.finditer(expression.strip()))
    assert sum(len(found[0]) for found in tokens) == len(expression.strip()), f"not understood: {expression}"
    parts = [(found.lastgroup, found[found.lastgroup or 0]) for found in tokens]

    def either() -> Value:
        left = both()
        while parts and parts[0][1] == "||":
            parts.pop(0)
            right = both()
            left = left or right
        return left

    def both() -> Value:
        left = compared()
        while parts and parts[0][1] == "&&":
            parts.pop(0)
            right = compared()
            left = left and right
        return left

    def compared() -> Value:
        left = one()
        while parts and parts[0][1] in {"==", "!="}:
            sign, right = parts.pop(0)[1], one()
            left = (str(left).casefold() == str(right).casefold()) == (sign == "==")
        return left

    def one() -> Value:
        kind, word = parts.pop(0)
        if word == "!":
            return not one()
        if word == "(":
            value = either()
            assert parts.pop(0)[1] == ")"
            return value
        if kind == "text":
            return word[1:-1].replace("''", "'")
        if parts[:2] == [("sign", "("), ("sign", ")")]:
            del parts[:2]
            return {"always": True, "success": not failed, "failure": failed}[word]
        return looked_up(word, contexts)

    value = either()
    assert not parts, f"not understood: {expression}"
    return value


def looked_up(name: str, contexts: Contexts) -> Value:
    """A context's value; what is not there is empty, as GitHub has it."""
    value: object = contexts
    for word in name.split("."):
        value = value.get(word, "") if isinstance(value, dict) else ""
    return str(value)


def filled(text: str, contexts: Contexts) -> str:
    """A text with its expressions replaced."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(evaluated(found[1], contexts)), text, flags=re.DOTALL)


@dataclass(frozen=True)
class Told:
    """One workflow command, as the runner understood it."""

    name: str
    text: str
    properties: Mapping[str, str]


def heard(printed: str) -> Iterator[Told]:
    """The commands in what a step printed (runner: ActionCommand.cs, ActionCommandManager.cs)."""
    stopped = ""
    for line in printed.splitlines():
        found = COMMAND.match(line.lstrip()) or OLD_COMMAND.search(line)
        if found is None:
            continue
        if stopped:
            if found["name"] == stopped:
                stopped = ""
            continue
        if found["name"] == "stop-commands":
            stopped = found["text"]
            continue
        pairs = (pair.partition("=") for pair in (found["properties"] or "").split(",") if pair)
        yield Told(found["name"], unescaped(found["text"]), {key.strip(): unescaped(value) for key, _, value in pairs})


def unescaped(text: str) -> str:
    for code, letter in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, letter)
    return text


def read_pairs(text: str) -> dict[str, str]:
    """An output file as the runner reads it: ``name=value``, or ``name<<MARK`` until a line that is the mark."""
    found, lines = {}, iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, sign, rest = re.split(r"(<<|=)", line, maxsplit=1)
        if sign == "=":
            found[name] = rest
            continue
        value = []
        for inner in lines:
            if inner == rest:
                break
            value.append(inner)
        else:
            raise AssertionError(f"the mark of {name} is missing")
        found[name] = "\n".join(value)
    return found
