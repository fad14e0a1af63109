"""What we did: every write with its reason, the setting that decided, and what came back."""

from __future__ import annotations

from collections.abc import Iterator

from trackersync.core import words
from trackersync.core.journal import Run, Wrote
from trackersync.core.model import STAGE, Change, Outcome
from trackersync.core.story.deeds import SOMEBODY
from trackersync.core.story.known import Known, Ruled
from trackersync.core.story.line import Line
from trackersync.core.story.past import came_back, happenings
from trackersync.core.terms import Terms

READ_BACK = "read back"
"""How the message of a receipt ends whose change was in doubt until its item was looked up."""
REFUSED = "It is not tried again until the item, its workflow or the configuration changes."
DOUBT = "No answer came back, so nobody knew whether it had arrived."


def writes(known: Known, terms: Terms) -> Iterator[Line]:
    """Our writes, and what became of those whose answer was lost."""
    for wrote in known.writes:
        name = known.names[wrote.change.ref]
        what = f"{name}: {wrote.change.field} {words.step(wrote.change, terms)}"
        sentence, after = _outcome(wrote, name, what, terms)
        because = (*_why(wrote, terms), *_overruled(wrote, known, terms), *after)
        requests = () if wrote.receipt is None else wrote.receipt.requests
        yield Line(wrote.intended, "wrote", sentence, because, wrote.run.number, requests)
        yield from _looked_up(wrote, name, known, terms)


def _by(run: Run) -> str:
    return f"run {run.number}" if run.command == "sync" else f"run {run.number} ({run.command})"


def _outcome(wrote: Wrote, name: str, what: str, terms: Terms) -> tuple[str, tuple[str, ...]]:
    """What was done, and what came back."""
    run, change, receipt = _by(wrote.run), wrote.change, wrote.receipt
    natively = words.native_step(change, terms) if change.field == STAGE else ""
    if receipt is None or wrote.doubtful or receipt.message.endswith(READ_BACK):
        waits = " The next run reads it back before anything else is written there." if wrote.doubtful else ""
        return f"{run} wrote {what}.", _some(natively and f"{natively}.", f"{DOUBT}{waits}")
    tracker, message = change.ref.tracker, _sentence(receipt.message)
    told = {
        Outcome.APPLIED: (f"wrote {what}.", (natively and f"{natively}; ") + f"{tracker} confirmed it.", ""),
        Outcome.ALREADY_SO: (f"had nothing to write to {name}: its {change.field} was as wanted already.", "", ""),
        Outcome.STALE: (f"did not write {what}: somebody had moved it meanwhile.", message, ""),
        Outcome.GONE: (f"could not write {what}: it was not there any more.", message, ""),
        Outcome.REJECTED: (f"wanted to write {what}, and {tracker} refused.", message, REFUSED),
        Outcome.FAILED: (f"could not write {what}.", message, ""),
    }
    if receipt.message == "written again later":
        told[Outcome.FAILED] = (f"wrote {what}.", f"{DOUBT} It was written again later.", "")
    sentence, *after = told[receipt.outcome]
    return f"{run} {sentence}", _some(*after)


def _some(*sentences: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence)


def _sentence(message: str) -> str:
    """A tracker's own words as a sentence."""
    return message if not message or message.endswith((".", "!", "?")) else f"{message}."


def _why(wrote: Wrote, terms: Terms) -> tuple[str, ...]:
    """The reason of a change as a sentence, and today's setting where it is the one that decided."""
    change = wrote.change
    side = change.because.removeprefix("settled by you: ")
    if side != change.because:
        return (f"As that person decided: {side}.",)
    if change.because.startswith("takes back run "):
        return (
            f"A person took back {change.because.partition(':')[0].removeprefix('takes back ')} (trackersync undo).",
        )
    setting = _setting(change, terms) if wrote.run.current else ""
    because = f"They met for the first time: {change.because}" if change.adoption else _opened(change.because, terms)
    if change.because.startswith("only "):
        because += " since they last agreed"
    if change.adoption and "nobody" in change.because:
        because += ", and an empty side is filled from the other"
    return (f"{because} ({setting})." if setting else f"{because}.",) if because else ()


def _setting(change: Change, terms: Terms) -> str:
    policy = terms.policy(change.field)
    if change.adoption:
        decided = _decided(change.because, "further", "authority")
        return f"sync.{change.field}.adopt: {policy.adopt}" if decided else ""
    decided = _decided(change.because, "moved", "changed", "authority")
    return f"sync.{change.field}.authority: {policy.authority}" if decided else ""


def _decided(because: str, *by: str) -> bool:
    return because.endswith(by) or because.startswith("latest edit: ")


def _opened(because: str, terms: Terms) -> str:
    """A reason as a sentence begins; a tracker's name stays as the team writes it."""
    return because if because.partition(" ")[0] in terms.maps else because[:1].upper() + because[1:]


def _overruled(wrote: Wrote, known: Known, terms: Terms) -> tuple[str, ...]:
    """What a person had said and an authority took back by this write."""
    return tuple(
        f"That took back what {_whose(ruled, wrote, known, terms)} had set there: {ruled.overruled.said}."
        for ruled in known.rulings
        if (ruled.run, ruled.overruled.ref, ruled.overruled.field)
        == (wrote.run.number, wrote.change.ref, wrote.change.field)
    )


def _whose(ruled: Ruled, wrote: Wrote, known: Known, terms: Terms) -> str:
    """Who had set what an authority took back."""
    item = next((item for item in known.items if item.ref == ruled.overruled.ref), None)
    if item is None:
        return SOMEBODY
    told = [
        one
        for one in happenings(item, ruled.overruled.field, known, terms)
        if not one.ours and one.at <= wrote.intended
    ]
    by = told[-1].by if told else None
    return (terms.people.name(item.ref.tracker, by) or by) if by else SOMEBODY


def _looked_up(wrote: Wrote, name: str, known: Known, terms: Terms) -> Iterator[Line]:
    """What a look told of a write whose answer was lost, where no move has told it already."""
    receipt, change = wrote.receipt, wrote.change
    if receipt is None or wrote.settled is None or not receipt.message.endswith(READ_BACK):
        return
    if any(came_back(move, change.field, known, terms) == wrote for move in known.moves if move.ref == change.ref):
        return
    what = {
        Outcome.APPLIED: "had arrived",
        Outcome.FAILED: "had never arrived",
    }.get(receipt.outcome, "had been moved on meanwhile, or had arrived only in part")
    yield Line(wrote.settled, "came back", f"{name} was looked up: the write of run {wrote.run.number} {what}.")
