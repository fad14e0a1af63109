"""What people decide in stories besides editing: directions, hands off, links; and what others do against us."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from trackersync.connector import Absence
from trackersync.pipeline import told
from trackersync.pipeline.recall import remembered
from trackersync.store import Store
from trackersync.testing import Trouble

from .happenings import Happenings, phrase
from .shop import WordError, facts_of, home_of


class Deciding(Happenings):
    """Directions and hands off in the configuration; links and pauses between runs; automations that undo us."""

    @phrase("with <field> direction: (?P<value>off|jira|github)")
    def direction(self, field: str, value: str) -> None:
        old = self.setup.owners if field == "owners" else self.setup.stage
        authority = value if value != "off" and old.authority == "changed" else old.authority
        new = replace(old, direction=value, authority=authority)
        self.setup = replace(self.setup, owners=new) if field == "owners" else replace(self.setup, stage=new)

    @phrase("with hands off <tracker> (?P<fact>status|labels) (?P<value>.+)")
    def hands_off(self, tracker: str, fact: str, value: str) -> None:
        self.setup = replace(self.setup, hands_off={**self.setup.hands_off, tracker: {fact: (value,)}})

    @phrase("with limit window: <number> (?P<unit>hours|minutes)")
    def window(self, number: str, unit: str) -> None:
        span = timedelta(**{unit: int(number)})
        self.setup = replace(self.setup, limits=replace(self.setup.limits, window=span))

    @phrase("the store is lost")
    def loses_store(self) -> None:
        self.shop.store.close()
        self.shop.store = Store("sqlite://")

    @phrase("link <one:key> <other:key>")
    def links(self, one: str, other: str) -> None:
        told.link(remembered(self.shop.session()), one, other)

    @phrase("unlink <key>")
    def unlinks(self, key: str) -> None:
        told.unlink(remembered(self.shop.session()), key)

    @phrase("pause (?P<name>jira|github)")
    def pauses(self, name: str) -> None:
        told.pause(remembered(self.shop.session()), name, "")

    @phrase("resume (?P<name>jira|github)")
    def resumes(self, name: str) -> None:
        told.resume(remembered(self.shop.session()), name)

    @phrase("an automation sets <key> back to (?P<words>.+)")
    def sets_back(self, key: str, words: str) -> None:
        item = self.shop.item(key)
        facts = facts_of(home_of(key), words)
        if self.shop.trackers[item.ref.tracker].edit(item.ref, "an automation", **facts) == item:
            raise WordError(f"{key} is so already: nothing sets it back")

    @phrase("<tracker> hides <key>")
    def hides_one(self, tracker: str, key: str) -> None:
        self.shop.trackers[tracker].remove(self.shop.item(key).ref, Absence.HIDDEN)

    @phrase("the next write to <tracker> gets lost")
    def gets_lost(self, tracker: str) -> None:
        self.shop.faults.arm(Trouble.LOST_REQUEST, "apply", tracker)
