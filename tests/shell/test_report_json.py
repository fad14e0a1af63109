"""A check for machines: the shape that its schema describes, whatever stands in it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from reported import GOLDEN, NOON, compared, finding, hostile_checks, outcome, seen

from product import CHECKOUT
from trackersync.core.checked import Baseline, Checked, noted
from trackersync.core.diagnose import Silence, Silenced
from trackersync.core.model import Severity
from trackersync.report.record import check_record

SCHEMA = json.loads(CHECKOUT.joinpath("config", "check.schema.json").read_text(encoding="utf-8"))


def strict(schema: Any) -> Any:  # noqa: ANN401  # JSON
    """The schema without the room it leaves for later keys: whatever is printed must be described."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: strict(value) for name, value in schema.items()}
    if "properties" in found and "additionalProperties" not in found and "$schema" in found:
        found["additionalProperties"] = False
    if "allOf" in found:
        found["unevaluatedProperties"] = False
    return found


VALIDATOR = Draft202012Validator(strict(SCHEMA), format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_schema_is_one_and_describes_the_sample_shop() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    VALIDATOR.validate(json.loads(GOLDEN.joinpath("check.json").read_text(encoding="utf-8")))


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_checks())
def test_whatever_stands_in_a_finding_the_shape_is_kept(checked: Checked) -> None:
    record = check_record(outcome(*checked.findings), checked)

    VALIDATOR.validate(record)
    assert json.loads(json.dumps(record)) == record
    assert [one["title"] for one in record["findings"]] == [one.title for one in checked.findings]


def test_new_known_gone_and_silenced_are_told_apart() -> None:
    old, new = finding(), finding("many-owners", Severity.WARNING, seen("SHOP-7"), place="duplicate owner")
    hushed = finding("overdue", Severity.NOTE, place="other")
    silence = Silence((), "moved to summer", NOON.date() + timedelta(days=9), where="trackersync.yaml:41")
    checked = Checked(
        (old, new),
        frozenset({new}),
        gone=(noted(hushed, NOON),),
        since=NOON,
        seen={old: NOON - timedelta(days=4)},
        baseline=Baseline("known.json", frozenset({old}), ()),
        silenced=(Silenced(hushed, silence),),
    )

    record = check_record(outcome(old, new), checked)

    assert [(one["new"], one["since"], one["known"]) for one in record["findings"]] == [
        (False, "2026-03-01T12:00:00Z", True),
        (True, None, False),
    ]
    assert record["places"] == {
        "no owner": 1, "duplicate owner": 1, "stage drift": 0, "duplicate task": 0, "other": 0,
    }  # fmt: skip
    assert record["counts"] == {"many-owners": 1, "no-owner": 1}
    assert record["baseline"] == {"file": "known.json", "new": 1, "known": 1, "gone": []}
    assert [(one["rule"], one["items"]) for one in record["gone"]] == [
        ("overdue", [{"item": "jira/SHOP-42", "key": "SHOP-42"}])
    ]
    assert [(one["rule"], one["reason"], one["until"]) for one in record["silenced"]] == [
        ("overdue", "moved to summer", "2026-03-14")
    ]


def test_the_first_check_compares_with_nothing() -> None:
    one = finding()
    record = check_record(outcome(one), Checked((one,), frozenset({one})))
    assert (record["compared_with"], record["baseline"], record["findings"][0]["new"]) == (None, None, True)
    assert check_record(outcome(one), compared(one))["findings"][0]["new"] is False
