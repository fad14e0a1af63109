"""A plug-in's rule that raises: the check goes on, and the rule itself is a finding.

It is one finding however many tasks the rule fails on, a warning under the rule's own name, so that ``--select`` and a
baseline treat it as that rule's and yet never as one of its findings on a task. What the error says stays untold: it
may quote anything; its type and line are enough for who mends the rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trackersync.core.diagnose.rule import AnyRule, Fault, NoSettings, Tally, Total
from trackersync.core.model import Severity


def raised(error: Exception) -> str:
    """What an error of a rule is called: its type, and the line of the rule's own file: ``KeyError in acme.py:12``.

    Args:
        error: as it was caught where the rule was called.
    """
    frame = error.__traceback__.tb_next if error.__traceback__ is not None else None
    if frame is None:
        return type(error).__name__
    file, line = frame.tb_frame.f_code.co_filename, frame.tb_lineno
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == file:
            line = frame.tb_lineno
        frame = frame.tb_next
    return f"{type(error).__name__} in {file.replace(chr(92), '/').rpartition('/')[2]}:{line}"


def failing(rule: AnyRule, subject: str = "") -> AnyRule:
    """The rule that says of another one that it raises: a total of the tasks it raises on, under what is raised.

    Args:
        rule: the one that raises.
        subject: of a rule over totals, the total it raises on.
    """

    def judge(total: Total, _: NoSettings) -> Iterator[Fault]:
        first = total.cases[0].keys
        where = subject or (first if len(total.cases) == 1 else f"{len(total.cases)} tasks, {first} first")
        yield Fault(f"{rule.name} of {rule.package} fails on {where}: {total.key}")

    return replace(
        rule,
        judge=None,
        tally=Tally(lambda _, __: (), judge, lambda key: f"{rule.name}{f' on {subject}' if subject else ''}, {key}"),
        settings=NoSettings,
        severity=Severity.WARNING,
        place="other",
        fix=f"tell who wrote {rule.package}; until it is mended, `{rule.name}: off` under rules",
    )
