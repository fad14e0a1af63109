"""What GitHub's webhooks tell: whether a delivery is genuine, and which issues to look at again.

A delivery is a hint. Nothing in it is believed but where to look, so one that is lost, doubled, late or out of order
does no harm, and one that names too much costs a look. That settles every doubt here: an action we have not heard of
names its issue all the same, while an event or a repository that is none of ours names nothing.

What a delivery cannot name (an issue on a board has no number there, a renamed label is on many issues) means the news
of its repository, or of all. A label or milestone that is renamed or deleted need not move its issues' time of update;
where it does not, the next whole read (`full_scan`) finds them.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from trackersync.connector import BadDeliveryError, BadSignatureError, Delivery, ItemRef, Lately, Scope, These
from trackersync_github import payload
from trackersync_github.payload import Happening, Issue, OfBoard, OfDeployment, OfInstallation, OfIssue, OfRepository
from trackersync_github.settings import GithubSettings
from trackersync_github.wire import Place

SIGNATURE = "x-hub-signature-256"
"""GitHub, "Validating webhook deliveries": HMAC-SHA256 of the body under the hook's secret, in UTF-8."""

ID = "x-github-delivery"

NOTHING = These(())

_SIGNED = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)

_VISIBLE = frozenset(
    {"created", "deleted", "renamed", "transferred", "archived", "unarchived", "publicized", "privatized"}
)
"""What happens to a repository that may change whether it is found, and under which name."""

_INSTALLED = frozenset({"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted", "added", "removed"})
"""What happens to an App's installation that may change which repositories are found."""

T = TypeVar("T")


