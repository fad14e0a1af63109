"""``trackersync action``: what ``action.yml`` runs. One run, told everywhere a GitHub job can tell something.

Inputs come by ``TRACKERSYNC_ACTION_…`` variables (``inputs``), answers go by the runner's files (``runner``). The runs
themselves are those of the commands (``acting``). Nothing that a tracker says is ever printed where the runner listens.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from trackersync.cli.action.runner import Runner
from trackersync.cli.exits import Exit
from trackersync.cli.healthcheck import watched
from trackersync.cli.running import troubles
from trackersync.errors import TrackersyncError

if TYPE_CHECKING:
    from trackersync.cli.action.acted import Acted
    from trackersync.cli.action.inputs import Inputs

HEALTHCHECK = "TRACKERSYNC_ACTION_HEALTHCHECK_URL"
"""The input that is needed before any other is read, to tell of mistakes in them too."""
FAULT = (
    "## trackersync: ended by a fault of its own\n\nThe log of this step shows where. What was written to the trackers "
    "before that is on record, and the next run goes on from there.\n"
)


def action() -> None:
    """Run as a step of a GitHub job: what `action.yml` calls. People use the other commands.

    Reads the inputs from variables, and tells of check, plan, sync or preview in a job's summary, outputs and
    annotations. Ends with what the command of that name ends with.
    Example: trackersync action, with TRACKERSYNC_ACTION_COMMAND=check
    """
    runner = Runner.of(os.environ)
    job = _Job(runner)
    try:
        code = job.run()
        job.tell(code)
    except Exception:
        # The traceback is for the log; who looks at the job alone sees more than a red cross.
        runner.summarise(lambda _: FAULT)
        runner.output({"exit-code": "1"})
        raise
    raise typer.Exit(code)


class _Job:
    """One step: what was asked for, and what it came to."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.inputs: Inputs | None = None
        self.acted: Acted | None = None
        self.failure: TrackersyncError | None = None

    def run(self) -> int:
        """Do it, printing for people where the runner does not listen; with what to end."""
        from trackersync.http.healthcheck import address

        url = os.environ.get(HEALTHCHECK, "").strip()
        try:
            with self.runner.unheard():
                with troubles(), self._noted():
                    if url:
                        address(url)
                with watched(url), troubles(), self._noted():
                    self._try()
        except typer.Exit as end:
            return end.exit_code
        return Exit.FINE

    def _try(self) -> None:
        from trackersync.cli.action.acting import act, save
        from trackersync.cli.action.inputs import read

        self.inputs = read(os.environ)
        self.acted = act(self.inputs)
        sarif, report = self.inputs.sarif, self.inputs.report
        if sarif is not None and self.acted.sarif is not None:
            save(sarif, "sarif", self.acted.sarif())
        if report is not None:
            save(report, "report", self.acted.whole)
            self.acted = self.acted.reported(str(report))
        # A healthcheck hears of codes as they are raised.
        raise typer.Exit(self.acted.code)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Keep what goes wrong, to tell of it where it is not printed too."""
        try:
            yield
        except TrackersyncError as error:
            self.failure = error
            raise

    def tell(self, code: int) -> None:
        """Tell it in files, in annotations and on the pull request."""
        from trackersync.cli.action.acted import OUTPUTS, failed

        acted = self.acted or self._reported(failed(self.failure, code))
        if self.acted is not None and self.failure is not None:
            acted = self.acted.troubled(self.failure)
        if self.inputs is not None and self.inputs.comment:
            from trackersync.cli.action.commenting import comment

            with self.runner.unheard():
                acted = acted.saying(comment(self.inputs, self.runner, acted))
        for line in acted.annotations:
            self.runner.say(line)
        self.runner.summarise(acted.page)
        self.runner.output({name: acted.outputs.get(name, "") for name in OUTPUTS} | {"exit-code": str(int(code))})

    def _reported(self, acted: Acted) -> Acted:
        """What came to nothing stands in the report too: on a fork's pull request nothing else is shown."""
        from trackersync.cli.action.acting import save

        report = self.inputs.report if self.inputs is not None else None
        if report is None:
            return acted
        try:
            save(report, "report", acted.whole)
        except TrackersyncError as error:
            return acted.troubled(error)
        return acted.reported(str(report))
