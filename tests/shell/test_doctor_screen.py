"""The screen of ``doctor`` as it is read: the sample shop's as files, and what must not break it.

Renew the files, and then read what changed::

    REWRITE=1 python -m pytest tests/shell/test_doctor_screen.py
"""

from __future__ import annotations

import asyncio
import os
import platform
import re
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reported import GOLDEN, NOON, StillClock, hostile

from product import invoke
from trackersync import __version__
from trackersync.config import load
from trackersync.core.examination import Check, Examination, Grade, Section
from trackersync.pipeline.examining import examined
from trackersync.registry import discover
from trackersync.report.doctor import doctor_record
from trackersync.report.text.doctor import TROUBLE, doctor_screen
from trackersync.report.text.screen import Screen
from trackersync.sandbox import GitHub, Jira, configuration, github_app, jira_app, shop
from trackersync.sandbox.server import _serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Days begin where they do in Greenwich, wherever this runs."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def sample_shop(folder: Path) -> Examination:
    """The sample shop at noon, once read; without what differs from run to run."""
    github, jira = GitHub("acme/shop", clock=lambda: NOON), Jira({"SHOP": shop.workflow()}, clock=lambda: NOON)
    shop.fill_github(github)
    shop.fill_jira(jira, "SHOP", "acme/shop")
    with ExitStack() as stack:
        urls = (stack.enter_context(_serving(github_app(github), 0)), stack.enter_context(_serving(jira_app(jira), 0)))
        text = configuration().replace("${GITHUB_URL}", urls[0]).replace("${JIRA_URL}", urls[1])
        file = folder / "trackersync.yaml"
        file.write_text(text, encoding="utf-8")
        assert invoke("check").code == 1
        found = asyncio.run(examined(load(file, registry=discover()), clock=StillClock()))
    names = dict(zip(urls, ("https://github.example", "https://jira.example"), strict=True))

    def plain(text: str) -> str:
        for real, name in names.items():
            text = text.replace(real, name)
        text = re.sub(r"schema \d+", "schema 0001", re.sub(r"\d+ kB", "311 kB", text))
        return re.sub(r"^\d+ ms", "84 ms", text)

    def same(section: Section) -> Section:
        checks = [replace(check, said=plain(check.said), remedy=plain(check.remedy)) for check in section.checks]
        return replace(section, about=plain(section.about), checks=tuple(checks))

    return Examination(tuple(map(same, found.sections)))


def drawn(found: Examination, width: int, *, plain: bool = False, **more: frozenset[Grade]) -> str:
    screen, text = Screen.into(width, plain=plain)
    doctor_screen(screen, found, "trackersync.yaml", NOON, **more)
    versions = {f"trackersync {__version__}": "trackersync 0.1.0", platform.python_version(): "3.12.4"}
    told = text.getvalue()
    for real, name in versions.items():
        told = told.replace(real, name)
    return told


def test_the_sample_shop(folder: Path, greenwich: None) -> None:
    found = sample_shop(folder)
    told = {"doctor.txt": drawn(found, 100), "doctor.80.txt": drawn(found, 80, plain=True)}

    if os.environ.get("REWRITE"):
        for name, text in told.items():
            GOLDEN.joinpath(name).write_text(text, encoding="utf-8")
        pytest.skip("the golden files are written; read what changed")
    for name, text in told.items():
        assert text == GOLDEN.joinpath(name).read_text(encoding="utf-8"), f"{name}: renew the golden files?"


def one(*checks: Check, about: str = "") -> Examination:
    return Examination((Section("jira", checks, about, tracker=True),))


def body(text: str) -> list[str]:
    """The lines of the only section, without its heading."""
    return text.split("\n\n")[1].splitlines()[1:]


def test_a_line_a_check_and_its_remedy_below_it() -> None:
    found = one(Check("token", Grade.WARNING, "expires 28 Mar", "renew it"), Check("SHOP", Grade.GOOD, "may browse"))

    assert body(drawn(found, 100)) == [
        "  ! token         expires 28 Mar",
        "                  → renew it",
        "  ✓ SHOP          may browse",
    ]
    # The letters of an old console differ in length, and the columns stand all the same.
    assert body(drawn(found, 100, plain=True)) == [
        "  !  token         expires 28 Mar",
        "                   -> renew it",
        "  ok SHOP          may browse",
    ]


def test_a_long_name_widens_its_column_and_one_too_long_stands_alone() -> None:
    longer = one(Check("acme/web-storefront", Grade.GOOD, "may be read"), Check("token", Grade.NOTE, "x"))
    longest = one(Check("acme/the-repository-with-the-longest-name", Grade.GOOD, "may be read"))

    assert body(drawn(longer, 80)) == ["  ✓ acme/web-storefront  may be read", "  · token                x"]
    assert body(drawn(longest, 80)) == [
        "  ✓ acme/the-repository-with-the-longest-name",
        "                  may be read",
    ]


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        pytest.param((), "0 checks: 0 good, no warnings, no notes, no errors", id="none"),
        pytest.param("g", "1 check: 1 good, no warnings, no notes, no errors", id="one"),
        pytest.param("gwne", "4 checks: 1 good, 1 warning, 1 note, 1 error", id="one of each"),
        pytest.param("wwnnee", "6 checks: 0 good, 2 warnings, 2 notes, 2 errors", id="two of the bad ones"),
    ],
)
def test_the_sum(grades: str, expected: str) -> None:
    known = {grade.value[0]: grade for grade in Grade}
    found = one(*(Check("x", known[letter], "y") for letter in grades))

    assert drawn(found, 100).splitlines()[-1] == expected


def test_only_trouble_leaves_out_what_is_well() -> None:
    well = Section("github", (Check("token", Grade.GOOD, "fine"), Check("webhooks", Grade.NOTE, "none")), tracker=True)
    ill = Section("jira", (Check("token", Grade.ERROR, "refused", "renew it"),), tracker=True)
    text = drawn(Examination((well, ill)), 100, grades=TROUBLE)

    assert text.splitlines() == [
        "jira", "  ✗ token         refused", "                  → renew it", "",
        "3 checks: 1 good, no warnings, 1 note, 1 error",
    ]  # fmt: skip


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(Check, hostile.filter(str.strip) | st.just("x"), st.sampled_from(Grade), hostile, hostile), max_size=3
    ),
    st.sampled_from([40, 80, 100]),
)
def test_what_a_tracker_says_commands_no_terminal(checks: list[Check], width: int) -> None:
    text = drawn(one(*checks, about="https://jira.example"), width)

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert doctor_record(one(*checks), "x.yaml", NOON, 0)["counts"]["good"] == sum(
        check.grade is Grade.GOOD for check in checks
    )
