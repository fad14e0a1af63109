"""The sample shop in each form, as files: a change of any of them is seen in a review.

Renew them, and then read what changed::

    REWRITE=1 python -m pytest tests/shell/test_report_golden.py
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from reported import GOLDEN, NOON, sample_shop

from trackersync.report.annotations import check_annotations
from trackersync.report.markdown import check_markdown
from trackersync.report.record import check_record
from trackersync.report.sarif import check_sarif

if TYPE_CHECKING:
    from pathlib import Path

    from trackersync.config import Configuration
    from trackersync.core.checked import Checked
    from trackersync.core.outcome import Outcome

FILE = "trackersync.yaml"


def test_the_sample_shop_in_every_form(folder: Path) -> None:
    found = sample_shop(folder)
    told = forms(*found)

    if os.environ.get("REWRITE"):
        for name, text in told.items():
            GOLDEN.joinpath(name).write_text(text, encoding="utf-8")
        pytest.skip("the golden files are written; read what changed")
    for name, text in told.items():
        assert text == GOLDEN.joinpath(name).read_text(encoding="utf-8"), f"{name}: renew the golden files?"


def forms(configured: Configuration, outcome: Outcome, checked: Checked) -> dict[str, str]:
    """Each file's name with what stands in it."""
    return {
        "check.json": _json(check_record(outcome, checked)),
        "check.sarif": _json(check_sarif(outcome, checked, configured.rulebook.rules, FILE)),
        "check.md": check_markdown(outcome, checked, configured.process, NOON),
        "check.github.txt": "\n".join(check_annotations(outcome, checked, FILE)) + "\n",
    }


def _json(record: dict[str, object]) -> str:
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"
