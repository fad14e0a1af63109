"""How many owners an item holds, as the planner counts on it: the vendor's number, or what is configured."""

from __future__ import annotations

from pathlib import Path

import pytest
from config_samples import SOUND

from trackersync.config import load
from trackersync.connector import Capacity
from trackersync.pipeline.opening import terms_of
from trackersync.registry import discover

JIRAS = {
    "an assignee": ("", 1),
    "co-owners": ("\n    co_owners: Pair", 10),
    "co-owners, but not too many": ("\n    co_owners: Pair\n    most_owners: 4", 4),
}


@pytest.mark.parametrize(("keys", "most"), JIRAS.values(), ids=JIRAS)
def test_the_planner_counts_on_a_field_for_co_owners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: str, most: int
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "hush")
    monkeypatch.setenv("JIRA_TOKEN", "hush")
    file = tmp_path / "trackersync.yaml"
    file.write_text(SOUND.replace("    connector: jira", f"    connector: jira{keys}"), encoding="utf-8")
    terms = terms_of(load(file, registry=discover()))

    assert (terms.room("jira"), terms.room("github")) == (Capacity(most), Capacity(10))
