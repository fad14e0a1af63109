"""Receivers and workers on one PostgreSQL, killed: nothing lost, nothing twice, nothing backwards, all taken over."""

from __future__ import annotations

from .crew import play

TAKEN_OVER = 15.0
"""Seconds; a dead worker is silent for 1.5 before others take over, and two slow cores start many processes."""


def test_a_crew_loses_nothing_when_it_is_killed(postgres_url: str) -> None:
    came = play(postgres_url, 5, 1187)
    assert came.accepted > 50
    assert not came.lost
    assert not came.twice
    assert not came.backwards
    assert not came.left
    assert came.slowest < TAKEN_OVER
