"""``service.schedule``, compiled: what a service does by itself, and when."""

from __future__ import annotations

from trackersync.config.load import Configuration
from trackersync.core.schedule import Cron, Every, Schedule, When


def schedule_of(configuration: Configuration, machine: str = "") -> Schedule:
    """The schedule of a configuration.

    Args:
        configuration: whose calendar says in which time zone cron expressions are.
        machine: what spreads its runs from those of other machines.
    """
    settings = configuration.settings.service.schedule
    zone = configuration.rulebook.calendar.zone
    wanted = {"sync": settings.sync, "full_scan": settings.full_scan, "check": settings.check}
    jobs = {
        name: Cron(when, zone) if isinstance(when, str) else Every(when) if when else None
        for name, when in wanted.items()
    }
    return Schedule(jobs, settings.jitter, machine)


def expected(configuration: Configuration, job: str) -> When | None:
    """When a job is expected to run, whoever starts it; None where the team has not said so.

    What stands in ``service.schedule`` by default is when a service would run it, and nobody else is held to that.

    Args:
        configuration: sound and compiled.
        job: a key of ``service.schedule``: ``sync``, ``full_scan`` or ``check``.
    """
    if job not in configuration.settings.service.schedule.model_fields_set:
        return None
    return schedule_of(configuration).jobs[job]