class Deliveries:
    """Implements ``connector.Listener``: needs neither network nor store.

    Args:
        tracker: its name in the configuration.
        settings: its part of the configuration.
        called: from a repository's id and present name to the name under which it is observed; empty where it is none
            of ours.
    """

    def __init__(self, tracker: str, settings: GithubSettings, called: Callable[[int, str], str]) -> None:
        self._tracker = tracker
        self._settings = settings
        self._called = called
        # Events that may change issues of their repository without saying which.
        pulls = settings.pull_requests or "pulls" in settings.evidence
        self._moving = {"label", "milestone"}
        self._moving |= {"pull_request"} if pulls else set()
        self._moving |= {"release"} if "releases" in settings.evidence else set()

    # Whether it is genuine.

    def verify(self, delivery: Delivery) -> None:
        """Check the signature over the body as received; see ``connector.Listener.verify``.

        Any of `webhook_secrets` will do, so that one can replace another without a gap. Compared in constant time, so
        that how long it takes tells nothing of the signature that would be right.

        Raises:
            BadSignatureError: no secret is configured, or the delivery is unsigned, signed otherwise, or badly signed.
        """
        # An empty secret is everybody's: a variable that is set to nothing must not let the world in.
        secrets = [key for one in self._settings.webhook_secrets if (key := one.get_secret_value())]
        if not secrets:
            raise self._refused(f"nothing tells it from a forgery; set `webhook_secrets` of tracker {self._tracker}")
        signature = self._signature(delivery)
        # All are compared, whichever fits.
        fits = [hmac.compare_digest(_signed(delivery.body, secret), signature) for secret in secrets]
        if not any(fits):
            raise self._refused(
                "its signature does not fit: it is forged or was changed on the way, or the webhook's secret at GitHub "
                "is none of `webhook_secrets`"
            )

    def _signature(self, delivery: Delivery) -> str:
        header = delivery.headers.get(SIGNATURE)
        if header is None:
            older = "x-hub-signature" in delivery.headers
            raise self._refused(
                f"{'it bears only the older, weaker signature' if older else 'it is not signed'}; give the webhook at "
                "GitHub one of `webhook_secrets` as its secret"
            )
        found = _SIGNED.fullmatch(header)
        if found is None:
            raise self._refused("its X-Hub-Signature-256 is not of the form sha256=HEX, so GitHub did not write it")
        return found[1]

    def _refused(self, why: str) -> BadSignatureError:
        return BadSignatureError(f"{self._tracker}: a webhook delivery is not accepted: {why}")

    # What to look at.

    def delivery_id(self, delivery: Delivery) -> str:
        """The id that GitHub sends in a header; see ``connector.Listener.delivery_id``."""
        return delivery.headers.get(ID, "").strip()

    def scope_of(self, delivery: Delivery) -> Scope:
        """What to look at again; see ``connector.Listener.scope_of``.

        Raises:
            BadDeliveryError: it does not say which event it is, or lacks what every event of its kind has.
        """
        event = delivery.headers.get("x-github-event", "")
        if not event:
            raise BadDeliveryError(f"{self._tracker}: a delivery without the header X-GitHub-Event is not GitHub's")
        scope: Scope = NOTHING
        match event:
            case "issues" | "issue_comment":
                scope = self._issues(self._read(delivery, OfIssue))
            case "sub_issues" | "issue_dependencies":
                scope = self._related(delivery)
            case "repository":
                scope = self._repository(self._read(delivery, Happening))
            case "installation" | "installation_repositories":
                scope = self._installation(self._read(delivery, OfInstallation))
            case "projects_v2_item" if self._settings.project is not None:
                scope = self._board(self._read(delivery, OfBoard))
            case "deployment_status" if "deployments" in self._settings.evidence:
                scope = self._deployment(self._read(delivery, OfDeployment))
            case _ if event in self._moving:
                scope = self._news(self._read(delivery, OfRepository).repository)
        return scope

    def _issues(self, told: OfIssue) -> Scope:
        """The issue, and where it was transferred to or from: the old place redirects, the new one holds it."""
        places: list[tuple[Issue | None, payload.Repository | None]] = [(told.issue, told.repository)]
        if told.changes is not None:
            places.append((told.changes.new_issue, told.changes.new_repository))
            places.append((told.changes.old_issue, told.changes.old_repository))
        return self._these(places)

    def _related(self, delivery: Delivery) -> Scope:
        places = self._read(delivery, payload.Related).places()
        if not places:
            raise self._malformed(delivery, "it names no issue")
        return self._these(places)

    def _deployment(self, told: OfDeployment) -> Scope:
        wanted = self._settings.environment.casefold()
        return self._news(told.repository) if told.environment.casefold() in {"", wanted} else NOTHING

    def _board(self, told: OfBoard) -> Scope:
        """All news, where an issue may have moved on our board: which one, the delivery does not say.

        The event is an organisation's: boards of users send nothing ("Webhook events and payloads").
        """
        project = self._settings.project
        content = told.projects_v2_item.content_type
        elsewhere = (
            project is None
            or project.kind != "organization"
            or (told.organization is not None and told.organization.login.casefold() != project.owner.casefold())
            or told.project not in {None, project.number}
            or told.field.casefold() not in {"", project.field.casefold()}
            or content == "DraftIssue"
            or (content == "PullRequest" and not self._settings.pull_requests)
        )
        return NOTHING if elsewhere else Lately()

    def _repository(self, told: Happening) -> Scope:
        """All news, where a repository that is or was ours may be found no more, or under another name.

        One that was put aside, being archived, may be found again, so here the configuration's word counts as well.
        """
        means = self._settings.selection.means
        ours = any(means(name) or self._called(told.repository.id, name) for name in told.names())
        return Lately() if ours and told.action in _VISIBLE else NOTHING

    def _installation(self, told: OfInstallation) -> Scope:
        app = self._settings.app
        elsewhere = app is not None and app.installation not in {None, told.installation.id}
        return Lately() if told.action in _INSTALLED and not elsewhere else NOTHING

    def _these(self, places: Iterable[tuple[Issue | None, payload.Repository | None]]) -> These:
        refs = (
            ItemRef(self._tracker, str(Place(home.id, issue.number)))
            for issue, home in places
            if issue is not None and home is not None and self._wanted(issue) and self._called(home.id, home.full_name)
        )
        return These(tuple(dict.fromkeys(refs)))

    def _wanted(self, issue: Issue) -> bool:
        return self._settings.pull_requests or not issue.is_pull_request

    def _news(self, repository: payload.Repository) -> Scope:
        name = self._called(repository.id, repository.full_name)
        return Lately(only=(name,)) if name else NOTHING

    def _read(self, delivery: Delivery, shape: type[T]) -> T:
        try:
            return payload.read(delivery, shape)
        except ValueError as error:
            raise self._malformed(delivery, str(error)) from None

    def _malformed(self, delivery: Delivery, why: str) -> BadDeliveryError:
        event = delivery.headers["x-github-event"]
        return BadDeliveryError(f"{self._tracker}: a delivery of `{event}` is not as GitHub sends it: {why}")


def _signed(body: bytes, secret: str) -> str:
    """A body's signature. A secret that is no UTF-8 fits nothing, and is no reason to break down."""
    return hmac.digest(secret.encode("utf-8", "surrogatepass"), body, "sha256").hex()
