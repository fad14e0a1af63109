"""What is said of webhooks, in words and for machines; of others' only the host, since the rest may be secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from trackersync.connector import Hook
from trackersync.core.examination import Grade, Section
from trackersync.report.names import ago
from trackersync.report.times import utc

FORMAT = 1
"""The version of the shape. It rises when a key changes its meaning or goes away; keys may be added."""

SECRETS = (
    "make one with `openssl rand -hex 32`, keep it in a variable, and write "
    "`webhook_secrets: [${WEBHOOK_SECRET}]` under the tracker; a variable that is set to nothing counts for none"
)


def answered(status: int) -> str:
    """How a delivery was answered: ``answered 401``."""
    return f"answered {status}" if status else "not answered"


def cure(status: int, tracker: str) -> str:
    """What to do where a receiver answered this; 0 for nothing at all."""
    if 300 <= status < 400:
        return "something before the receiver redirects: write the address it leads to as `service.address`"
    if status >= 500:
        return "the receiver is not ready, or what stands before it does not reach it: see its log, and /readyz"
    return {
        0: "let the tracker reach `service.address`: host name, firewall, proxy, and a certificate it trusts",
        401: f"another secret is set there: trackersync hooks install {tracker}, and restart or reload the receiver",
        403: "something before the receiver forbids it: let POST /webhooks/ pass without a login",
        404: f"the receiver knows no tracker {tracker}, or a proxy cuts the path: it must pass /webhooks/{tracker} on",
        405: "something else answers there: it must pass POST on to the receiver",
        413: "what stands before the receiver allows less than 25 MB",
        429: "what stands before the receiver limits requests: let the tracker pass",
    }.get(status, "see the log of the receiver")


def hook_words(hook: Hook, now: datetime, tracker: str) -> tuple[Grade, str, str]:
    """How good one of ours is, what there is to say, and what to do about it."""
    install = f"trackersync hooks install {tracker}"
    last = "" if hook.last is None else f"last delivery {ago(now - hook.last)} ago, {answered(hook.answer or 0)}"
    words = [f"for {hook.about}" if hook.about else "", "signed" if hook.signed else "", last]
    said = "; ".join(["ours, active", *(word for word in words if word)])
    if not hook.active:
        return Grade.WARNING, "it is switched off", install
    if hook.lacking:
        return Grade.WARNING, f"it does not tell of {', '.join(hook.lacking)}", install
    if hook.signed is False:
        return Grade.WARNING, "it does not sign, so that nothing it delivers is taken", install
    if hook.failing:
        return Grade.WARNING, last or answered(hook.answer or 0), cure(hook.answer or 0, tracker)
    return Grade.GOOD, said, ""


def hooks_record(
    sections: Sequence[Section], hooks: Mapping[str, Sequence[Hook]], urls: Mapping[str, str], code: int
) -> dict[str, Any]:
    """What ``hooks … --format json`` prints.

    Args:
        sections: what was said, by tracker.
        hooks: by tracker, the webhooks that were seen.
        urls: by tracker, where our deliveries go.
        code: what the command ends with.
    """
    return {
        "format": FORMAT,
        "trackers": [
            {
                "tracker": section.name,
                "url": urls[section.name],
                "lines": [
                    {
                        "place": check.name,
                        "grade": check.grade.value,
                        "said": check.said,
                        "remedy": check.remedy or None,
                    }
                    for check in section.checks
                ],
                "hooks": [_hook(hook, urls[section.name]) for hook in hooks[section.name]],
            }
            for section in sections
        ],
        "exit": code,
    }


def _hook(hook: Hook, url: str) -> dict[str, Any]:
    parts = urlsplit(hook.url)
    return {
        "place": hook.place,
        "id": hook.id,
        "ours": hook.url == url,
        "url": hook.url if hook.url == url else f"{parts.scheme}://{parts.hostname}",
        "events": list(hook.events),
        "lacking": list(hook.lacking) if hook.url == url else [],
        "active": hook.active,
        "signed": hook.signed,
        "last": None if hook.last is None else utc(hook.last),
        "answer": hook.answer,
    }
