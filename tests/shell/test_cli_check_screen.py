"""The screen of ``check``: what it says first, what is new, the columns that prove each fault, and what to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
import yaml
from check_samples import (
    ALL,
    DRIFT,
    EARLY,
    MANY,
    NASTY,
    NOBODY,
    NOW,
    PLACES,
    STALE,
    TUESDAY,
    VACANT,
    drawn,
    fault,
    outcome,
    row,
    seen,
    told,
)
from rich.console import Console

from product import CHECKOUT, spawn
from trackersync.core.checked import Baseline, Checked, noted
from trackersync.core.diagnose import Advice, Silence, Silenced
from trackersync.core.model import Severity
from trackersync.report.text.check import check_screen
from trackersync.report.text.screen import Screen

if TYPE_CHECKING:
    from product import Shop

# What is said first


def test_the_first_check_compares_with_nothing() -> None:
    lines = told(Checked(ALL, new=frozenset(ALL))).splitlines()
    assert lines[2] == "0 open tasks    no owner 1    duplicate owner 1    stage drift 2    duplicate task 0    other 2"
    assert not [line for line in lines if " gone" in line or " new " in line]


@pytest.mark.parametrize(
    ("since", "when"),
    [
        pytest.param(TUESDAY, "Tue 09:12", id="within a week"),
        pytest.param(NOW - timedelta(hours=1), "09:15", id="today"),
        pytest.param(NOW - timedelta(days=7), "Thu 26 Feb 10:15", id="a week ago, when a weekday misleads"),
        pytest.param(NOW - timedelta(days=400), "Wed 29 Jan 2025 10:15", id="another year"),
    ],
)  # fmt: skip
def test_new_and_gone_are_told_in_one_line(since: datetime, when: str) -> None:
    gone = (noted(MANY, TUESDAY), noted(VACANT, TUESDAY))
    text = told(Checked((NOBODY, DRIFT), new=frozenset({DRIFT}), gone=gone, since=since))
    assert f"1 new, 2 gone since {when}; gone: shop#12 many-owners, stage launch role-vacant\n" in text
    assert row(text, "SHOP-33").startswith("  ! new SHOP-33")
    assert row(text, "SHOP-31").startswith("  ✗ SHOP-31"), "no mark where nothing of the place is new"


def test_nothing_new_and_nothing_gone_is_told_too() -> None:
    assert "\n0 new, 0 gone since Tue 09:12\n" in told(Checked((NOBODY,), since=TUESDAY))


def test_of_many_that_are_gone_three_are_named() -> None:
    gone = tuple(noted(fault("no-owner", "no owner", seen(f"SHOP-{number}")), TUESDAY) for number in range(1, 6))
    text = told(Checked((), gone=gone, since=TUESDAY))
    assert "0 new, 5 gone since Tue 09:12; gone: SHOP-1 no-owner, SHOP-2 no-owner, SHOP-3 no-owner, 2 more\n" in text


def test_with_a_baseline_only_what_is_new_is_listed() -> None:
    known = Baseline("known.json", frozenset({NOBODY, MANY, STALE}), (noted(VACANT, TUESDAY),))
    found = Checked((NOBODY, MANY, DRIFT, STALE), baseline=known, since=TUESDAY)
    text, steps = drawn(found)
    assert text.splitlines()[2:4] == [
        "1 new since the baseline, 3 known, 1 gone",
        "0 open tasks    no owner 1    duplicate owner 1    stage drift 2    duplicate task 0    other 0",
    ]
    assert "stage drift · 1 of 2" in text
    assert "SHOP-31" not in text
    assert "3 findings that known.json knows are not listed: --all" in text
    assert ("trackersync rules stages-disagree", "why it matters, its settings, how to silence it") in steps
    every = told(found, every=True)
    assert row(every, "SHOP-33").startswith("  ! new SHOP-33")
    assert row(every, "SHOP-27").startswith("  !     SHOP-27")
    assert "not listed" not in every


def test_a_new_fault_does_not_hide_behind_a_known_one() -> None:
    worse = replace(MANY, rule="owners-disagree", severity=Severity.ERROR)
    text = told(Checked((worse, MANY), baseline=Baseline("b.json", frozenset({worse}), ())))
    assert "1 new since the baseline, 1 known, 0 gone" in text
    assert "many-owners" in text


def test_from_the_store_its_age_is_said() -> None:
    assert drawn(Checked(()), offline=True)[0].startswith("from the store: jira 4 min old, github 4 min old\n")


# The columns that prove each fault


def test_who_could_own_what_nobody_owns() -> None:
    advised = replace(NOBODY, could_be=(Advice("grace-h", "github", "grace-h", "CODEOWNERS"),))
    text = told(Checked((advised, replace(NOBODY, task="SHOP-9", items=(seen("SHOP-9"),)))))
    assert row(text, "no owner · 2").split()[-3:] == ["for", "could", "be"]
    assert row(text, "SHOP-31").endswith("   12 d   grace-h, CODEOWNERS")
    assert row(text, "SHOP-9 ").split()[-1] == "·"
    assert "could be" not in told(Checked((NOBODY,)))


def test_for_is_as_long_as_it_is_known_at_least() -> None:
    touched = replace(NOBODY, touched=NOW - timedelta(hours=2))
    assert row(told(Checked((touched,))), "SHOP-31").endswith("  2 h")
    text = told(Checked((touched,), seen={touched: NOW - timedelta(days=30)}))
    assert row(text, "SHOP-31").endswith(" 30 d"), "a comment does not begin it anew"


def test_owners_stand_side_by_side_and_nobody_is_a_word() -> None:
    other = replace(MANY, task="x", items=(seen("acme/shop#8", "ada-l", "alan-t"), seen("SHOP-8")))
    text = told(Checked((MANY, other)))
    assert row(text, "duplicate owner · ").split() == ["duplicate", "owner", "·", "2", "jira", "github", "rule"]
    assert "build   ada-l    ada-l + grace-h" in row(text, "SHOP-35")
    assert "build   nobody   ada-l + alan-t" in row(text, "SHOP-8 ")


def test_stages_stand_side_by_side_and_what_they_do_not_prove_is_said() -> None:
    text = told(Checked((DRIFT, STALE)))
    assert "SHOP-33 = shop#11   build (In Progress)   done (closed, completed)   stages-disagree" in text
    assert "SHOP-27 = shop#6   closed as completed, still labelled review   stale-stage-label" in text


def test_one_tracker_alone_has_no_columns_that_compare() -> None:
    owners = replace(MANY, items=MANY.items[:1])
    clash = fault("clashing-stage-labels", "stage drift", seen("acme/shop#1", stage="build + verify"), table="in both")
    text, steps = drawn(Checked((owners, clash)), trackers=("github",))
    assert row(text, "duplicate owner · ").split() == ["duplicate", "owner", "·", "1", "owners"]
    assert row(text, "stage drift · 1") == "stage drift · 1"
    assert "shop#1   in both   clashing-stage-labels" in text
    assert "jira" not in text
    assert "trackersync plan" not in dict(steps), "alone there is nothing to keep in step"


def test_a_task_is_named_by_its_own_items_and_a_total_by_its_name() -> None:
    text = told(Checked((EARLY, VACANT)))
    assert "✗ SHOP-45 = shop#22   launch; sub-task SHOP-35 is still in build   deployment-before-development" in text
    assert "! stage launch        nobody holds its role, marketing " in text


def test_alike_tasks_are_joined_by_a_tilde() -> None:
    alike = fault(
        "alike", "duplicate task", seen("SHOP-46", "margaret-h"), seen("SHOP-42", "ada-l"), table="0.91", beside=1
    )
    text = told(Checked((alike,)))
    assert "SHOP-46 ~ SHOP-42   0.91" in text
    assert "by person   ada-l 1, margaret-h 1" in text


# Sums


def test_people_are_counted_by_what_concerns_them() -> None:
    text = told(Checked(ALL))
    assert "6 findings: 2 errors, 4 warnings" in text
    assert "by person   nobody 2, ada-l 1, alan-t 1, grace-h 1, kath-j 1\n" in text, (
        "neither the sub-task's owners nor those who stand in a stage"
    )
    mine = fault("owner-overloaded", "other", seen("SHOP-1", "ada-l", "tim-b"), subject="ada-l", table="owns 11")
    assert "by person   ada-l 1\n" in told(Checked((mine,)))


def test_what_is_silenced_left_out_or_no_longer_silenced_is_counted() -> None:
    silence = Silence(("no-owner",), f"on leave {NASTY}", date(2026, 3, 1), where="trackersync.yaml:41")
    quiet = (Silenced(NOBODY, silence),)
    text = told(Checked((MANY,), silenced=quiet, expired=(silence,), left_out=3, asked=("--owner ada-l",)))
    assert "silenced    1 by trackersync.yaml:41" in text
    assert "! the silence at trackersync.yaml:41 ended 2026-03-01: on leave red" in text
    assert "asked for   --owner ada-l; 3 other findings left out" in text


# Anywhere


def test_nothing_that_trackers_say_commands_the_screen() -> None:
    nasty = seen("SHOP-9", NASTY, stage=None, says=NASTY)
    second = replace(seen("acme/shop#9", NASTY, NASTY), url="https://evil.example/\x1b]0;x\x07")
    everything = [
        fault(rule, place, nasty, second, title=NASTY, table=NASTY, could_be=(Advice(NASTY, "jira", "x", NASTY),))
        for rule, place in (("a", "no owner"), ("b", "duplicate owner"), ("c", "stage drift"), ("d", "other"))
    ]
    everything.append(fault("e", "other", nasty, subject=NASTY, table=NASTY))
    found = Checked(tuple(everything), gone=tuple(noted(one, NOW) for one in everything), since=TUESDAY)
    for plain in (True, False):
        text = told(found, plain=plain)
        assert not [letter for letter in text if not letter.isprintable() and letter != "\n"]
    coloured = StringIO()
    console = Console(file=coloured, width=100, force_terminal=True, color_system="standard", legacy_windows=False)
    check_screen(Screen(console, plain=False), outcome(*everything), found, PLACES, NOW)
    assert "\x1b]0;" not in coloured.getvalue()
    assert "\x1b[31m\x07" not in coloured.getvalue()


def test_keys_are_links_where_the_terminal_can() -> None:
    stream = StringIO()
    console = Console(file=stream, width=100, force_terminal=True, color_system="standard", legacy_windows=False)
    check_screen(Screen(console, plain=False), outcome(NOBODY), Checked((NOBODY,)), PLACES, NOW)
    assert "https://jira.example/SHOP-31" in stream.getvalue()
    assert "https://" not in told(Checked((NOBODY,)), plain=True)


def test_at_80_columns_titles_shrink_then_the_rules_go_and_sentences_fold() -> None:
    text = told(Checked(ALL), width=80)
    assert row(text, "SHOP-31 = shop#9").split()[-2:] == ["12", "d"]
    assert "many-owners" in text
    assert "build (In Progress)   done (closed, completed)" in text
    long = replace(EARLY, table=f"launch; sub-task SHOP-35 is still in build {'and so on ' * 8}to its end")
    folded = told(Checked((long,)), width=80)
    assert "deployment-before-development" not in folded
    assert "to its end" in " ".join(folded.split()), "no fact is cut off"


def test_in_a_pipe_it_is_the_same_in_plain_letters() -> None:
    fine, plain = told(Checked(ALL)), told(Checked(ALL), plain=True)
    assert plain == fine.translate(str.maketrans({"✗": "x", "·": "-"}))


def test_the_next_commands_name_what_is_there() -> None:
    steps = [command for command, _ in drawn(Checked(ALL))[1]]
    assert steps == ["trackersync plan", "trackersync explain SHOP-31", "trackersync rules no-owner"]
    odd = fault("no-owner", "no owner", seen("A B; rm-1"))
    assert "trackersync explain 'A B; rm-1'" in [command for command, _ in drawn(Checked((odd,)))[1]]
    assert [command for command, _ in drawn(Checked(()))[1]] == ["trackersync plan", "trackersync stages"]


# The program


def test_where_a_process_asks_for_no_owner_the_heading_says_so(shop: Shop) -> None:
    shop.only("github")
    shop.settings |= {"delivery": "kanban", "sync": {}}
    shop.tracker(
        "github",
        stages={"ready": {"labels": "stage: idea"}, "in progress": {"labels": "stage: build"}}
        | {"review": {"labels": "stage: verify"}, "done": {"state": "closed"}},
    )
    text = shop.run("check").out
    assert "   in progress and review only; " in row(text, "no owner - ")
    assert " in backlog and ready need none yet" in row(text, "no owner - ")
    assert "\n  x shop#9 " in text


def test_the_second_check_says_what_is_new_and_what_is_gone(shop: Shop) -> None:
    first = shop.run("check", "--select", "ownership").out
    assert "gone since" not in first
    shop.sandbox.github.edit(28, assignees=["margaret-h"])
    shop.sandbox.github.edit(19, assignees=[])
    text = shop.run("check", "--select", "ownership").out
    assert "1 new, 2 gone since " in text
    assert "\n  x new shop#19 " in text
    assert "\n  x     SHOP-31 " in text
    assert "0 new, 0 gone since " in shop.run("check", "--select", "ownership").out


def test_a_narrow_terminal_and_no_colour(shop: Shop) -> None:
    done = spawn(shop.folder, "check", COLUMNS="80", NO_COLOR="1")
    assert "\x1b" not in done.out
    assert "x SHOP-31 = shop#9" in done.out


def test_the_documentation_of_check_is_sound(shop: Shop) -> None:
    text = (CHECKOUT / "docs" / "check.md").read_text(encoding="utf-8")
    for option in ("select", "ignore", "owner", "stage", "project", "changed", "baseline", "offline", "fail-on"):
        assert f"--{option}" in text
    shop.settings |= yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
    shop.configure()
    assert "configured: off by default" not in shop.run("rules").said
    assert "owner-unknown off" in " ".join(shop.run("rules").out.split())
