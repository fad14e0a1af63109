"""To be somebody who may not write everywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import files
from pathlib import Path

import pytest

import trackersync


@contextmanager
def nobody() -> Iterator[None]:
    """Be a user without rights: root may write anywhere, and would prove nothing.

    Skips the test where that user could not even read this program.
    """
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        ours = [Path(trackersync.__file__), *(Path(str(file.locate())) for file in files("typer") or ())]
        if not all(os.access(file, os.R_OK, effective_ids=True) for file in ours[:5]):
            pytest.skip("the user without rights may not read this checkout or its packages")
        yield
    finally:
        os.seteuid(0)
