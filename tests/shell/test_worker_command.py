"""What the command ``worker`` says to the operator who starts it."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import CLOCK, pairs

from trackersync.cli.worker import _said
from trackersync.store import open_store


@pytest.mark.parametrize(
    ("yes", "approved", "told"),
    [(False, False, True), (True, False, False), (False, True, False)],
    ids=["not approved", "approved by --yes", "approved before"],
)
def test_a_first_run_is_told_how_to_be_approved(
    folder: Path, capsys: pytest.CaptureFixture[str], yes: bool, approved: bool, told: bool
) -> None:
    with pairs(folder) as world:
        configuration = world.configure()
        with open_store(configuration.store) as store:
            if approved:
                store.approve(configuration.fingerprint, "yes", CLOCK.now())
            _said(configuration, store, "http://127.0.0.1:9484", yes=yes)
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("working on ")
    assert ("next trackersync worker --yes" in said) is told
    assert ("what it would write is held" in said) is told
