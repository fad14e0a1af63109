"""What a service says of its work: a line for each change, and one for a tracker that is down, whoever waits for it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from trackersync.core.model import Change, ItemRef, Outcome, Receipt
from trackersync.core.outcome import Look
from trackersync.errors import AuthError, TrackersyncError, UnavailableError
from trackersync.worker.metrics import Metrics
from trackersync.worker.service import _Told
from trackersync.worker.worker import Aims, Worker

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
CHANGE = Change(ItemRef("jira", "10042"), "SHOP-42", "stage", "status", {}, {}, "acme/shop#17 moved to build")

LEVELS = [
    (Outcome.APPLIED, "", logging.INFO, "SHOP-42: stage applied: acme/shop#17 moved to build"),
    (Outcome.ALREADY_SO, "", logging.INFO, "SHOP-42: stage already so: acme/shop#17 moved to build"),
    (Outcome.STALE, "somebody moved it", logging.INFO, "SHOP-42: stage stale: somebody moved it"),
    (Outcome.REJECTED, "no such transition", logging.WARNING, "SHOP-42: stage rejected: no such transition"),
    (Outcome.IN_DOUBT, "no answer", logging.WARNING, "SHOP-42: stage in doubt: no answer"),
]


@pytest.mark.parametrize(("became", "message", "level", "sentence"), LEVELS)
def test_each_change_is_one_line(
    became: Outcome, message: str, level: int, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "trackersync"):
        _Told(Metrics()).applied(CHANGE, Receipt(became, message), 1, 1)
    assert [(one.levelno, one.getMessage()) for one in caplog.records] == [(level, sentence)]
    assert cast("Any", caplog.records[0]).tracker == "jira"


def look(tracker: str, failure: TrackersyncError | None = None) -> Look:
    return Look(tracker, False, 0, 0, NOON, True, 0.1, failure=failure)


def test_a_tracker_that_is_down_is_told_of_once_and_once_when_it_is_up_again(caplog: pytest.LogCaptureFixture) -> None:
    worker = Worker(cast("Any", None), Aims(1, {}, timedelta()), cast("Any", None), Metrics())
    down, refused = UnavailableError("github: no answer"), AuthError("jira: 401")
    course = [("github", None), *[("github", down)] * 5, ("jira", refused), ("github", down), *[("github", None)] * 3]
    with caplog.at_level(logging.DEBUG, "trackersync"):
        for tracker, failure in course:
            worker._note_down([look(tracker, failure)])
    said = [(one.levelname, one.getMessage()) for one in caplog.records]
    assert said == [
        ("ERROR", "github: no answer"),
        ("ERROR", "jira: 401"),
        ("WARNING", "github can be used again"),
    ]
