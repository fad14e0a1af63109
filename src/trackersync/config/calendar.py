"""``calendar``: a team's days of work, with the public holidays of its country."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from trackersync.config.checking import WEEK, CalendarSettings
from trackersync.config.faults import Fault, Path
from trackersync.config.wording import Shown
from trackersync.core.diagnose import Calendar
from trackersync.core.nearest import did_you_mean

_BASE: Path = ("calendar",)
_FIRST = 2000
"""No task of which a rule speaks is older."""


def calendar_of(settings: CalendarSettings, shown: Shown) -> tuple[Calendar, list[Fault]]:
    """The calendar, and what is wrong with it: a zone or a country that nobody knows.

    Args:
        settings: as written.
        shown: what may be quoted of a scalar.
    """
    faults: list[Fault] = []
    zone: tzinfo = UTC
    try:
        zone = ZoneInfo(settings.zone)
    except (KeyError, ValueError, OSError):  # no such zone; no name of one; a folder of zones
        spot: Path = (*_BASE, "zone")
        hint = did_you_mean(shown(spot), available_timezones(), "such as")
        faults.append(Fault(spot, f'there is no time zone "{shown(spot)}"', hint))
    public: frozenset[date] = frozenset()
    if settings.country is not None:
        public, wrong = _public(settings.country, (*_BASE, "country"), shown)
        faults += wrong
    weekend = frozenset(WEEK.index(day) for day in settings.weekend)
    return Calendar(weekend, frozenset(settings.holidays) | public, zone), faults


def _public(country: str, spot: Path, shown: Shown) -> tuple[frozenset[date], list[Fault]]:
    """A country's public holidays, until the second year after this one."""
    # Half a tenth of a second, which nobody pays who names no country.
    import holidays  # noqa: PLC0415

    known = holidays.list_supported_countries(include_aliases=True)
    name, _, part = country.partition("-")
    if name.upper() not in known:
        hint = did_you_mean(shown(spot), list(_codes(known)), "two letters of ISO 3166-1, such as")
        return frozenset(), [Fault(spot, f'no country "{shown(spot)}" is known', hint)]
    parts = {one.casefold(): one for one in known[name.upper()]}
    if part and part.casefold() not in parts:
        hint = did_you_mean(shown(spot), [f"{name.upper()}-{one}" for one in known[name.upper()]], "its parts")
        hint = hint or f"write {name.upper()}"
        return frozenset(), [Fault(spot, f'no part of {name.upper()} is called "{shown(spot)}"', hint)]
    years = range(_FIRST, datetime.now(UTC).year + 3)
    subdivision = parts[part.casefold()] if part else None
    return frozenset(holidays.country_holidays(name.upper(), subdiv=subdivision, years=years)), []


def _codes(known: dict[str, list[str]]) -> Iterator[str]:
    return (code for code in known if len(code) == 2)
