"""Whether it has been quiet for too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trackersync.core.quiet import LONG, Quiet, quiet
from trackersync.core.schedule import Cron, Every, When

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEKDAYS = Cron("0 8 * * 1-5", UTC)
"""Thursday 5 March is one of them."""


@pytest.mark.parametrize(
    ("ago", "when", "due"),
    [
        pytest.param(None, None, None, id="nothing ever ran"),
        pytest.param(None, Every(HOUR), None, id="nothing ever ran, and a schedule"),
        pytest.param(LONG - timedelta(seconds=1), None, None, id="a second less than long"),
        pytest.param(LONG, None, "?", id="long"),
        pytest.param(-DAY, None, None, id="a clock that was set back"),
        pytest.param(2 * HOUR - timedelta(seconds=1), Every(HOUR), None, id="one moment was missed"),
        pytest.param(2 * HOUR, Every(HOUR), NOON - HOUR, id="two moments were missed"),
        pytest.param(60 * DAY, Every(HOUR), NOON - 60 * DAY + HOUR, id="due since the first of many"),
        pytest.param(LONG, Every(30 * DAY), None, id="a schedule of a month decides by itself"),
        pytest.param(28 * HOUR, WEEKDAYS, None, id="yesterday at eight: one moment was missed"),
        pytest.param(52 * HOUR, WEEKDAYS, NOON - 28 * HOUR, id="the day before: two were"),
        pytest.param(4 * HOUR, WEEKDAYS, None, id="today at eight"),
    ],
)
def test_quiet(ago: timedelta | None, when: When | None, due: datetime | str | None) -> None:
    last = None if ago is None else NOON - ago
    found = quiet(last, NOON, when)
    if due is None:
        assert found is None
    else:
        assert last is not None
        assert found == Quiet(last, NOON - last, due if isinstance(due, datetime) else None)


def test_a_weekend_is_no_silence() -> None:
    friday, monday = datetime(2026, 3, 6, 8, tzinfo=UTC), datetime(2026, 3, 9, 20, tzinfo=UTC)
    assert quiet(friday, monday, WEEKDAYS) is None
    assert quiet(friday, monday + 12 * HOUR, WEEKDAYS) == Quiet(friday, monday + 12 * HOUR - friday, monday - 12 * HOUR)
