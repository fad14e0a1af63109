"""What a check is asked for, and how its findings compare with the last check's and with a baseline's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from world import DELIVERY, NOON, bo, gh, ji, task, terms

from trackersync.core.checked import Before, Checked, Noted, known_again, noted
from trackersync.core.diagnose import RULES, Finding, Rulebook, Silence, Watch, diagnose
from trackersync.core.link import Links
from trackersync.core.model import ItemRef
from trackersync.core.outcome import Look, Outcome, World
from trackersync.core.process import Phase
from trackersync.core.selection import Selection, checked, chosen_rules, rules_named
from trackersync.core.terms import Task
from trackersync.errors import ConfigError
from trackersync.report.baseline import baseline_text, read_baseline

TASKS = (
    task(gh("stage: build"), ji("In Progress")),
    Task("t2", (gh("stage: build", owners="ada-l grace-h", number=18),)),
    Task("t3", (gh("stage: build", "stage: verify", owners="ada-l", number=19),)),
    Task("t4", (ji("Backlog", number=50),)),
)
BOOK = Rulebook(RULES)


def outcome(*tasks: Task, before: Before | None = None, news: frozenset[ItemRef] = frozenset()) -> Outcome:
    found = diagnose(tasks or TASKS, terms(), NOON)
    look = Look("github", whole=True, changed=0, own=0, since=None, complete=True, seconds=0.0, news=news)
    return Outcome(World({"github": look}, Links(), tasks or TASKS, found.cases, found.findings), before=before)


def told(found: Outcome, selection: Selection | None = None, **more: object) -> Checked:
    return checked(found, selection or Selection(), BOOK, Watch(NOON), **{"baseline": None, **more})  # type: ignore[arg-type]


def names(found: Checked) -> list[str]:
    return [f"{one.rule} {one.items[0].key.rpartition('/')[2]}" for one in found.findings]


ALL = ["no-owner SHOP-42", "no-owner SHOP-50", "many-owners shop#18", "clashing-stage-labels shop#19"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        pytest.param(Selection(), ALL, id="all"),
        pytest.param(Selection(select=("no-owner",)), ALL[:2], id="a rule"),
        pytest.param(Selection(select=("NO-OWNER",)), ALL[:2], id="whatever its case"),
        pytest.param(Selection(select=("ownership",)), ALL[:3], id="a family"),
        pytest.param(Selection(select=("stage drift",)), ALL[3:], id="a place"),
        pytest.param(Selection(select=("*-owner*",)), ALL[:3], id="a pattern"),
        pytest.param(Selection(ignore=("many-*",)), [*ALL[:2], ALL[3]], id="not these"),
        pytest.param(Selection(select=("ownership",), ignore=("no-owner",)), ALL[2:3], id="these without those"),
        pytest.param(Selection(owners=("ADA-L",)), ALL[2:], id="whose"),
        pytest.param(Selection(owners=("nobody",)), ALL[:2], id="nobody's"),
        pytest.param(Selection(owners=("nobody", "grace-h")), ALL[:3], id="or somebody's"),
        pytest.param(Selection(owners=("ada",)), [], id="part of a name is none"),
        pytest.param(Selection(stages=("idea",)), ALL[1:2], id="a stage"),
        pytest.param(Selection(projects=("SHOP",)), ALL[:2], id="a project"),
        pytest.param(Selection(projects=("acme/shop",)), [ALL[0], *ALL[2:]], id="a repository, also a pair's"),
        pytest.param(Selection(projects=("shop",)), ALL, id="without its owner it may be both"),
        pytest.param(Selection(projects=("acme/*",)), [ALL[0], *ALL[2:]], id="a pattern of repositories"),
        pytest.param(Selection(select=("ownership",), stages=("build",)), [ALL[0], ALL[2]], id="all must hold"),
    ],
)
def test_what_is_asked_for(selection: Selection, expected: list[str]) -> None:
    found = told(outcome(), selection)
    assert names(found) == expected
    assert found.left_out == len(ALL) - len(expected)


@pytest.mark.parametrize("word", ["no-ownr", "owner", "", "stages!"])
def test_a_word_that_names_no_rule_is_refused(word: str) -> None:
    with pytest.raises(ConfigError, match="no rule, family or place is named") as refused:
        chosen_rules(Selection(select=(word,)), RULES)
    assert "trackersync rules" in refused.value.next_step
    assert rules_named(word, RULES) == ()


def test_the_nearest_word_is_proposed() -> None:
    with pytest.raises(ConfigError) as refused:
        chosen_rules(Selection(ignore=("no-ownr",)), RULES)
    assert 'did you mean "no-owner"?' in refused.value.next_step


def test_of_what_changed() -> None:
    everything = Before(NOON, tuple(noted(one, NOON) for one in outcome().world.findings))
    moved = outcome(before=everything, news=frozenset({TASKS[1].items[0].ref}))
    assert names(told(moved, Selection(changed=True))) == ["many-owners shop#18"]
    # What is new although nobody touched it, as what has become late, is told too.
    without = replace(everything, findings=everything.findings[:-1])
    assert names(told(outcome(before=without), Selection(changed=True))) == ["clashing-stage-labels shop#19"]
    # Before the first check everything has changed.
    assert names(told(outcome(), Selection(changed=True))) == ALL


def test_new_and_gone_since_the_last_check() -> None:
    yesterday = NOON - timedelta(days=1)
    first = told(outcome())
    assert (first.new, first.gone, first.since) == (frozenset(), (), None)
    past = tuple(noted(one, yesterday) for one in outcome().world.findings)
    gone = replace(past[0], items=("jira/77",), keys=("SHOP-77",))
    found = told(outcome(before=Before(yesterday, (*past[1:], gone))))
    assert [one.items[0].key for one in found.new] == ["SHOP-42"]
    assert found.gone == (gone,)
    assert found.since == yesterday
    assert {found.seen[one] for one in found.findings if one not in found.new} == {yesterday}
    assert {found.seen[one] for one in found.new} == {NOON}
    # What was not asked for is neither new nor gone.
    other = told(outcome(before=Before(yesterday, (gone,))), Selection(select=("many-owners",)))
    assert (len(other.new), other.gone) == (1, ())
    # Whose a task was that is no more, nobody knows.
    assert told(outcome(before=Before(yesterday, (gone,))), Selection(owners=("ada-l",))).gone == ()


def findings(*tasks: Task) -> tuple[Finding, ...]:
    return diagnose(tasks, terms(), NOON).findings


def seen(*tasks: Task) -> list[Noted]:
    return [noted(one, NOON) for one in findings(*tasks)]


ALONE = task(ji("In Progress"))
PAIR = task(gh("stage: build"), ji("In Progress"))
TWICE = task(gh("stage: build", owners="ada-l grace-h"), ji("In Progress", owners="ada-l"))


@pytest.mark.parametrize(
    ("before", "now", "new", "gone"),
    [
        pytest.param([PAIR], [PAIR], 0, 0, id="the same"),
        pytest.param([ALONE], [PAIR], 0, 0, id="it has got a counterpart"),
        pytest.param([PAIR], [ALONE], 0, 0, id="it has lost one"),
        pytest.param([task(gh("stage: build"))], [PAIR], 0, 0, id="the item that is shown first is another one"),
        pytest.param([PAIR], [task(replace(PAIR.items[1], key="PAY-1", title="moved"))], 0, 0, id="another key"),
        pytest.param([PAIR], [task(ji("In Review"))], 0, 0, id="another stage, the same fault"),
        pytest.param([PAIR], [task(ji("In Progress", number=43))], 1, 1, id="another task"),
        pytest.param([PAIR], [task(ji("In Progress", owners="ada-l"))], 0, 1, id="mended"),
        pytest.param([TWICE], [PAIR], 1, 1, id="another rule on the same task"),
        pytest.param([PAIR, PAIR], [PAIR], 0, 1, id="each stands for one"),
    ],
)
def test_a_finding_is_known_again(before: list[Task], now: list[Task], new: int, gone: int) -> None:
    there = findings(*now)
    met, missing = known_again(there, [one for some in before for one in seen(some)])
    assert (len(there) - len(met), len(missing)) == (new, gone)


def test_of_two_faults_of_one_rule_on_one_task_the_new_one_is_new() -> None:
    one = task(gh("stage: build", owners="ada-l grace-h"), gh("stage: build", owners="ada-l", number=18))
    two = task(gh("stage: build", owners="ada-l grace-h"), gh("stage: build", owners="ada-l alan-t", number=18))
    there = [finding for finding in findings(two) if finding.rule == "many-owners"]
    met, _ = known_again(there, [past for past in seen(one) if past.rule == "many-owners"])
    assert [finding.items[0].key for finding in there if finding not in met] == ["acme/shop#18"]


def test_with_a_baseline_only_what_is_not_in_it_fails() -> None:
    text = baseline_text(outcome(*TASKS[:2]).world.findings, NOON)
    found = told(outcome(*TASKS[1:]), baseline=("known.json", read_baseline(text)))
    assert [one.rule for one in found.failing] == ["no-owner", "clashing-stage-labels"]
    assert found.baseline is not None
    assert {one.rule for one in found.baseline.known} == {"many-owners"}
    assert [one.keys for one in found.baseline.gone] == [("SHOP-42", "acme/shop#17")]


def test_a_baseline_is_read_as_it_was_written_and_holds_no_text_of_issues() -> None:
    titled = task(replace(gh("stage: build", owners="ada-l grace-h"), title="Secret plans"))
    text = baseline_text((*findings(titled), *outcome().world.findings), NOON)
    assert "Secret" not in text
    assert "ada-l" not in text
    assert text.count("\n") == len(read_baseline(text)) + 6
    assert read_baseline(baseline_text((), NOON)) == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "it is not JSON", id="empty"),
        pytest.param("[]", "not a baseline of format 1", id="a list"),
        pytest.param('{"format": 2, "made": "2026-03-05", "findings": []}', "not a baseline of format 1", id="later"),
        pytest.param('{"format": 1, "made": "2026-03-05"}', "lacks 'findings'", id="nothing in it"),
        pytest.param('{"format": 1, "made": "2026-03-05", "findings": [3]}', "lacks", id="a number"),
        pytest.param('{"format": 1, "made": "2026-03-05", "findings": [{"rule": 3}]}', "lacks", id="no name"),
        pytest.param('{"format": 1, "made": "soon", "findings": []}', "soon", id="no time"),
    ],
)
def test_what_is_no_baseline_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("'", ".")):
        read_baseline(text)


def test_a_silence_whose_day_is_past_is_told() -> None:
    ended = Silence(("no-owner",), "on leave", date(2026, 3, 4))
    last = Silence(("many-owners",), "pairing", date(2026, 3, 5))
    book = Rulebook(RULES, silences=[ended, last])
    found = diagnose(TASKS, terms(), NOON, rulebook=book)
    world = World({}, Links(), TASKS, found.cases, found.findings, silenced=found.silenced)
    result = checked(Outcome(world), Selection(), book, Watch(NOON), None)
    assert result.expired == (ended,)
    assert [one.silence for one in result.silenced] == [last]
    assert [one.rule for one in result.findings] == ["no-owner", "no-owner", "clashing-stage-labels"]


def test_what_another_task_has_a_part_in_is_not_known_again_by_it() -> None:
    """A fault that was #1's and is #2's now is new, although the same blocker stands beside both."""
    blocker = gh("stage: build", number=9, owners="ada-l")

    def launched(number: int) -> Task:
        card = bo("launch", number=number)
        return Task(f"c{number}", (replace(card, facts={**card.facts, "blockers": ("acme/shop#9",)}),))

    phased = replace(
        terms(),
        process=replace(
            DELIVERY,
            phases=(Phase("development", "Development", {}), Phase("deployment", "Deployment", {})),
            stages=tuple(
                replace(one, phase="deployment" if one.key in ("release", "distribute", "launch", "support") else
                        "" if one.finished else "development")
                for one in DELIVERY.stages
            ),
        ),
    )  # fmt: skip
    (rule,) = (one for one in RULES if one.name == "deployment-before-development")

    def found(*tasks: Task) -> tuple[Finding, ...]:
        every = (*tasks, Task("t9", (blocker,)))
        return diagnose(every, phased, NOON, rulebook=Rulebook([rule])).findings

    (before,), (after,) = found(launched(1)), found(launched(2))
    assert [seen.key for seen in after.items] == ["CARD-2", "acme/shop#9"]
    # Ada owns the blocker; the fault is nobody's.
    every = outcome(launched(2), Task("t9", (blocker,)))
    every = replace(every, world=replace(every.world, findings=(after,)))
    assert names(told(every, Selection(owners=("ada-l",)))) == []
    assert names(told(every, Selection(projects=("acme/shop",)))) == []
    assert names(told(every, Selection(owners=("nobody",)))) == ["deployment-before-development CARD-2"]
    met, gone = known_again([after], [noted(before, NOON)])
    assert (met, [one.keys for one in gone]) == ({}, [("CARD-1",)])


def test_nothing_is_new_while_not_everything_was_read() -> None:
    seen_before = Before(NOON - timedelta(days=1), ())
    whole = outcome(before=seen_before)
    look = replace(whole.world.looks["github"], complete=False)
    partly = replace(whole, world=replace(whole.world, looks={"github": look}))
    assert len(told(whole).new) == len(ALL)
    assert (told(partly).new, told(partly).since) == (frozenset(), None)
