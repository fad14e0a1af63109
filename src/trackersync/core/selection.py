"""Which findings a check is asked for: by rule, owner, stage and place, or of what changed; and how they compare."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from trackersync.core.checked import Baseline, Checked, Noted, known_again
from trackersync.core.diagnose import PLACES, AnyRule, Finding, Rulebook, Watch
from trackersync.core.nearest import did_you_mean
from trackersync.core.outcome import Outcome
from trackersync.errors import ConfigError

NOBODY = "nobody"
"""The owner of what nobody owns."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for; everything that is given must hold.

    Attributes:
        select: names, families, places or patterns of rules; empty: all.
        ignore: of these, those that are not.
        owners: names of people, or ``nobody``.
        stages: keys of stages.
        projects: repositories and projects, or patterns of them.
        changed: only tasks of which an item changed since the last run, and what is new since the last check.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    changed: bool = False

    @property
    def asked(self) -> tuple[str, ...]:
        """What was asked for, as options."""
        options = (
            ("select", self.select),
            ("ignore", self.ignore),
            ("owner", self.owners),
            ("stage", self.stages),
            ("project", self.projects),
        )
        said = tuple(f"--{name} {','.join(values)}" for name, values in options if values)
        return (*said, "--changed") if self.changed else said


def rules_named(word: str, rules: Iterable[AnyRule]) -> tuple[str, ...]:
    """The names of the rules that a word names: one by its name, a family, a place of the verdict, or a pattern."""
    folded = word.strip().casefold()
    return tuple(
        rule.name
        for rule in rules
        if folded in (rule.name.casefold(), rule.family.casefold(), rule.place) or fnmatchcase(rule.name, folded)
    )


def chosen_rules(selection: Selection, rules: Sequence[AnyRule]) -> frozenset[str]:
    """The names of the rules whose findings are asked for.

    Raises:
        ConfigError: a word names no rule.
    """
    chosen = _named("--select", selection.select, rules) if selection.select else {rule.name for rule in rules}
    return frozenset(chosen - _named("--ignore", selection.ignore, rules))


def _named(option: str, words: Iterable[str], rules: Sequence[AnyRule]) -> set[str]:
    found: set[str] = set()
    for word in words:
        names = rules_named(word, rules)
        if not names:
            known = dict.fromkeys([*(rule.name for rule in rules), *(rule.family for rule in rules), *PLACES])
            raise ConfigError(
                f'{option}: no rule, family or place is named "{word}"',
                next_step=f"{did_you_mean(word, known, 'there are')}; `trackersync rules` lists them",
            )
        found.update(names)
    return found


def checked(
    outcome: Outcome,
    selection: Selection,
    rulebook: Rulebook,
    watch: Watch,
    baseline: tuple[str, Sequence[Noted]] | None,
) -> Checked:
    """What a check tells of an outcome.

    Args:
        outcome: of the check.
        selection: what is asked for.
        rulebook: the rules as they hold.
        watch: the time.
        baseline: a baseline's file and what stands in it.

    Raises:
        ConfigError: the selection names a rule that is not known.
    """
    world = outcome.world
    # While not everything was read once, what is not seen tells nothing.
    before = outcome.before if all(look.complete for look in world.looks.values()) else None
    rules = chosen_rules(selection, rulebook.rules)
    met, gone = known_again(world.findings, before.findings if before else ())
    gone = _mended(gone, outcome, rulebook)
    # What was only asked for this once is not remembered, so nobody knows whether it is new.
    fresh = {finding for finding in world.findings if finding not in met and finding.rule not in rulebook.asked_for}
    new = fresh if before else set()
    if before is None and selection.changed:
        # Before the first check everything has changed.
        new = set(world.findings)
    stirred = _stirred(outcome) if selection.changed else frozenset()

    def wanted(finding: Finding) -> bool:
        if finding.rule not in rules or (selection.changed and finding.task not in stirred and finding not in new):
            return False
        return _of(finding, selection)

    findings = tuple(finding for finding in world.findings if wanted(finding))
    narrowed = bool(selection.owners or selection.stages or selection.projects or selection.changed)
    known: tuple[str, frozenset[Finding], tuple[Noted, ...]] | None = None
    if baseline is not None:
        there, missing = known_again(world.findings, baseline[1])
        missing = _mended(missing, outcome, rulebook)
        told = () if narrowed else tuple(one for one in missing if one.rule in rules)
        known = (baseline[0], frozenset(there), told)
    return Checked(
        findings,
        new=frozenset(finding for finding in findings if finding in new),
        # What went away is no task's any more: whose it was, and in which stage, is not known.
        gone=() if narrowed else tuple(one for one in gone if one.rule in rules),
        since=before.at if before else None,
        seen={finding: met[finding].since if finding in met else watch.now for finding in findings},
        baseline=Baseline(*known) if known else None,
        silenced=world.silenced,
        expired=tuple(one for one in rulebook.silences if one.until < watch.today),
        left_out=len(world.findings) - len(findings),
        asked=selection.asked,
    )


def _mended(gone: Iterable[Noted], outcome: Outcome, rulebook: Rulebook) -> tuple[Noted, ...]:
    """Of what is not found any more, what is not only silenced or no longer asked about."""
    _, left = known_again([one.finding for one in outcome.world.silenced], gone)
    held = {rule.name for rule in rulebook.rules if rulebook.holds(rule)}
    return tuple(one for one in left if one.rule in held)


def _of(finding: Finding, selection: Selection) -> bool:
    """Whether owner, stage and project are those asked for; items of other tasks do not count."""
    if selection.owners:
        owners = {owner.casefold() for seen in finding.own for owner in seen.owners} or {NOBODY}
        if finding.subject:
            owners = {finding.subject.casefold()}
        if owners.isdisjoint(name.casefold() for name in selection.owners):
            return False
    if selection.stages and (finding.stage or "").casefold() not in {name.casefold() for name in selection.stages}:
        return False
    return not selection.projects or any(within(seen.container, selection.projects) for seen in finding.own)


def within(container: str, projects: Collection[str]) -> bool:
    """Whether a repository or project is one of those that are asked for, by name or pattern.

    Args:
        container: its name: ``acme/shop``, ``SHOP``.
        projects: what is asked for; a repository may be named without its owner.
    """
    name = container.casefold()
    return any(
        # A repository without its owner is meant only as it is written: SHOP is a project, and shop may be both.
        fnmatchcase(name, project.casefold()) or container.rpartition("/")[2] == project
        for project in projects
    )


def _stirred(outcome: Outcome) -> frozenset[str]:
    """The tasks of which an item was new or different in this look."""
    news = {ref for look in outcome.world.looks.values() for ref in look.news}
    return frozenset(task.id for task in outcome.world.tasks if any(item.ref in news for item in task.items))
