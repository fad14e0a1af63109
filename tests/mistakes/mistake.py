"""One mistake: how it is made, and the three things that must be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from product import Shop

Make = Callable[["Shop", pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake with the message it must get.

    Attributes:
        make: makes the mistake, in a folder with a sound configuration of the sample shop.
        what: words of the message that say what is wrong.
        where: words that say where: a file with its line, an address, a key, an option.
        then: words that say what to do next.
        code: the exit code.
        command: what was typed.
        slow: it is asked for again and again before the program gives up.
        powerless: it cannot be made by root, who may do everything.
    """

    make: Make
    what: str
    where: str
    then: str
    code: int = 2
    command: tuple[str, ...] = ("check",)
    slow: bool = False
    powerless: bool = False


def edit(old: str, new: str) -> Make:
    """Write something else into the file, where it stands for the first time."""

    def make(shop: Shop, _: pytest.MonkeyPatch) -> None:
        text = shop.file.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in the file"
        shop.file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return make


def setting(tracker: str, alone: bool = True, **settings: object) -> Make:
    """Set keys of a tracker; None takes one away. With ``alone`` no other tracker is left to be asked."""

    def make(shop: Shop, _: pytest.MonkeyPatch) -> None:
        if alone:
            shop.only(tracker)
        shop.tracker(tracker, **settings)

    return make


def nothing(shop: Shop, _: pytest.MonkeyPatch) -> None:
    """The configuration is sound; what was typed is not."""


def variable(tracker: str, name: str, value: str | None) -> Make:
    """Give the environment another value, with one tracker in the file; None takes the variable away."""

    def make(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        shop.only(tracker)
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)

    return make
