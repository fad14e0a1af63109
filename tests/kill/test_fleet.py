"""Two that take deliveries in and three that work, as processes on PostgreSQL, killed while people edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from .fleet import play


@pytest.mark.xdist_group("fleet")
def test_a_fleet_that_is_killed_loses_no_edit_and_writes_none_twice(postgres_url: str, folder: Path) -> None:
    came = play(postgres_url, folder, 5, 1187)
    assert came.edits == 42
    assert came.writes > 5
    assert not came.wrong, came
