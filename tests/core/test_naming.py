"""What a configured word means once people have renamed what it names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from world import DELIVERY, JIRA
from world import terms as terms_of

from trackersync.core.mapping import StageRule
from trackersync.core.model import Facts, Matcher, Named
from trackersync.core.naming import Known, Names, in_present_names, renamed, renamings, tied, unresolved
from trackersync.core.stages import StageMap
from trackersync.core.terms import Terms

SCOPED = replace(
    JIRA, matchers=(*JIRA.matchers, Matcher("projects", "project", condition=True)), workflows=("project", "type")
)


def known(id_: str, name: str, *former: str, containers: tuple[str, ...] = ()) -> Known:
    return Known(Named("status", id_, name, containers), former)


PLAIN = (known("1", "To Do"), known("3", "In Progress"), known("4", "Done"))
RENAMED = (known("1", "To Do"), known("3", "Building", "In Progress"), known("4", "Done"))
SWAPPED = (known("3", "In Review", "In Progress"), known("5", "In Progress", "In Review"))
TWO = (known("10", "Doing", "Coding", containers=("SHOP",)), known("20", "Doing", "Coding", containers=("PAY",)))


@pytest.mark.parametrize(
    ("some", "word", "now"),
    [
        pytest.param(PLAIN, "In Progress", ["In Progress"], id="a name that holds"),
        pytest.param(PLAIN, "in progress", ["in progress"], id="in any case, as it was written"),
        pytest.param(PLAIN, "3", ["In Progress"], id="an id"),
        pytest.param(PLAIN, "Nowhere", ["Nowhere"], id="what nobody knows stays as it is"),
        pytest.param(RENAMED, "In Progress", ["Building"], id="a former name"),
        pytest.param(RENAMED, "3", ["Building"], id="an id, renamed"),
        pytest.param((*RENAMED, known("9", "In Progress")), "In Progress", ["In Progress"], id="a name borne anew"),
        pytest.param(SWAPPED, "3", ["In Review"], id="an id, of two that changed names"),
        pytest.param(SWAPPED, "In Progress", ["In Progress"], id="a present name before a former one"),
        pytest.param((*PLAIN, known("8", "3")), "3", ["3"], id="a status that is called like another one's id"),
        pytest.param((known("1", "A", "X"), known("2", "B", "X")), "X", ["A", "B"], id="a former name of two"),
    ],
)
def test_a_configured_word_in_present_names(some: tuple[Known, ...], word: str, now: list[str]) -> None:
    assert [name for name, _ in Names(some).words("status", word)] == now
    assert Names(some).words("labels", word) == ((word, ()),)


def terms(*rules: StageRule, hands_off: Facts | None = None) -> Terms:
    base = terms_of()
    return replace(
        base,
        maps={"jira": StageMap("jira", DELIVERY, SCOPED, rules)},
        hands_off={"jira": hands_off or {}},
    )


BUILD = StageRule("build", {"status": ("In Progress",)}, {})


def stages(found: Terms, **facts: str) -> tuple[str, ...]:
    reading = found.maps["jira"].read({fact: (value,) for fact, value in facts.items()})
    return reading.stages[:1] if reading.kind == "stated" else ()


def test_old_and_new_name_read_alike_until_the_old_one_means_something_again() -> None:
    before = terms(BUILD)
    now = in_present_names(before, {"jira": RENAMED})
    assert stages(now, status="Building") == stages(now, status="In Progress") == ("build",)
    assert now.maps["jira"].words("build")[0]["status"] == ("Building",)
    assert now.fingerprint == before.fingerprint
    taken = in_present_names(before, {"jira": (*RENAMED, known("9", "In Progress"))})
    assert stages(taken, status="Building") == ()
    assert stages(taken, status="In Progress") == ("build",)


def test_what_is_known_changes_nothing_where_nothing_was_renamed() -> None:
    before = terms(BUILD)
    assert in_present_names(before, {"jira": PLAIN}).maps["jira"] is before.maps["jira"]
    assert in_present_names(before, {}).maps["jira"] is before.maps["jira"]


def test_ids_tell_two_projects_statuses_of_one_name_apart() -> None:
    now = in_present_names(
        terms(StageRule("build", {"status": ("10",)}, {}), StageRule("verify", {"status": ("20",)}, {})), {"jira": TWO}
    )
    assert [(rule.stage, rule.when) for rule in now.maps["jira"].rules] == [
        ("build", {"status": ("Doing",), "project": ("SHOP",)}),
        ("verify", {"status": ("Doing",), "project": ("PAY",)}),
    ]
    assert stages(now, status="Doing", project="SHOP") == ("build",)
    assert stages(now, status="Doing", project="PAY") == ("verify",)
    assert stages(now, status="Doing", project="OTHER") == ()


def test_what_is_written_along_and_what_is_left_alone_are_renamed_too() -> None:
    rule = StageRule("build", {"status": ("3", "Nowhere")}, {"status": ("3",)})
    now = in_present_names(terms(rule, hands_off={"status": ("3",), "labels": ("frozen",)}), {"jira": RENAMED})
    assert now.maps["jira"].rules == (
        StageRule("build", {"status": ("Building", "Nowhere")}, {"status": ("Building",)}),
    )
    # An item that has not been read since shows the old name: it is left alone too.
    assert now.hands_off["jira"] == {"status": ("Building", "In Progress"), "labels": ("frozen",)}


def test_whether_anything_configured_is_not_known() -> None:
    assert tied(SCOPED) == ("status", "resolution")
    found = terms(BUILD).maps["jira"]
    assert not unresolved(found, {}, ["status"], RENAMED)
    assert unresolved(found, {"status": ("Waiting",)}, ["status"], RENAMED)
    assert unresolved(found, {}, ["status"], ())


def test_facts_are_renamed_all_at_once_and_only_where_it_holds() -> None:
    swap = renamings(
        (known("3", "A", containers=("SHOP",)), known("5", "B")),
        (known("3", "B", containers=("SHOP",)), known("5", "A")),
    )
    assert renamed({"status": ("A",), "labels": ("A",)}, "SHOP", swap) == {"status": ("B",), "labels": ("A",)}
    assert renamed({"status": ("B",)}, "SHOP", swap) == {"status": ("A",)}
    assert renamed({"status": ("A",)}, "PAY", swap) == {"status": ("A",)}
    assert renamings(PLAIN, (*PLAIN, known("7", "New"))) == ()
