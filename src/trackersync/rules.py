"""What a rule is made of: the only module of trackersync that the author of a rule imports.

A rule of ``trackersync check`` is a pure function over one task, with a name, settings and words::

    def _unowned(case: Case, settings: SecurityOwner) -> Iterator[Fault]:
        if settings.label in case.shows("labels") and not case.people and case.watch.over(case.touched, settings.days):
            yield Fault(f"{case.keys} has waited for an owner for {case.watch.days(case.touched)} d")

    SECURITY_OWNER = Rule(name="security-owner", ..., judge=_unowned, settings=SecurityOwner)

It is found through the entry-point group ``trackersync.rules``, whose values name a ``Rule`` or a sequence of them.
``docs/writing-rules.md`` has one from beginning to end; ``trackersync.testing.RuleContract`` tests it.

A rule

* must be pure: no clock, no files, no network, nothing kept between two calls. It is asked again only when something
  it saw has changed, so whatever else it used would leave findings behind that are not true any more;
* must ask ``case.watch`` for whatever depends on the time, which notes when the answer will be another one;
* may look at the tasks next to this one (``case.parents``, ``children``, ``blockers``, ``related``), and no further;
* must say nothing where it does not know: a fact that no tracker shows, a history that was not read;
* must leave early where there is nothing to say: it is asked about every task there is;
* may say anything of work that is ``about``: by default it is not asked about finished work.

Facts come by the names that the trackers' documentation gives them: ``case.shows("labels")``. A rule over totals (tasks
a person has, tasks in a stage) gives a ``tally`` instead of ``judge``: under which keys a task counts, and what is
wrong with what is counted under one. How severe a rule is, where it holds and what is silenced is the configuration's
business, and so are the values of its settings, which it finds in ``settings``.

A rule that raises ends no check: the check goes on, and says in a warning which rule of which package fails where.
"""

from trackersync.core.diagnose import (
    PLACES,
    Advice,
    AnyRule,
    Case,
    Fault,
    Finding,
    Known,
    NoSettings,
    Place,
    Rule,
    Tally,
    Total,
    Watch,
    Witness,
    setting,
)
from trackersync.core.diagnose.rule import About
from trackersync.core.history import Past
from trackersync.core.model import Event, Facts, Item, ItemRef, Person, Severity
from trackersync.core.process import Phase, Process, Stage
from trackersync.core.reading import Reading
from trackersync.core.terms import Task, Terms

RULES_SDK = 1
"""The version of what is promised here. A rule says with ``sdk`` which one it was written for."""

__all__ = [
    "PLACES",
    "RULES_SDK",
    "About",
    "Advice",
    "AnyRule",
    "Case",
    "Event",
    "Facts",
    "Fault",
    "Finding",
    "Item",
    "ItemRef",
    "Known",
    "NoSettings",
    "Past",
    "Person",
    "Phase",
    "Place",
    "Process",
    "Reading",
    "Rule",
    "Severity",
    "Stage",
    "Tally",
    "Task",
    "Terms",
    "Total",
    "Watch",
    "Witness",
    "setting",
]
