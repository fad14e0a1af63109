"""Mistakes in what is typed: commands, options, names of tasks, plans and stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistakes.mistake import Mistake, nothing

if TYPE_CHECKING:
    import pytest

    from product import Shop


def read_only_store(shop: Shop, _: pytest.MonkeyPatch) -> None:
    (shop.folder / "vault").mkdir(mode=0o500)


def notes(shop: Shop, _: pytest.MonkeyPatch) -> None:
    (shop.folder / "notes.db").write_text("These are my notes, and they are not a database.\n" * 50, encoding="utf-8")


TYPED = {
    "a command with a slip": Mistake(nothing, 'no command "chekc"', "trackersync", '"check"', command=("chekc",)),
    "a sub-command with a slip": Mistake(
        nothing, 'no command "bakup"', "trackersync store", '"backup"', command=("store", "bakup")
    ),
    "an option with a slip": Mistake(
        nothing, "no option --frmat", "trackersync check", "--format", command=("check", "--frmat", "json")
    ),
    "an unknown format": Mistake(nothing, "xml", "--format", "json", command=("check", "--format", "xml")),
    "an option without its value": Mistake(
        nothing, "needs a value", "--config", "--help", command=("check", "--config")
    ),
    "a task that is not there": Mistake(
        nothing,
        'is named "SHOP-4242"',
        "task, repository or project",
        "name one",
        command=("plan", "--only", "SHOP-4242"),
    ),
    "a stage that is not there": Mistake(nothing, '"biuld"', "stage", '"build"', command=("stages", "biuld")),
    "a rule that is not there": Mistake(nothing, '"no-ownr"', "rule", '"no-owner"', command=("rules", "no-ownr")),
    "a plan that is not there": Mistake(
        nothing, "plan.json", "No such file", "trackersync plan --out", command=("apply", "plan.json")
    ),
    "a baseline that is not there": Mistake(
        nothing, "cannot be read", "base.json", "--update-baseline", command=("check", "--baseline", "base.json")
    ),
    "a store in a folder that is not there": Mistake(
        nothing,
        "/nowhere/at/all",
        "trackersync.db",
        "folder",
        command=("check", "--store", "sqlite:////nowhere/at/all/trackersync.db"),
    ),
    "a store in a folder one may not write": Mistake(
        read_only_store,
        "no permission to write",
        "vault/trackersync.db",
        "Grant it",
        command=("check", "--store", "sqlite:///vault/trackersync.db"),
        powerless=True,
    ),
    "a store that is another file": Mistake(
        notes, "not a trackersync store", "notes.db", "--store", command=("check", "--store", "sqlite:///notes.db")
    ),
    "a store with two slashes": Mistake(
        nothing, "three slashes", "--store", "sqlite:///FILE", command=("check", "--store", "sqlite://trackersync.db")
    ),
}
