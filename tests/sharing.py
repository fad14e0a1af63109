"""How the tests are shared out among xdist's workers: a file to one of them, so that what its tests share is made once.

Files of many long tests are shared out test by test. What takes longest begins first, so that nobody is left alone with
it at the end.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

TESTS: Final = Path(__file__).parent
SINGLY: Final = frozenset({
    "core/test_convergence.py",
    "kill/test_kill.py",
    "kill/test_stopped.py",
    "shell/test_http_budget.py",
    "shell/test_store/test_store_versions.py",
    "simulation/test_simulation.py",
})  # fmt: skip
"""Each test of these takes seconds, and shares nothing with the others."""
FIRST: Final = (
    "acceptance/test_acceptance_arrow_alone.py",
    "acceptance/test_acceptance_arrow.py",
    "acceptance/test_acceptance_arrow_rules.py",
    "acceptance/test_acceptance_arrow_jira_alone.py",
    "kill/test_kill.py",
    "elsewhere/test_elsewhere_jira820.py",
    "elsewhere/test_elsewhere_emulate.py",
    "acceptance/test_acceptance_mistakes.py",
    "scenarios/test_any_workflow.py",
    "shell/test_cli_settling.py",
    "shell/test_cli_mistakes.py",
    "scenarios/test_stories.py",
    "shell/test_action.py",
    "shell/test_store/test_store_versions.py",
    "shell/test_http_budget.py",
    "simulation/test_simulation.py",
)
"""The longest, in the order they begin; a name that is no file any more does no harm."""


def shared_out(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Mark each test with its share, and answer all in the order in which they are to begin."""
    places = {name: place for place, name in enumerate(FIRST)}
    for item in items:
        file = _file(item.path)
        if file not in SINGLY and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(file))
    return sorted(items, key=lambda item: places.get(_file(item.path), len(FIRST)))


@cache
def _file(path: Path) -> str:
    return path.relative_to(TESTS).as_posix() if path.is_relative_to(TESTS) else path.as_posix()
