"""What every rule that ships promises, whatever it is about; and that a plug-in's rule which raises ends no check."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import TERMS, worlds

from trackersync.core.diagnose import RULES, Amendment, AnyRule, Calendar, Case, Diagnosis, Fault, Known, Rulebook
from trackersync.core.diagnose import diagnose as diagnosed
from trackersync.core.diagnose.sound import unclear, unfit
from trackersync.core.model import Severity
from trackersync.rules import RULES_SDK, NoSettings, Rule, Tally, Total, setting
from trackersync.testing import issue, task
from trackersync.testing.rule_world import NOW
from trackersync.testing.rules import ill_said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trackersync.core.terms import Task

ON = {
    rule.name: [
        Amendment(
            rule.severity if rule.off else None,
            {
                one.name: type(one.default)(1)
                for one in fields(rule.settings)
                if type(one.default) in (int, float) and one.default in (0, 3, 10)
            },
        )
    ]
    for rule in RULES
}
"""Every rule on, with small limits, so that much is found."""
ALL = Rulebook(RULES, ON, calendar=Calendar())


def every(rules: Iterable[AnyRule] = RULES) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rule", rules, ids=lambda rule: rule.name)


@every()
def test_a_rule_can_be_used_and_its_words_are_complete(rule: AnyRule) -> None:
    assert not [*unfit(rule), *unclear(rule)]
    assert rule.sdk == RULES_SDK
    assert not rule.package
    assert hash(rule.settings()) == hash(rule.settings())
    assert all(one.default is not MISSING for one in fields(rule.settings))


def test_every_name_is_there_once() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_rules_are_pure_and_what_they_say_is_well_said(
    made: tuple[tuple[Task, ...], dict[str, Known]], chance: Random
) -> None:
    tasks, known = made
    found = diagnosed(tasks, TERMS, NOW, rulebook=ALL, known=known).findings
    mixed = list(tasks)
    chance.shuffle(mixed)
    assert diagnosed(mixed, TERMS, NOW, rulebook=ALL, known=known).findings == found
    assert not [f"{one.rule}: {trouble}: {one.message!r}" for one in found for trouble in ill_said(one)]


@given(worlds(done=True))
@settings(max_examples=40)
def test_no_rule_about_open_work_says_anything_of_finished_work(
    made: tuple[tuple[Task, ...], dict[str, Known]],
) -> None:
    tasks, known = made
    found = diagnosed(tasks, TERMS, NOW, rulebook=ALL, known=known).findings
    about = {rule.name: rule.about for rule in RULES}
    assert not [one for one in found if about[one.rule] == "open"]


@given(worlds())
@settings(max_examples=25)
def test_time_alone_is_noticed(made: tuple[tuple[Task, ...], dict[str, Known]]) -> None:
    tasks, known = made
    diagnosis = diagnosed(tasks, TERMS, NOW, rulebook=ALL, known=known)
    for days in (0.3, 1, 3, 20, 90):
        later = NOW + timedelta(days=days)
        diagnosis.renew((), (), {}, later)
        assert diagnosis.findings == diagnosed(tasks, TERMS, later, rulebook=ALL, known=known).findings


# What is wrong with a rule.


def nothing(_: Case, __: NoSettings) -> Iterator[Fault]:
    return iter(())


SOUND = Rule("a-rule", "acme", "What it finds.", "Why it matters.", "mend it", nothing)


@dataclass(frozen=True, slots=True)
class Undocumented:
    most: int = 1


@dataclass(frozen=True)
class Listed:
    names: tuple[int, ...] = setting((), "Names.")  # type: ignore[type-arg,unused-ignore]


@dataclass
class Thawed:
    most: int = setting(1, "So many.")


@dataclass(frozen=True)
class Bare:
    most: int


@dataclass(frozen=True)
class Mistyped:
    most: int = setting("one", "So many.")


@dataclass(frozen=True)
class Reserved:
    stages: int = setting(1, "So many.")


@dataclass(frozen=True)
class Made:
    names: list[str] = field(default_factory=list, metadata={"sentence": "Names."})


UNSOUND = {
    # name: (what it has instead, what is said)
    "name": ({"name": "A_rule"}, "its name is not in kebab-case"),
    "family": ({"family": "My family"}, 'its family "My family" is not in kebab-case'),
    "both": ({"tally": Tally(lambda _, __: (), lambda _, __: ())}, "it has both a judge and a tally"),
    "neither": ({"judge": None}, "it has neither judge nor tally"),
    "severity": ({"severity": "bad"}, "its severity 'bad' is none"),
    "about": ({"about": "some"}, 'it cannot be about "some": open, finished, every'),
    "no dataclass": ({"settings": dict}, "its settings are no dataclass"),
    "not frozen": ({"settings": Thawed}, "its settings are not frozen: use @dataclass(frozen=True, slots=True)"),
    "no default": ({"settings": Bare}, 'its setting "most" has no default'),
    "made anew": ({"settings": Made}, 'its setting "names" has no default'),
    "a type that is none": ({"settings": Listed}, 'its setting "names" is neither int, float, str, bool, tuple[str, ...] nor timedelta'),
    "another type": ({"settings": Mistyped}, 'the default of its setting "most" is of another type'),
    "a key of every rule": ({"settings": Reserved}, 'no setting may be called "stages": every rule has a key of this name'),
    "two sentences": ({"summary": "What it. Finds."}, "its summary is not one sentence that ends with a dot"),
    "no dot": ({"summary": "What it finds"}, "its summary is not one sentence that ends with a dot"),
    "no reason": ({"why": ""}, "why it matters is not said in sentences that end with a dot"),
    "a fix with a dot": ({"fix": "mend it."}, "its fix is not an order of one line without a dot"),
    "no sentence": ({"settings": Undocumented}, 'its setting "most" has no sentence that says what it is for: use setting()'),
}  # fmt: skip


@pytest.mark.parametrize(("instead", "said"), UNSOUND.values(), ids=UNSOUND)
def test_what_is_wrong_with_a_rule_is_said(instead: dict[str, Any], said: str) -> None:
    assert not [*unfit(SOUND), *unclear(SOUND)]
    wrong = replace(SOUND, **instead)
    assert [*unfit(wrong), *unclear(wrong)][:1] == [said]


# A rule that raises.


def raising(case: Case, _: NoSettings) -> Iterator[Fault]:
    if "bug" in case.shows("labels"):
        yield Fault(f"{case.keys} is a bug")
        raise KeyError(case.keys)


def on_total(total: Total, _: NoSettings) -> Iterator[Fault]:
    yield from (Fault(f"{total.key} has {total.terms.nothing}"),)  # type: ignore[attr-defined,unused-ignore]


ACME = replace(SOUND, judge=raising, package="acme-rules", severity=Severity.ERROR)
TOTAL = replace(SOUND, judge=None, tally=Tally(lambda case, _: case.people, on_total), package="acme-rules")


def begun(*rules: AnyRule) -> Diagnosis:
    return Diagnosis(TERMS, Rulebook(rules), NOW)


def bug(number: int, *labels: str, owners: str = "") -> Task:
    return task(issue("build", *labels, number=number, owners=owners))


def test_a_rule_of_ours_that_raises_is_mended() -> None:
    for rule in (ACME, TOTAL):
        with pytest.raises((KeyError, AttributeError)):
            begun(replace(rule, package="")).look([bug(1, "bug", owners="ada-l")], {}, NOW)


def test_a_plugin_that_raises_is_one_warning_however_many_tasks_it_raises_on() -> None:
    other = replace(SOUND, name="other-rule", judge=lambda case, _: [Fault(f"{case.keys} is there")])
    diagnosis = begun(ACME, other)
    diagnosis.look([bug(1, "bug"), bug(2), bug(3, "bug")], {}, NOW)
    assert [one.message for one in diagnosis.findings if one.rule == "other-rule"] == [
        f"acme/shop#{number} is there" for number in (1, 2, 3)
    ]
    said = [one for one in diagnosis.findings if one.rule == "a-rule" and one.task]
    assert [one.message for one in said] == ["acme/shop#1 is a bug", "acme/shop#3 is a bug"]
    (failing,) = (one for one in diagnosis.findings if one.rule == "a-rule" and not one.task)
    place = f"KeyError in test_rules_contract.py:{raising.__code__.co_firstlineno + 3}"
    assert failing.message == f"a-rule of acme-rules fails on 2 tasks, acme/shop#1 first: {place}"
    assert failing.subject == f"a-rule, {place}"
    assert failing.severity is Severity.WARNING
    assert [seen.key for seen in failing.items] == ["acme/shop#1", "acme/shop#3"]
    assert not ill_said(failing)


def test_what_raised_is_forgotten_once_it_does_not() -> None:
    diagnosis = begun(ACME)
    diagnosis.look([bug(1, "bug"), bug(2)], {}, NOW)
    diagnosis.renew([bug(1)], (), {}, NOW)
    assert not diagnosis.findings
    diagnosis.renew([bug(2, "bug")], (), {}, NOW)
    (_, failing) = diagnosis.findings
    assert failing.message.startswith("a-rule of acme-rules fails on acme/shop#2: KeyError in ")


def test_a_plugin_over_totals_that_raises_is_a_warning_for_each_total() -> None:
    diagnosis = begun(TOTAL)
    diagnosis.look([bug(1, owners="ada-l"), bug(2, owners="grace-h"), bug(3, owners="ada-l")], {}, NOW)
    assert [one.message.partition(":")[0] for one in diagnosis.findings] == [
        "a-rule of acme-rules fails on ada-l",
        "a-rule of acme-rules fails on grace-h",
    ]
    assert all("AttributeError in test_rules_contract.py:" in one.message for one in diagnosis.findings)


@pytest.mark.parametrize("said", [None, "a sentence", [None], 7])
def test_a_plugin_that_answers_something_else_raises_too(said: object) -> None:
    diagnosis = begun(replace(ACME, judge=cast("Any", lambda _, __: said)))
    diagnosis.look([bug(1)], {}, NOW)
    assert [one.severity for one in diagnosis.findings] == [Severity.WARNING]
