"""How many examples Hypothesis tries: as many as every test run can pay for, ten times as many when asked by hand."""

from __future__ import annotations

import os
from typing import Final

ASKED: Final = "HYPOTHESIS_PROFILE"
"""The profile to take, by its name in ``conftest.py``; ``thorough`` is the one for work by hand."""


def examples(usual: int) -> int:
    """Answer how many examples a test tries that needs more or fewer than Hypothesis's own hundred."""
    return 10 * usual if os.environ.get(ASKED) == "thorough" else usual
