"""The metrics: their names and labels, and that what was counted stays counted."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
import yaml
from scraped import NOON, REQUESTS, shown

from trackersync.core.model import Change, ItemRef, Outcome, Receipt
from trackersync.http import SystemClock
from trackersync.store import Store, open_store
from trackersync.testing.clock import VirtualClock
from trackersync.worker.metrics import DeliveryOutcome, Metrics, reason_of

REF = ItemRef("github", "1:17")
CHANGE = Change(REF, "acme/shop#17", "stage", "labels", {}, {}, "SHOP-42 moved")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        yield opened


def everything(store: Store) -> Metrics:
    """Metrics in which every kind of thing has happened."""
    metrics = Metrics(VirtualClock(NOON))
    metrics.watch(store, REQUESTS)
    metrics.aim({"github": 60.0}, 0.99)
    metrics.delivery("github", "accepted", 3)
    metrics.delivery("github", "too large")
    metrics.look("github", "done", 0.7)
    metrics.reflected("github", 4.0, timely=True)
    metrics.reflected("github", 70.0, timely=False)
    metrics.changes([(CHANGE, Receipt(Outcome.APPLIED)), (CHANGE, Receipt(Outcome.ALREADY_SO))])
    metrics.waited("github", "it answered 502", 2.5)
    metrics.findings({"no-owner": 4, "two-owners": 1})
    metrics.job("check", "done", 3.0)
    store.await_job("check", NOON - timedelta(hours=1))
    claimed = store.claim_job(store.kept()["check"], NOON - timedelta(minutes=2), NOON - timedelta(minutes=2), "here")
    assert claimed is not None
    store.end_job(claimed, NOON - timedelta(minutes=1))
    store.reflected("github", NOON, timely=True)
    return metrics


def test_what_happened_is_counted(store: Store) -> None:
    found = shown(everything(store))
    expected = {
        "trackersync_deliveries_total{outcome=accepted,tracker=github}": 3,
        "trackersync_deliveries_total{outcome=too_large,tracker=github}": 1,
        "trackersync_deliveries_total{outcome=unsigned,tracker=github}": 0,
        "trackersync_deliveries_total{outcome=accepted,tracker=jira}": 0,
        "trackersync_looks_total{outcome=done,tracker=github}": 1,
        "trackersync_looks_total{outcome=aside,tracker=github}": 0,
        "trackersync_look_seconds_count{tracker=github}": 1,
        "trackersync_reflected_seconds_count{tracker=github}": 2,
        "trackersync_reflected_seconds_bucket{le=5.0,tracker=github}": 1,
        "trackersync_reflected_seconds_bucket{le=60.0,tracker=github}": 1,
        "trackersync_reflected_seconds_bucket{le=120.0,tracker=github}": 2,
        "trackersync_reflected_timely_total{tracker=github}": 1,
        "trackersync_changes_total{field=stage,outcome=applied,tracker=github}": 1,
        "trackersync_changes_total{field=stage,outcome=already_so,tracker=github}": 1,
        "trackersync_waits_seconds_total{reason=errors,tracker=github}": 2.5,
        "trackersync_waits_seconds_total{reason=limits,tracker=github}": 0,
        "trackersync_findings{rule=no-owner}": 4,
        "trackersync_jobs_total{job=check,outcome=done}": 1,
        "trackersync_job_failing{job=check}": 0,
        "trackersync_job_last_success_timestamp_seconds{job=check}": (NOON - timedelta(minutes=1)).timestamp(),
        "trackersync_requests_total{kind=read,tracker=github}": 3,
        "trackersync_freshness_objective_seconds{tracker=github}": 60,
        "trackersync_freshness_objective_ratio": 0.99,
        "trackersync_freshness_ratio{tracker=github}": 1,
        "trackersync_store_up": 1,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert any(name.startswith("trackersync_build_info{") for name in found)


def test_names_keep_to_the_rules_of_prometheus(store: Store) -> None:
    """https://prometheus.io/docs/practices/naming/, as promtool's linter has them."""
    text = everything(store).exposition().decode()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    ours = {name: kind for name, kind in kinds.items() if name.startswith("trackersync_")}
    assert len(ours) >= 20
    for name, kind in ours.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name), name
        assert name.endswith("_total") == (kind == "counter"), name
        assert not re.search(r"_(milliseconds|minutes|hours|days|ms|kilobytes|percent)(_|$)", name), name
        assert not re.search(r"(counter|gauge|histogram|summary)", name), name
        assert not name.endswith(("_count", "_sum", "_bucket", "_created")), name
        assert re.search(rf"^# HELP {name} \S", text, re.MULTILINE), name
    assert "_created" not in text
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    series = [line.rpartition(" ")[0] for line in lines]
    assert len(series) == len(set(series)), "a series is shown twice"


