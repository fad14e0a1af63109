"""What is wrong where there is no usable answer, in sentences: the place, the trouble, and what was asked."""

from __future__ import annotations

from dataclasses import dataclass

from trackersync.connector import UnavailableError
from trackersync.http import rates
from trackersync.http.errand import TooLongError

_TIMES = ("", "once", "twice", "three times", "four times")


@dataclass(frozen=True, slots=True)
class Refused:
    """An attempt that another may mend.

    Attributes:
        did: what the tracker did, as a verb: ``answered 503``.
        because: the reason, where the verb does not tell it.
        asked: the seconds the tracker asks us to wait.
        rated: it was for a limit of the tracker's, so that waiting is all it takes.
    """

    did: str
    because: str = ""
    asked: float | None = None
    rated: bool = False


def gave_up(place: str, refused: Refused, words: str, attempts: int = 1, took: float = 0.0) -> UnavailableError:
    """After so many attempts in so many seconds."""
    often = f" {_TIMES[attempts]} in {rates.spoken(took)}" if attempts > 1 else ""
    because = f": {refused.because}" if refused.because else ""
    asks = f"; it asks for {rates.spoken(refused.asked)}" if refused.asked else ""
    return UnavailableError(f"{place} {refused.did}{often}{because}{asks} ({words})", retry_after=refused.asked)


def in_doubt(place: str, what: str, asked: float | None = None) -> UnavailableError:
    """A write was sent, and has no clear answer."""
    return UnavailableError(
        f"{place} {what}; the write may have taken effect or not, so look before writing again",
        retry_after=asked,
        in_doubt=True,
    )


def impatient(place: str, tracker: str, wait: TooLongError, patience: float, words: str) -> UnavailableError:
    """Nothing was sent, since the limits allow it only later than the configuration lets us wait."""
    return UnavailableError(
        f"{place} is closed to us for {rates.spoken(wait.seconds)}: {wait.because}. `patience` of tracker {tracker} is "
        f"{rates.spoken(patience)}, so nothing was sent; run again later, or let it wait longer ({words})",
        retry_after=wait.seconds,
    )
