"""What Jira's webhooks tell: whether a delivery is genuine, and which issues to look at again.

A delivery is a hint. Nothing in it is believed but where to look, so one that is lost, doubled, late or out of order
does no harm, and one that names too much costs a look. That settles every doubt here: an issue is named by its id even
where nothing says which project it is in, while an event that is none of ours names nothing.

**Genuine** is what is signed with one of `webhook_secrets` ("Webhooks", "Secure admin webhooks"). The method is read
from the header: SHA-256, which Jira uses, and the longer ones of its family, which the recommendation it follows
(WebSub, section 8) also has; SHA-1 is not enough. A webhook that cannot sign (an automation rule, an older Data Center)
may send one of the secrets itself in a header of its own, `webhook_header`; over HTTPS, and only there, nobody reads it
on the way. A delivery that is signed must be signed well, whatever else it bears. Nothing of this binds a delivery to a
time: that the same one is not believed days later is for whoever receives it, who knows the time and what came before.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

from trackersync.connector import BadDeliveryError, BadSignatureError, Delivery, ItemRef, Lately, Scope, These
from trackersync_jira import payload
from trackersync_jira.payload import Body, Issue
from trackersync_jira.settings import JiraSettings

SIGNATURE = "x-hub-signature"

ID = "x-atlassian-webhook-identifier"

NOTHING = These(())

_SIGNED = re.compile(r"(sha256|sha384|sha512)=([0-9a-fA-F]{64,128})", re.ASCII)
_WEAK = re.compile(r"(sha1|md5)=", re.IGNORECASE)


class Deliveries:
    """Implements ``connector.Listener``: needs neither network nor store.

    Args:
        tracker: its name in the configuration.
        settings: its part of the configuration.
    """

    def __init__(self, tracker: str, settings: JiraSettings) -> None:
        self._tracker = tracker
        self._settings = settings
        self._projects = frozenset(settings.projects)

    # Whether it is genuine.

    def verify(self, delivery: Delivery) -> None:
        """Check the signature over the body as received, or the secret in its header; see ``connector.Listener``.

        Any of `webhook_secrets` will do, so that one can replace another without a gap. Compared in constant time, so
        that how long it takes tells nothing of the signature that would be right.

        Raises:
            BadSignatureError: no secret is configured, or the delivery is unsigned, signed otherwise, or badly signed.
        """
        # An empty secret is everybody's: a variable that is set to nothing must not let the world in.
        secrets = [_bytes(key) for one in self._settings.webhook_secrets if (key := one.get_secret_value())]
        if not secrets:
            raise self._refused(f"nothing tells it from a forgery; set `webhook_secrets` of tracker {self._tracker}")
        header = (self._settings.webhook_header or "").lower()
        if SIGNATURE in delivery.headers:
            self._signed(delivery, secrets)
        elif header and header in delivery.headers:
            self._bearing(delivery.headers[header], secrets)
        else:
            unsigned = "it is not signed"
            if header:
                unsigned += f" and bears no header {self._settings.webhook_header}"
            raise self._refused(f"{unsigned}; give the webhook in Jira one of `webhook_secrets` as its secret")

    def _signed(self, delivery: Delivery, secrets: Iterable[bytes]) -> None:
        signature = delivery.headers[SIGNATURE]
        found = _SIGNED.fullmatch(signature)
        if found is None and _WEAK.match(signature):
            raise self._refused("it is signed by a method that is not safe any more; sha256 or longer is needed")
        if found is None:
            raise self._refused("its X-Hub-Signature is not of the form sha256=HEX, so Jira did not write it")
        method, digest = found[1], found[2].lower()
        # All are compared, whichever fits.
        fits = [hmac.compare_digest(hmac.digest(one, delivery.body, method).hex(), digest) for one in secrets]
        if not any(fits):
            raise self._refused(
                "its signature does not fit: it is forged or was changed on the way, or the webhook's secret in Jira "
                "is none of `webhook_secrets`"
            )

    def _bearing(self, value: str, secrets: Iterable[bytes]) -> None:
        # Digests, so that the time does not tell the length either.
        given = hashlib.sha256(_received(value)).digest()
        fits = [hmac.compare_digest(hashlib.sha256(one).digest(), given) for one in secrets]
        if not any(fits):
            raise self._refused(
                f"its header {self._settings.webhook_header} bears none of `webhook_secrets`: it is forged, or another "
                "value is set in Jira"
            )

    def _refused(self, why: str) -> BadSignatureError:
        return BadSignatureError(f"{self._tracker}: a webhook delivery is not accepted: {why}")

    # What to look at.

    def delivery_id(self, delivery: Delivery) -> str:
        """The id that Jira sends in a header; see ``connector.Listener.delivery_id``."""
        return delivery.headers.get(ID, "").strip()

    def scope_of(self, delivery: Delivery) -> Scope:
        """What to look at again; see ``connector.Listener.scope_of``.

        Sprints, boards, users, filters and options of the site change none of an issue's facts, so they name nothing.

        Raises:
            BadDeliveryError: it is no JSON of Jira's, or lacks what every event of its kind has.
        """
        try:
            told = payload.read(delivery)
        except ValueError as error:
            raise self._malformed(str(error)) from None
        issue = told.about
        return self._issue(told, issue) if issue is not None else self._besides(told)

    def _besides(self, told: Body) -> Scope:
        """What an event without an issue says."""
        scope: Scope = NOTHING
        match told.event.partition("_")[0]:
            case "project":
                scope = self._project(told)
            case "jira:version":
                # It tells its project by a number that nobody here knows; a release may finish issues of any.
                scope = Lately()
            case "issuelink":
                scope = self._linked(told)
            case "worklog" | "jira:worklog":
                scope = self._these(told.worklog.issue_id if told.worklog is not None else None)
            case "comment" | "":
                found = told.comment.issue if told.comment is not None else None
                scope = self._these(found) if found or not told.event else NOTHING
            case "jira:issue":
                raise self._malformed("it names no issue")
        return scope

    def _issue(self, told: Body, issue: Issue) -> Scope:
        """The issue, if it is in a project of ours, or just left one; or where nothing says which project it is in."""
        ours = issue.projects & self._projects
        left = told.left
        if issue.projects and not ours and (left is None or (left and not left & self._projects)):
            return NOTHING
        if issue.id is not None:
            return self._these(issue.id)
        if ours:
            # A rule of somebody's own that sends keys only: the project's news hold it.
            return Lately(only=tuple(sorted(ours)))
        raise self._malformed("it names its issue by no id")

    def _linked(self, told: Body) -> These:
        link = told.issue_link
        ids = (link.source_issue_id, link.destination_issue_id) if link is not None else ()
        return self._these(*ids)

    def _project(self, told: Body) -> Scope:
        if told.project is None or not told.project.key:
            raise self._malformed("it names no project")
        return Lately(only=(told.project.key,)) if told.project.key in self._projects else NOTHING

    def _these(self, *ids: int | str | None) -> These:
        refs = tuple(dict.fromkeys(ItemRef(self._tracker, str(one)) for one in ids if one is not None))
        if not refs:
            raise self._malformed("it names no issue")
        return These(refs)

    def _malformed(self, why: str) -> BadDeliveryError:
        # Without the event: what a body says stays where it is.
        return BadDeliveryError(f"{self._tracker}: a delivery is not as Jira sends it: {why}")


def _bytes(secret: str) -> bytes:
    """A secret that is no UTF-8 fits nothing, and is no reason to break down."""
    return secret.encode("utf-8", "surrogatepass")


def _received(value: str) -> bytes:
    """A header's bytes: servers read them as Latin-1."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return _bytes(value)
