"""Six rounds keep the promises, kills fell into every phase, and rounds of a program with a bug planted fail."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from .judge import BrokenPromise
from .round import Round
from .spoilt import PLANTS
from .watch import PHASES, Phase

ROUNDS = 6
ENOUGH = 6
"""Rounds within which every planted bug must show itself."""


@pytest.fixture
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all rounds of this session, whichever worker plays them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "kills"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.usefixtures("connectors_declared", "tokens")
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_killed_program_keeps_the_promises(seed: int, tmp_path: Path, together: Path) -> None:
    played = Round(seed, tmp_path)
    try:
        played.play()
    except Exception as error:  # noqa: BLE001 - whatever breaks a round is shown with its seed and its log
        log = "\n".join(played.log)
        pytest.fail(f"{log}\n\n{error}\n\nseed {seed}; play it again: python -m tests.kill {seed}", pytrace=False)
    finally:
        note = together / f"{seed}.new"
        note.write_text(json.dumps(played.played.phases))
        note.rename(note.with_suffix(".json"))
    # Whoever comes last sees them all. Settling is over so soon that 6 rounds may miss it; 200 do not.
    notes = list(together.glob("*.json"))
    if len(notes) == ROUNDS:
        fell = sum((Counter(json.loads(note.read_text())) for note in notes), Counter[str]())
        assert all(fell[phase] for phase in PHASES if phase != "settling"), f"phases without a kill: {fell}"


@dataclass(frozen=True)
class Planted:
    """A bug, and the kind of round that brings it out."""

    bug: str
    aims: tuple[Phase, ...] = ("writing", "writing", "settling")
    busy: float = 0.05
    trouble: float = 0.0
    first: int = 1


PLANTED = (Planted("late-journal"), Planted("all-labels"))
"""The bugs that any round shows. The others of ``PLANTS`` need a kill or a person at just the right moment, which the
machine gives in one round or in ten: they are played by hand, ``python -m tests.kill --plant narrow-base 0-19``, and
the simulation, which is its own clock, plants their like in every run of the tests."""


@pytest.mark.usefixtures("connectors_declared", "tokens")
@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.bug)
def test_a_planted_bug_breaks_a_promise(planted: Planted, tmp_path: Path) -> None:
    for seed in range(planted.first, planted.first + ENOUGH):
        folder = tmp_path / str(seed)
        folder.mkdir()
        one = Round(seed, folder, bug=planted.bug, aims=planted.aims, busy=planted.busy, trouble=planted.trouble)
        try:
            one.play()
        except BrokenPromise:
            # Which promise breaks first depends on the machine's moments; without a bug none of 200 rounds breaks any.
            return
    pytest.fail(f"{ENOUGH} rounds with this bug kept every promise: the judge does not see it")


def test_every_bug_named_here_can_be_planted() -> None:
    assert {planted.bug for planted in PLANTED} <= PLANTS.keys()
