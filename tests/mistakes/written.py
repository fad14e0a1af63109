"""Mistakes in the file itself: YAML, keys, words and values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mistakes.mistake import Mistake, edit, setting

if TYPE_CHECKING:
    import pytest

    from product import Shop

FILE = "trackersync.yaml:"


def missing(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.file.unlink()


def folder_instead(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.file.unlink()
    shop.file.mkdir()


def latin(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.file.write_bytes(("# Prüfung\n" + shop.file.read_text(encoding="utf-8")).encode("latin-1"))


def utf16(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.file.write_bytes(shop.file.read_text(encoding="utf-8").encode("utf-16"))


def emptied(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.file.write_text("", encoding="utf-8")


def unreadable(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.file.chmod(0)


def in_wrong_folder(shop: Shop, _: pytest.MonkeyPatch) -> None:
    place = shop.folder / ".github" / "workflows"
    place.mkdir(parents=True)
    shop.file.rename(place / "trackersync.yaml")


def a_letter(shop: Shop, _: pytest.MonkeyPatch) -> None:
    shop.file.write_text("Dear trackersync, please check my trackers.\n", encoding="utf-8")


WRITTEN = {
    # The file
    "no file yet": Mistake(missing, "no configuration", "trackersync.yaml", "trackersync init"),
    "--config of a file that is not there": Mistake(
        missing, "no configuration file", "team.yaml", "--config", command=("check", "--config", "team.yaml")
    ),
    "an empty file": Mistake(emptied, "nothing is configured", FILE, "write trackers:"),
    "a folder in place of the file": Mistake(folder_instead, "is a folder", "trackersync.yaml", "--config"),
    "a file in Latin-1": Mistake(latin, "UTF-8", "trackersync.yaml", "save"),
    "a file in UTF-16": Mistake(utf16, "UTF-8", "trackersync.yaml", "save"),
    "a file one may not read": Mistake(
        unreadable, "Permission denied", "trackersync.yaml", "check its rights", powerless=True
    ),
    "a file in .github/workflows": Mistake(in_wrong_folder, "no configuration", ".github/trackersync.yaml", "--config"),
    "prose in place of YAML": Mistake(a_letter, "nothing is configured", FILE, "write trackers:"),
    # YAML
    "a tab": Mistake(edit("\n  github:", "\n\tgithub:"), "tab", FILE, "spaces"),
    "an indentation that does not fit": Mistake(edit("    projects:", "   projects:"), "indentation", FILE, "line up"),
    "no space after the colon": Mistake(
        edit("connector: github", "connector:github"), "space is missing after the colon", FILE, "write connector: "
    ),
    "a value that begins with !": Mistake(
        edit("connector: github", "connector: !github"), "tag", FILE, "quote what begins with !"
    ),
    "a value that begins with @": Mistake(edit("name: ada-l", "name: @ada-l"), "@", FILE, "quotes"),
    "a value that begins with *": Mistake(edit("name: ada-l", "name: *ada-l"), "*", FILE, "quotes"),
    "a value cut off by #": Mistake(edit("- acme/shop", "- #acme/shop"), "text is needed", FILE, "quotes"),
    "a bracket that is not closed": Mistake(edit("delivery: delivery", "delivery: [delivery"), "not closed", FILE, "]"),
    "a key twice": Mistake(edit("sync:\n", "limits:\n  changes: 5\nsync:\n"), "twice", FILE, "limits"),
    "yes in place of a word": Mistake(edit("connector: github", "connector: yes"), "text", FILE, 'write "yes"'),
    "a number in place of a name": Mistake(edit("- SHOP", "- 7"), "text is needed", FILE, 'write "7"'),
    # Keys and words
    "a stage with a slip": Mistake(edit("      build:", "      biuld:"), 'no stage "biuld"', FILE, '"build"'),
    "a stage of another preset": Mistake(
        edit("      build:", "      in progress:"), 'no stage "in progress"', FILE, "build"
    ),
    "a process nobody ships": Mistake(edit("delivery: delivery", "delivery: kanbann"), '"kanbann"', FILE, '"kanban"'),
    "a key with a slip": Mistake(edit("    projects:", "    project:"), 'unknown key "project"', FILE, '"projects"'),
    "a section with a slip": Mistake(edit("sync:\n", "synk:\n"), 'unknown key "synk"', FILE, '"sync"'),
    "a connector with a slip": Mistake(edit("connector: jira", "connector: jria"), '"jria"', FILE, '"jira"'),
    "a connector that nobody wrote": Mistake(
        edit("connector: jira", "connector: gitlab"), 'no connector "gitlab"', FILE, "github"
    ),
    "no connector": Mistake(edit("    connector: jira\n", ""), '"connector" is missing', FILE, "connector: "),
    "text in place of a list": Mistake(
        edit("projects:\n    - SHOP", "projects: SHOP"), "a list is needed", FILE, "[SHOP]"
    ),
    "a list in place of text": Mistake(
        edit("delivery: delivery", "delivery: [delivery]"), "text is needed", FILE, "delivery"
    ),
    "a number with %": Mistake(edit("changes: 500", "changes: 20%"), "whole number", FILE, "digits only"),
    "a share above the whole": Mistake(edit("share: 20%", "share: 120%"), "at most", FILE, "20%"),
    "a span without a unit": Mistake(edit("share: 20%", "share: 20%\n  window: 24"), "span of time", FILE, "24 h"),
    "two trackers of one name": Mistake(
        edit("  jira:\n    connector: jira", "  github:\n    connector: jira"), "twice", FILE, "github"
    ),
    "a tracker named changed": Mistake(
        edit("  jira:\n    connector", "  changed:\n    connector"), '"changed"', FILE, "another name"
    ),
    "a tracker named ask": Mistake(
        edit("  jira:\n    connector", "  ask:\n    connector"), '"ask"', FILE, "another name"
    ),
    "an authority that is no tracker": Mistake(edit("authority: changed", "authority: gitea"), '"gitea"', FILE, "jira"),
    "adopt: authority without one": Mistake(edit("adopt: furthest", "adopt: authority"), "authority", FILE, "jira"),
    "a role that the process lacks": Mistake(edit("- engineer", "- enginer"), '"enginer"', FILE, '"engineer"'),
    "a person without a name": Mistake(edit("- name: ada-l\n  github", "- github"), '"name" is missing', FILE, "name:"),
    "an include that is not there": Mistake(
        edit("delivery: delivery", "include: [teams.yaml]\ndelivery: delivery"), "teams.yaml", FILE, "include"
    ),
    "an include of itself": Mistake(
        edit("delivery: delivery", "include: [trackersync.yaml]\ndelivery: delivery"), "itself", FILE, "include"
    ),
    # Values that are no YAML mistake
    "a label of Jira with a space": Mistake(
        setting("jira", alone=False, stages={"build": {"labels": ["in progress"]}}),
        "no space",
        FILE,
        "write it as Jira shows it",
    ),
    "statuses at GitHub": Mistake(
        setting("github", alone=False, stages={"build": {"statuses": ["In Progress"]}}),
        'unknown key "statuses"',
        FILE,
        "state",
    ),
    "one matcher for one stage twice": Mistake(
        setting("github", alone=False, stages={"build": [{"labels": ["wip"]}, {"labels": ["WIP"]}]}),
        "twice",
        FILE,
        "keep one",
    ),
}
