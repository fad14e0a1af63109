"""A scrape, as Prometheus' own parser reads it."""

from __future__ import annotations

from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from trackersync.worker.metrics import Metrics

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
REQUESTS = {"github": {"read": 3, "write": 1}, "jira": {"read": 0, "write": 0}}


def shown(metrics: Metrics) -> dict[str, float]:
    """Every series, as Prometheus' own parser reads it: ``name{label=value,…}`` to its value."""
    found = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found
