"""What ``doctor`` tells machines: the same checks in the same words; ``config/doctor.schema.json`` is its shape."""

from __future__ import annotations

import platform
from datetime import datetime
from typing import Any

from trackersync import __version__
from trackersync.core.examination import Examination, Grade
from trackersync.report.times import utc

FORMAT = 1
"""The version of the shape. It rises when a key changes its meaning or goes away; keys may be added."""


def doctor_record(examination: Examination, name: str, now: datetime, code: int) -> dict[str, Any]:
    """What ``doctor --format json`` prints.

    Args:
        examination: what was examined.
        name: the configuration's file.
        now: the moment.
        code: what the command ends with.
    """
    return {
        "format": FORMAT,
        "trackersync": __version__,
        "python": platform.python_version(),
        "configuration": name,
        "at": utc(now),
        "sections": [
            {
                "name": section.name,
                "about": section.about,
                "tracker": section.tracker,
                "checks": [
                    {"name": check.name, "grade": check.grade.value, "said": check.said, "remedy": check.remedy or None}
                    for check in section.checks
                ],
            }
            for section in examination.sections
        ],
        "counts": {grade.value: examination.count(grade) for grade in Grade},
        "exit": code,
    }
