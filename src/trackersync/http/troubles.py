"""What is wrong where there is no usable answer, in sentences: the place, the trouble, and what was asked."""

from __future__ import annotations

from dataclasses import dataclass

from trackersync.connector import AuthError, UnavailableError
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
        remedy: what to do about it, where more than waiting is to be done.
    """

    did: str
    because: str = ""
    asked: float | None = None
    rated: bool = False
    remedy: str = ""


def gave_up(place: str, refused: Refused, words: str, attempts: int = 1, took: float = 0.0) -> UnavailableError:
    """After so many attempts in so many seconds."""
    often = f" {_TIMES[attempts]} in {rates.spoken(took)}" if attempts > 1 else ""
    because = f": {refused.because}" if refused.because else ""
    asks = f"; it asks for {rates.spoken(refused.asked)}, so run again after that" if refused.asked else ""
    then = f"; {refused.remedy}" if refused.remedy else ""
    said = f"{place} {refused.did}{often}{because}{asks} ({words}){then}"
    return UnavailableError(said, retry_after=refused.asked, passing=not refused.remedy)


def in_doubt(place: str, what: str, asked: float | None = None) -> UnavailableError:
    """A write was sent, and has no clear answer."""
    return UnavailableError(
        f"{place} {what}; the write may have taken effect or not, so look before writing again",
        retry_after=asked,
        in_doubt=True,
    )


def unsigned(place: str, tracker: str, words: str) -> AuthError:
    """A request without a credential was answered 401."""
    return AuthError(
        f"{tracker}: {place} wants a credential (401 on {words}), and there is none. Set `token` of tracker {tracker}."
    )


def impatient(place: str, tracker: str, wait: TooLongError, patience: float, words: str) -> UnavailableError:
    """Nothing was sent, since the limits allow it only later than the configuration lets us wait."""
    return UnavailableError(
        f"{place} is closed to us for {rates.spoken(wait.seconds)}: {wait.because}. `patience` of tracker {tracker} is "
        f"{rates.spoken(patience)}, so nothing was sent; run again later, or let it wait longer ({words})",
        retry_after=wait.seconds,
    )
