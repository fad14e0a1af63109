"""What a delivery lead reads afterwards: ``explain`` in a story, word for word as in a file beside it.

``REWRITE=1 pytest tests/scenarios -k Explained`` writes the files anew. Read each as somebody who never saw this tool.
"""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path

from trackersync.pipeline import Order, Take, told
from trackersync.pipeline.recall import remembered
from trackersync.pipeline.telling import Telling
from trackersync.report.text.screen import Screen
from trackersync.report.text.story import story_screen
from trackersync.testing import Trouble

from .happenings import FIELDS, Happenings, phrase
from .story import Unexpected

TEXTS = Path(__file__).parent / "explain"
REWRITE = bool(os.environ.get("REWRITE"))


class Tellings(Happenings):
    """What people tell us between runs, what trackers refuse, and the story told at the end."""

    @phrase("the next write to <tracker> is refused")
    def refuses(self, tracker: str) -> None:
        self.shop.faults.arm(Trouble.FORBIDDEN, "apply", tracker)

    @phrase("<number> (?P<unit>hours|days) pass")
    def long_passes(self, number: str, unit: str) -> None:
        self.shop.clock.advance(int(number) * (3600 if unit == "hours" else 86_400))

    @phrase("resolve <key> --take <tracker>( --field <field>)? --yes")
    async def resolve(self, key: str, tracker: str, field: str | None = None) -> None:
        take = Take(tracker, FIELDS[field] if field else None, self.shop.item(key).key)
        await self._run(Order("resolve", take=take, yes=True))

    @phrase("undo <number> --yes")
    async def undo(self, number: str) -> None:
        await self._run(Order("undo", undo=int(number), yes=True))

    @phrase('pause <key>( saying "(?P<reason>[^"]*)")?')
    def pause(self, key: str, reason: str = "") -> None:
        told.pause(remembered(self.shop.session()), self.shop.item(key).key, reason)

    @phrase("resume <key>")
    def resume(self, key: str) -> None:
        told.resume(remembered(self.shop.session()), self.shop.item(key).key)

    @phrase("then explain <key> is as in (?P<name>[a-z_]+)")
    def explained(self, key: str, name: str) -> None:
        session = self.shop.session()
        screen, drawn = Screen.into(100)
        steps = story_screen(screen, Telling(remembered(session)).story(key), zone=UTC)
        screen.next(*steps)
        file = TEXTS / f"{name}.txt"
        text = "".join(f"{line.rstrip()}\n" for line in drawn.getvalue().splitlines())
        if REWRITE:
            file.write_text(text, encoding="utf-8")
        known = file.read_text(encoding="utf-8") if file.exists() else ""
        if text != known:
            raise Unexpected(f"as in explain/{name}.txt:\n{known}", f"\n{text}")