@pytest.mark.parametrize("name", ["deliveries", "looks", "waits_seconds", "reflected_timely"])
def test_a_counter_that_has_counted_nothing_shows_zero(name: str, store: Store) -> None:
    metrics = Metrics(VirtualClock(NOON))
    metrics.watch(store, REQUESTS)
    found = [value for series, value in shown(metrics).items() if series.startswith(f"trackersync_{name}_total{{")]
    assert found
    assert not any(found)


def test_requests_never_go_backwards_when_counters_are_replaced(store: Store) -> None:
    """As at a reload; the old ones may still be counted into while what was under way comes to its end."""
    metrics, series = Metrics(VirtualClock(NOON)), "trackersync_requests_total{kind=read,tracker=github}"
    old, seen = {"github": {"read": 0, "write": 0}}, [0.0]
    metrics.watch(store, old)
    for _ in range(4):
        old["github"]["read"] += 5
        seen.append(shown(metrics)[series])
        new = {"github": {"read": 0, "write": 0}}
        metrics.watch(store, new)
        seen.append(shown(metrics)[series])
        old["github"]["read"] += 1
        new["github"]["read"] += 1
        seen.append(shown(metrics)[series])
        old = new
    assert seen == sorted(seen)
    assert seen[-1] == 4 * 7


def test_a_tracker_that_left_the_configuration_keeps_its_counts(store: Store) -> None:
    metrics = Metrics(VirtualClock(NOON))
    metrics.watch(store, REQUESTS)
    metrics.watch(store, {"jira": {"read": 1, "write": 0}})
    found = shown(metrics)
    assert found["trackersync_requests_total{kind=read,tracker=github}"] == 3
    assert found["trackersync_requests_total{kind=read,tracker=jira}"] == 1


def test_a_rule_that_finds_nothing_any_more_shows_zero() -> None:
    metrics = Metrics(VirtualClock(NOON))
    metrics.findings({"no-owner": 4, "two-owners": 1})
    metrics.findings({"two-owners": 2})
    found = shown(metrics)
    assert found["trackersync_findings{rule=no-owner}"] == 0
    assert found["trackersync_findings{rule=two-owners}"] == 2


REASONS = [
    ("it answered 502", "errors"),
    ("it could not be reached", "unreachable"),
    ("it gave no whole answer", "no answer"),
    ("it slept", "other"),
    ("all 5,000 requests (core) are used up until 12:00 UTC", "limits"),
    ("the rate limit is used up", "limits"),
    ("acme/shop#17: a title\nwith a line", "limits"),
]


@pytest.mark.parametrize(("sentence", "reason"), REASONS)
def test_reasons_of_waits_are_a_closed_set(sentence: str, reason: str) -> None:
    assert reason_of(sentence) == reason


def test_two_services_in_one_process_count_for_themselves() -> None:
    one, other = Metrics(VirtualClock(NOON)), Metrics(VirtualClock(NOON))
    one.delivery("github", "accepted")
    assert "trackersync_deliveries_total{outcome=accepted,tracker=github}" in shown(one)
    assert "trackersync_deliveries_total{outcome=accepted,tracker=github}" not in shown(other)


def test_counting_from_many_threads_loses_nothing() -> None:
    metrics = Metrics(SystemClock())

    def count() -> None:
        for _ in range(500):
            metrics.delivery("github", "accepted")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shown(metrics)["trackersync_deliveries_total{outcome=accepted,tracker=github}"] == 2000


def test_every_series_and_label_is_told_in_the_documentation(store: Store) -> None:
    text = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(trackersync_[a-z_]+)`", text, re.MULTILINE))
    exposition = everything(store).exposition().decode()
    ours = set(re.findall(r"^# TYPE (trackersync_\S+)", exposition, re.MULTILINE))
    assert told == ours
    for outcome in get_args(DeliveryOutcome):
        assert f"`{outcome.replace(' ', '_')}`" in text, outcome


def test_alerts_name_series_that_there_are_and_each_has_its_row(store: Store) -> None:
    docs = Path(__file__).parents[2] / "docs"
    rules = yaml.safe_load((docs / "prometheus-alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    series = {name.partition("{")[0] for name in shown(everything(store))}
    for rule in rules:
        named = set(re.findall(r"trackersync_[a-z_]+", rule["expr"]))
        assert named <= series, rule["alert"]
    rows = re.findall(r"^\| `(Trackersync\w+)`", (docs / "operating.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [rule["alert"] for rule in rules]
