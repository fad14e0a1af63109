"""Names: what values with ids are called now is learned before anything is read under another name.

Pages tell the names of what their items show. Where one of them is new for a known id, the tracker is asked for all
names at once, before that page is stored: so two statuses that changed names are never taken for each other. It is
asked too for what the configuration names and nobody has shown yet; at most once a run, and trouble with it stops
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trackersync.connector import Named, Naming, Page
from trackersync.core.model import ItemRef, Workflow
from trackersync.core.naming import Names, tied, unresolved
from trackersync.core.outcome import Look
from trackersync.errors import TrackersyncError
from trackersync.pipeline.session import Session


async def met(session: Session, tracker: str, page: Page) -> None:
    """Learn the names on a page; to be called before it is stored."""
    if not page.named:
        return
    known = _known(session, tracker)
    news = [named for named in page.named if not _told(known.get((named.fact, named.id)), named)]
    if not news:
        return
    if tracker not in session.asked and any(_renamed(known.get((named.fact, named.id)), named) for named in news):
        await _ask(session, tracker, page.named)
    if session.asked.get(tracker):
        # A page that was asked for before all names were told may still bear an old one.
        known = _known(session, tracker)
        news = [named for named in news if not _renamed(known.get((named.fact, named.id)), named)]
    session.store.put_names(tracker, news)


def _known(session: Session, tracker: str) -> dict[tuple[str, str], Named]:
    return {(one.named.fact, one.named.id): one.named for one in session.store.names(tracker)}


def _told(known: Named | None, named: Named) -> bool:
    return known is not None and known.name == named.name and set(named.containers) <= set(known.containers)


def _renamed(known: Named | None, named: Named) -> bool:
    return known is not None and known.name != named.name


async def look_up(session: Session, looks: Mapping[str, Look]) -> None:
    """Ask for the names of what the configuration names and nobody has shown yet.

    Only where that may have changed: after a whole look, and as long as the configuration has not written.
    """
    approved = session.store.approved(session.terms.fingerprint)
    configured = session.configured or session.terms
    for tracker, look in looks.items():
        if look.down or (approved and not look.whole) or not isinstance(session.connectors[tracker], Naming):
            continue
        stages, hands_off = configured.maps[tracker], configured.hands_off.get(tracker, {})
        known = session.store.names(tracker)
        facts = {*tied(stages.vocabulary), *(one.named.fact for one in known)}
        if unresolved(stages, hands_off, sorted(facts), known, configured.outcomes.get(tracker, {})):
            await _ask(session, tracker)


async def look_up_hops(session: Session, looks: Mapping[str, Look], workflows: Mapping[ItemRef, Workflow]) -> bool:
    """Ask for all names where transitions lead to what is not known: a status that no item was seen in since its name.

    Returns:
        Whether anything was new, so that terms and world are to be looked at anew.
    """
    new = False
    for tracker in dict.fromkeys(ref.tracker for ref in workflows):
        known = session.store.names(tracker)
        routed = session.terms.maps[tracker].vocabulary.routed or ""
        names = Names(known)
        hops = (
            hop
            for ref, workflow in workflows.items()
            if ref.tracker == tracker
            for leaves in workflow.leaves.values()
            for hop in leaves
        )
        if known and not looks[tracker].down and not all(names.shown(routed, hop.to) for hop in hops):
            new |= await _ask(session, tracker)
    return new


async def _ask(session: Session, tracker: str, shown: Iterable[Named] = ()) -> bool:
    """Ask a tracker for all its names, if it has not been asked in this run; whether anything was new."""
    connector = session.connectors[tracker]
    if tracker in session.asked or not isinstance(connector, Naming):
        return False
    session.asked[tracker] = False
    try:
        names = await connector.names()
    except TrackersyncError:
        # It fails the look too, or is shut to us: then pages tell, one by one.
        return False
    session.asked[tracker] = True
    return session.store.put_names(tracker, (*shown, *names))
