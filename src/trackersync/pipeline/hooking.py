"""Webhooks at the trackers: make, show, test and remove them; what ``trackersync hooks`` shows.

An administrator asks for it by name, so it does not depend on a tracker's `writes`, which says what may be written to
issues. Trackers are asked side by side; what one of them, or one repository, does not allow is said, and the others go
on. A webhook is ours if it delivers to our address, and no other is ever touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote, urlsplit

from trackersync.config import Configuration
from trackersync.connector import Clock, Connector, Hook, Hooking, HookPlace
from trackersync.core.examination import Grade, Section
from trackersync.core.nearest import did_you_mean
from trackersync.errors import AuthError, ConfigError, NotFoundError, RejectedError, TrackersyncError, UnavailableError
from trackersync.http import Log, SystemClock
from trackersync.http.posting import post
from trackersync.http.reach import UnreachedError
from trackersync.pipeline.hooked import Act, Ended, Hooked, Said
from trackersync.pipeline.opening import connected
from trackersync.report.hooks import SECRETS, answered, cure, hook_words

REMEMBERED = timedelta(days=3)
"""How long GitHub can deliver something once more; an Enterprise Server somewhat longer ("Redelivering webhooks")."""
TURNS = (0.1, 0.2, 0.4, 0.8, *(1.5,) * 6)
"""After how many seconds each time it is asked what came of a ping: GitHub waits 10 s for an answer."""


def address_of(configuration: Configuration, tracker: str) -> str:
    """Where this tracker's deliveries go.

    Raises:
        ConfigError: `service.address` is not set, or is no address to deliver to.
    """
    address = configuration.settings.service.address
    if address is None:
        raise ConfigError(
            "`service.address` is not set: nobody knows where the trackers reach this service",
            next_step="service: {address: https://sync.example.com}    in the configuration",
        )
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ConfigError(
            "`service.address` is no address to deliver to: write scheme and host, as in https://sync.example.com"
        )
    return f"{address.rstrip('/')}/webhooks/{quote(tracker, safe='')}"


async def hooked(
    configuration: Configuration,
    act: Act,
    trackers: Sequence[str] = (),
    *,
    wide: bool = False,
    dry: bool = False,
    log: Log | None = None,
    clock: Clock | None = None,
) -> tuple[Hooked, ...]:
    """Do one thing with the webhooks of some trackers.

    Args:
        configuration: sound and compiled.
        act: what to do.
        trackers: their names; empty for all.
        wide: at the owner and not at each repository, where the tracker has that.
        dry: only say what would be done.
        log: told of every request.
        clock: the time.

    Raises:
        ConfigError: a tracker is not configured, or there is no address to deliver to.
    """
    strange = next((name for name in trackers if name not in configuration.trackers), None)
    if strange is not None:
        hint = did_you_mean(strange, configuration.trackers, "there are")
        raise ConfigError(f'no tracker is called "{strange}"', next_step=hint)
    clock = clock or SystemClock()
    chosen = [name for name in configuration.trackers if name in trackers or not trackers]
    urls = {name: address_of(configuration, name) for name in chosen}
    async with connected(configuration, clock, log=log, besides=("webhooks",)) as (connectors, _):
        works = [_Work(connectors[name], urls[name], clock, act, wide=wide, dry=dry) for name in chosen]
        return tuple(await asyncio.gather(*(one.done() for one in works)))


@dataclass(slots=True)
class _Work:
    """One tracker's part of it."""

    connector: Connector
    url: str
    clock: Clock
    act: Act
    wide: bool = field(kw_only=True)
    dry: bool = field(kw_only=True)
    said: Said = field(default_factory=Said)
    greeted: bool = False

    async def done(self) -> Hooked:
        """All of it, whatever is wrong with the tracker."""
        tracker, said = self.connector.tracker, self.said
        if not isinstance(self.connector, Hooking):
            said.say("webhooks", Grade.NOTE, "this connector manages none", ended=Ended.DONE)
        elif self._signing(self.connector):
            try:
                await self._places(self.connector)
            except TrackersyncError as error:
                self._refused("webhooks", error)
        section = Section(tracker, tuple(said.checks), self.url, tracker=True)
        return Hooked(section, self.url, tuple(said.hooks), tuple(said.ended), said.count)

    def _signing(self, hooking: Hooking) -> bool:
        """Whether there is a secret, where one is needed."""
        if self.act in {"list", "remove", "redeliver"}:
            return True
        try:
            hooking.greeting()
        except RejectedError:
            self.said.say("secret", Grade.ERROR, "there is none to sign with", SECRETS, Ended.UNSET)
            return False
        return True

    async def _places(self, hooking: Hooking) -> None:
        places = await hooking.hook_places(wide=self.wide)
        others = () if self.wide else await self._above(hooking, places)
        doing: Callable[[Hooking, HookPlace, Sequence[Hook]], Awaitable[None]] = {
            "list": self._list,
            "install": self._install,
            "test": self._test,
            "remove": self._remove,
            "redeliver": self._redeliver,
        }[self.act]
        covered = {one for place, found in others if any(hook.sound for hook in found) for one in place.covers}
        for place, found in others:
            if self.act != "install":
                await self._at(place, doing, hooking, found)
        for place in places:
            if place.name in covered and self.act in {"test", "redeliver"}:
                continue
            if place.name in covered and self.act in {"list", "install"}:
                above = next(other.name for other, _ in others if place.name in other.covers)
                self.said.say(place.name, Grade.GOOD, f"told of by the webhook of {above}", ended=Ended.DONE)
                continue
            await self._at(place, doing, hooking, None)

    async def _above(
        self, hooking: Hooking, places: Sequence[HookPlace]
    ) -> tuple[tuple[HookPlace, tuple[Hook, ...]], ...]:
        """The owners with webhooks of ours; who may not see an owner's goes on without."""
        known = {place.name for place in places}
        found = []
        for place in await hooking.hook_places(wide=True):
            if place.name in known:
                continue
            try:
                ours = tuple(one for one in await hooking.hooks(place, self.url) if one.url == self.url)
            except (NotFoundError, RejectedError):
                continue
            if ours:
                found.append((place, ours))
        return tuple(found)

    async def _at(
        self,
        place: HookPlace,
        doing: Callable[[Hooking, HookPlace, Sequence[Hook]], Awaitable[None]],
        hooking: Hooking,
        found: Sequence[Hook] | None,
    ) -> None:
        try:
            await doing(hooking, place, await hooking.hooks(place, self.url) if found is None else found)
        except UnavailableError as error:
            self._refused(place.name, error)
        except (NotFoundError, RejectedError) as error:
            self._refused(place.name, error)
            if self.act == "install":
                for number, step in enumerate(hooking.hook_steps(place, self.url), 1):
                    self.said.say(f"by hand, {number}", Grade.NOTE, step)
            elif self.act == "test":
                # Whether the receiver answers can be seen without the right to see webhooks.
                await self._greeted(hooking)

    def _refused(self, name: str, error: TrackersyncError) -> None:
        """Say what was refused; of a write whose answer was lost, that doing it again does no harm."""
        unreached = isinstance(error, (AuthError, UnavailableError))
        again = isinstance(error, UnavailableError) and (error.in_doubt or error.passing)
        remedy = "do it again: twice equals once" if again else ""
        said = str(error).removeprefix(f"{self.connector.tracker}: ").rstrip(".")
        self.said.say(name, Grade.ERROR, said, remedy, Ended.UNREACHED if unreached else Ended.REFUSED)

    # What is done at one place.

    async def _list(self, hooking: Hooking, place: HookPlace, found: Sequence[Hook]) -> None:
        now = self.clock.now()
        ours = self._ours(found)
        for hook in ours:
            grade, words, remedy = hook_words(hook, now, self.connector.tracker)
            ended = Ended.DONE if grade is Grade.GOOD else Ended.LACKING
            self.said.say(place.name, grade, words, remedy or place.page * (grade is not Grade.GOOD), ended)
        if not ours:
            self._missing(place)
        others = [one for one in found if one not in ours]
        for hook in others:
            # Whose they are we do not know, and an address may hold their secret.
            parts = urlsplit(hook.url)
            whose = f"of others: to {parts.scheme}://{parts.hostname}, {'active' if hook.active else 'switched off'}"
            self.said.say(place.name, Grade.NOTE, whose)
        self.said.hooks += found

    def _ours(self, found: Sequence[Hook]) -> list[Hook]:
        return [one for one in found if one.url == self.url]

    def _missing(self, place: HookPlace) -> None:
        remedy = f"trackersync hooks install {self.connector.tracker}"
        self.said.say(place.name, Grade.WARNING, "none that delivers to us", remedy, Ended.LACKING)

    async def _install(self, hooking: Hooking, place: HookPlace, found: Sequence[Hook]) -> None:
        ours = self._ours(found)
        whole = len(ours) == 1 and ours[0].sound
        became = "as it was" if whole else "changed" if ours else "created"
        if self.dry:
            would = {"as it was": "is as it should be; its secret would be sent again", "changed": "would be changed"}
            self.said.say(place.name, Grade.GOOD, would.get(became, "would be created"), ended=Ended.DONE)
            self.said.count += 1
            return
        made = await hooking.ensure_hook(place, self.url)
        self.said.count += 1
        self.said.hooks.append(made)
        if made.sound:
            more = "; its secret was sent again" if whole else f": {', '.join(made.events)}"
            self.said.say(place.name, Grade.GOOD, f"{became}{more}", ended=Ended.DONE)
            return
        grade, words, _ = hook_words(made, self.clock.now(), self.connector.tracker)
        self.said.say(place.name, grade, f"{became}, but {words}", place.page, Ended.LACKING)

    async def _remove(self, hooking: Hooking, place: HookPlace, found: Sequence[Hook]) -> None:
        ours = self._ours(found)
        number = len(ours) if self.dry or not ours else await hooking.remove_hooks(place, self.url)
        self.said.count += number
        done = "would be removed" if self.dry else "removed"
        self.said.say(place.name, Grade.GOOD, done if number else "none of ours", ended=Ended.DONE)

    async def _redeliver(self, hooking: Hooking, place: HookPlace, found: Sequence[Hook]) -> None:
        since = self.clock.now() - REMEMBERED
        for hook in self._ours(found):
            number = await hooking.redeliver(place, hook, since)
            if number is None:
                words = "delivers nothing again on demand; the timer finds what was lost"
                self.said.say(place.name, Grade.NOTE, words, ended=Ended.DONE)
                continue
            self.said.count += number
            words = f"{number:,} delivered once more" if number else "nothing failed in the last 3 days"
            self.said.say(place.name, Grade.GOOD, words, ended=Ended.DONE)
        if not self._ours(found):
            self._missing(place)

    # Whether a delivery arrives.

    async def _test(self, hooking: Hooking, place: HookPlace, found: Sequence[Hook]) -> None:
        ours = self._ours(found)
        if not ours:
            self._missing(place)
        for hook in ours:
            if not hook.active:
                remedy = f"trackersync hooks install {self.connector.tracker}"
                self.said.say(place.name, Grade.WARNING, "it is switched off", remedy, Ended.LACKING)
            elif await hooking.ping_hook(place, hook):
                await self._pinged(hooking, place, hook)
            else:
                await self._greeted(hooking)
        if not ours:
            await self._greeted(hooking)

    async def _pinged(self, hooking: Hooking, place: HookPlace, hook: Hook) -> None:
        for seconds in TURNS:
            await self.clock.sleep(seconds)
            now = next((one for one in await hooking.hooks(place, self.url) if one.id == hook.id), hook)
            if now.delivery != hook.delivery and now.answer is not None:
                if not now.failing:
                    self.said.say(place.name, Grade.GOOD, f"a ping arrived: answered {now.answer}", ended=Ended.DONE)
                    return
                remedy = cure(now.answer, self.connector.tracker)
                self.said.say(place.name, Grade.ERROR, f"a ping was {answered(now.answer)}", remedy, Ended.LACKING)
                break
        else:
            self.said.say(
                place.name, Grade.WARNING, "pinged; what came of it is not told yet", place.page, Ended.LACKING
            )
        await self._greeted(hooking)

    async def _greeted(self, hooking: Hooking) -> None:
        """What comes of a delivery of our own, from this machine; once is enough."""
        if self.greeted:
            return
        self.greeted = True
        try:
            status = await post(self.url, hooking.greeting())
        except UnreachedError as error:
            self.said.say("from here", Grade.ERROR, error.why, error.remedy, Ended.LACKING)
            return
        if 200 <= status < 300:
            much = f"the receiver took a signed delivery of our own: answered {status}"
            self.said.say("from here", Grade.GOOD, much, ended=Ended.DONE)
            return
        remedy = cure(status, self.connector.tracker)
        self.said.say("from here", Grade.ERROR, f"a signed delivery was {answered(status)}", remedy, Ended.LACKING)
