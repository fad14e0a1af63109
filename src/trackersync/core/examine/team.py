"""The people of a set-up: roles that nobody holds, and accounts that are nobody's."""

from __future__ import annotations

from collections.abc import Iterable

from trackersync.core.diagnose import Rulebook
from trackersync.core.diagnose.workload import ROLE_VACANT
from trackersync.core.examination import Check, Grade
from trackersync.core.identity import Identity
from trackersync.core.likeness import Confidence
from trackersync.core.people import Directory
from trackersync.core.process import Process

SHOWN = 3
"""At most so many accounts and roles are named; ``people`` and ``stages`` list them all."""


def roles(process: Process, directory: Directory, rulebook: Rulebook) -> tuple[Check, ...]:
    """Whether every role of an open stage is held by somebody; nothing where the process names none.

    A stage for which ``role-vacant`` is off may go without.
    """
    stages = [
        stage
        for stage in process.stages
        if stage.roles and not stage.finished and rulebook.standing(ROLE_VACANT, (), stage.key) is not None
    ]
    if not stages:
        return ()
    if not directory.held:
        said = "nobody's roles are configured, so owners are not compared with them"
        return (Check("roles", Grade.NOTE, said, f"people: add roles: [{stages[0].roles[0]}] to someone"),)
    wanted: dict[str, list[str]] = {}
    for stage in stages:
        for role in stage.roles:
            wanted.setdefault(role, []).append(stage.key)
    vacant = [role for role in wanted if role.casefold() not in directory.held]
    if not vacant:
        number = len(wanted)
        return (Check("roles", Grade.GOOD, f"each of the {number} is held" if number > 1 else "the one there is held"),)
    told = [f"{role}, a role of stage {_listed(wanted[role])}" for role in vacant[:SHOWN]]
    more = f"; {len(vacant) - SHOWN} more" if len(vacant) > SHOWN else ""
    remedy = f"people: add roles: [{', '.join(vacant[:SHOWN])}] to someone"
    return (Check("roles", Grade.WARNING, f"nobody holds {'; '.join(told)}{more}", remedy),)


def people(identity: Identity, trackers: int) -> Check:
    """Whether the owners that were seen are known; with one tracker nobody needs to be.

    Args:
        identity: who is who. Apps and bots are no people, and are left out.
        trackers: how many there are.
    """
    seen = [match for match in identity.matches if match.seen]
    left = [proposal.account for proposal in identity.proposals]
    left += [proposal.twin for proposal in identity.proposals if proposal.twin is not None]
    left += [account for account in identity.unmapped if account.human is not False]
    total = len(seen) + len(left)
    if not total:
        configured = f"{len(identity.people):,} configured; " if identity.people else ""
        return Check("people", Grade.NOTE, f"{configured}nobody was seen as an owner yet", "trackersync check")
    accounts = f"{total:,} account{'' if total == 1 else 's'} seen as owner{'' if total == 1 else 's'}"
    if trackers == 1:
        return Check("people", Grade.GOOD, f"{accounts}; with one tracker nobody needs to be mapped")
    if left:
        names = [f"{account.name} in {account.tracker}" for account in left[:SHOWN]]
        more = [f"{len(left) - SHOWN:,} more"] if len(left) > SHOWN else []
        are = "is" if len(left) == 1 else "are"
        said = f"{accounts}, {len(left):,} of them {are} nobody's: {_listed([*names, *more])}"
        return Check("people", Grade.WARNING, said, "trackersync people")
    certain = sum(match.confidence is Confidence.CERTAIN for match in seen)
    ways = ((certain, "by configuration"), (len(seen) - certain, "by verified e-mail"))
    how = ", ".join(f"{number:,} {way}" for number, way in ways if number)
    return Check("people", Grade.GOOD, f"{accounts}, all mapped ({how})")


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
