"""What the configuration says of one Jira, and what follows from it: flavour, addresses and credential.

Cloud and Data Center differ in where they answer and in how they name people; which of them it is, is asked once (see
``opening``). Credentials: with ``email`` or ``user`` Basic (e-mail and API token on Cloud, user name and password on
Data Center), without them Bearer (a personal access token; at Cloud's gateway a service account's token). Sources:
Atlassian, "Basic auth for REST APIs" and "OAuth 2.0 (3LO) apps" (Cloud), "Manage API tokens for service accounts", and
"Using personal access tokens" (Data Center).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from trackersync.connector import AuthError, Capacity, TrackerSettings, Words
from trackersync_jira.fill import Fill
from trackersync_jira.query import condition
from trackersync_jira.vocabulary import EVIDENCE

MOST_OWNERS = 10
"""The assignee and nine in the field of co-owners, for which Jira knows no limit; as many as GitHub holds."""

_KEY = re.compile(r"[A-Z][A-Z0-9_]*")
_TOKEN = re.compile(r"[!-~]+")
_CLOUD = ".atlassian.net"
GATEWAY = "api.atlassian.com"
"""Where scoped API tokens are used: ``https://api.atlassian.com/ex/jira/<cloud id>``. Pages are not found there."""

_BELOW = re.compile(r"/ex/jira/[^/]+")

_OF_GITHUB = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_")
"""How GitHub's tokens begin (GitHub, "About authentication to GitHub", token formats)."""


def _project(key: str) -> str:
    if _KEY.fullmatch(key):
        return key
    if _KEY.fullmatch(key.upper()):
        raise ValueError(f"a project's key is in capitals: write {key.upper()}")
    raise ValueError(
        f'"{key}" is no project key: capitals, digits and underscores, as in SHOP (the part of SHOP-42 before the dash)'
    )


ProjectKey = Annotated[str, AfterValidator(_project), Field(json_schema_extra={"pattern": f"^{_KEY.pattern}$"})]


class JiraSettings(TrackerSettings):
    """One Jira: its address, the projects to keep in step, and who we are there."""

    projects: list[ProjectKey] = Field(
        min_length=1, description="Keys of the projects to keep in step: `[SHOP]`.", examples=[["SHOP"]]
    )
    jql: str | None = Field(
        default=None,
        description="A filter of your own, in Jira's query language and without ORDER BY: `issuetype != Epic`. What it "
        "does not show is out of scope.",
        examples=["issuetype != Epic"],
    )
    email: str | None = Field(
        default=None,
        description="The account's e-mail address on Jira Cloud; absent on Data Center, and where a service account's "
        "token is sent by itself.",
        examples=["bot@acme.example"],
    )
    user: str | None = Field(
        default=None,
        min_length=1,
        pattern=r"^[^:\x00-\x1f]+$",
        description="The account's user name on Data Center, if `token` is its password; absent with an access token.",
        examples=["bot"],
    )
    deployment: Literal["cloud", "data center"] | None = Field(
        default=None,
        description="Which Jira it is, where it does not say so itself: `cloud` or `data center`.",
        examples=["cloud"],
    )
    field: str | None = Field(
        default=None,
        description="A custom field with one choice in which a stage may live, by name or id: `Delivery stage`.",
        examples=["Delivery stage"],
    )
    co_owners: str | None = Field(
        default=None,
        description="A custom field with several users who own an issue too, by name or id: `Pair`.",
        examples=["Pair"],
    )
    evidence: tuple[Literal["relations", "checklist"], ...] = Field(
        default=(),
        description="What else is read of each issue: `relations` shows parent, progress, blocked, blockers, related, "
        "duplicate_of, due and flagged, and on Cloud `checklist` whether the check boxes of the description are "
        "ticked; rules may use `blocked` and `checklist`.",
        examples=[["relations", "checklist"]],
    )
    link_types: dict[Literal["blocks", "duplicate"], Words] = Field(
        default_factory=dict,
        description="With relations, what the link types of this Jira are called by which an issue blocks another or "
        "is its duplicate: by default `{blocks: [Blocks], duplicate: [Duplicate]}`.",
        examples=[{"blocks": ["Blocks"], "duplicate": ["Duplicate"]}],
    )
    fill: Fill = Field(
        default_factory=dict,
        description="What to fill in where a transition asks for it and the issue has nothing there: by the status it "
        "leads to, or `*` for every one, fields by name or id with their values: "
        '`{Done: {Root cause: Unknown}, "*": {resolution: Done}}`. `set` of a stage comes first. Versions stand in '
        "quotes, since YAML reads 1.10 as 1.1.",
        examples=[{"Done": {"Root cause": "Unknown"}}],
    )
    webhook_secrets: list[SecretStr] = Field(
        default_factory=list,
        max_length=2,
        description="What deliveries are signed with; two while one replaces another.",
        examples=[["${WEBHOOK_SECRET}"]],
    )
    webhook_header: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$",
        description="A header in which a webhook that cannot sign sends one of the secrets: `X-Acme-Token`.",
        examples=["X-Acme-Token"],
    )
    most_owners: int | None = Field(
        default=None,
        ge=2,
        description="With `co_owners`, how many people may own an issue, its assignee counted: by default 10; 2 where "
        "that field holds one user.",
        examples=[2],
    )

    @field_validator("url")
    @classmethod
    def _bare(cls, url: str) -> str:
        bare = url.rstrip("/")
        if re.search(r"/rest(/|$)|/browse(/|$)", bare):
            raise ValueError("the address of the site is needed here, without /rest/… or /browse/…")
        return bare

    @field_validator("token")
    @classmethod
    def _of_jira(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and token.get_secret_value().startswith(_OF_GITHUB):
            raise ValueError("this is a token of GitHub; Jira takes an API token (Cloud) or a personal access token")
        return token

    @field_validator("projects")
    @classmethod
    def _once(cls, projects: list[str]) -> list[str]:
        twice = sorted({key for key in projects if projects.count(key) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is named twice")
        return projects

    @field_validator("jql")
    @classmethod
    def _filter(cls, jql: str | None) -> str | None:
        return None if jql is None else condition(jql)

    @field_validator("email")
    @classmethod
    def _address(cls, email: str | None) -> str | None:
        # A colon would end the user's part of a Basic credential early, and the rest would be taken for the token.
        if email is not None and not re.fullmatch(r"[^\s@:]+@[^\s@:]+", email):
            raise ValueError("an e-mail address is needed here; leave `email` out on Data Center")
        return email

    @model_validator(mode="after")
    def _flavour(self) -> JiraSettings:
        host = (urlsplit(self.url).hostname or "").casefold()
        if self.email is not None and self.user is not None:
            raise ValueError("`email` is for Jira Cloud and `user` for Data Center: leave one of them out")
        if self.anonymous and self.account is not None:
            raise ValueError("`anonymous` is without a credential: leave `email` and `user` out")
        is_cloud = (self.atlassian or self.deployment == "cloud") and not self.anonymous
        if is_cloud and (self.user is not None or (self.email is None and not self.gateway)):
            raise ValueError(f"{host} is Jira Cloud, which needs the account's e-mail address: add `email`")
        if host.endswith(_CLOUD) and urlsplit(self.url).path:
            raise ValueError(f"Jira Cloud answers at its host: write https://{host}")
        if self.atlassian and self.deployment == "data center":
            raise ValueError(f"{host} is Jira Cloud: leave `deployment` out")
        if host == GATEWAY and not self.gateway:
            raise ValueError(
                f"write https://{GATEWAY}/ex/jira/CLOUDID, with the cloudId that https://YOURSITE{_CLOUD}"
                "/_edge/tenant_info shows"
            )
        if host == GATEWAY and not self.aliases:
            raise ValueError(f"pages are not found at {host}: add `aliases: [https://YOURSITE{_CLOUD}]`")
        return self

    @model_validator(mode="after")
    def _owning(self) -> JiraSettings:
        if self.most_owners is not None and self.co_owners is None:
            raise ValueError("`most_owners` counts those in a field of co-owners too: name it as `co_owners`")
        return self

    @model_validator(mode="after")
    def _shown(self) -> JiraSettings:
        for where, stages in (("stages", self.stages), ("outcomes", self.outcomes)):
            entries = [one for entry in stages.values() for one in (entry if isinstance(entry, list) else [entry])]
            for entry in (one for one in entries if isinstance(one, dict)):
                self._readable(where, entry)
        return self

    def _readable(self, where: str, entry: Mapping[str, object]) -> None:
        """Check that what an entry of ``stages`` or ``outcomes`` names is read, and can be there."""
        for fact, kind in EVIDENCE.items():
            if fact in entry and kind not in self.evidence:
                raise ValueError(
                    f"`{where}` names `{fact}`, which is read only where it is wanted: add evidence: [{kind}]"
                )
        sets = entry.get("set")
        if self.field is None and ("field" in entry or (isinstance(sets, dict) and "field" in sets)):
            raise ValueError(f"`{where}` names `field`, so say which one it is: add field: to this tracker")
        for labels in (entry.get("labels"), sets.get("labels") if isinstance(sets, dict) else None):
            spaced = [one for one in (labels if isinstance(labels, list) else [labels]) if " " in str(one).strip()]
            if spaced:
                raise ValueError(
                    f'a label of Jira holds no space, and `{where}` names "{spaced[0]}": write it as Jira shows it'
                )

    @property
    def ties(self) -> Mapping[str, list[str]]:
        """What the types of links are called that blocks and duplicates are told by."""
        usual = {"blocks": ["Blocks"], "duplicate": ["Duplicate"]}
        return {key: self.link_types.get(key, names) for key, names in usual.items()}  # type: ignore[call-overload]

    @property
    def atlassian(self) -> bool:
        """Whether the address itself says that it is Jira Cloud."""
        host = (urlsplit(self.url).hostname or "").casefold()
        return host.endswith(_CLOUD) or host == GATEWAY

    @property
    def gateway(self) -> bool:
        """Whether it is Cloud's gateway that is asked, which takes tokens with scopes and Bearer."""
        return _BELOW.fullmatch(urlsplit(self.url).path) is not None

    @property
    def account(self) -> str | None:
        """Who we are, for Basic; None with an access token, which says so itself."""
        return self.email if self.email is not None else self.user


def addresses(settings: JiraSettings) -> tuple[str, ...]:
    """Where pages for people are found, the canonical address first: the tracker's ``url``, then its aliases."""
    known = [settings.url, *(alias.rstrip("/") for alias in settings.aliases)]
    if urlsplit(settings.url).hostname == GATEWAY:
        known = known[1:]
    return tuple(dict.fromkeys(known))


def room(settings: JiraSettings) -> Mapping[str, Capacity]:
    """How many owners an issue holds: with a field for co-owners more than its assignee."""
    return {} if settings.co_owners is None else {"owners": Capacity(settings.most_owners or MOST_OWNERS)}


def custom(settings: JiraSettings) -> tuple[str, ...]:
    """The custom fields that the configuration names, by name or id, each once."""
    return tuple(dict.fromkeys(name for name in (settings.field, settings.co_owners) if name is not None))


def containers(settings: JiraSettings) -> tuple[str, ...]:
    """The configured projects."""
    return tuple(settings.projects)


def token(settings: JiraSettings) -> str:
    """The credential in the clear, for the moment a request needs it.

    Raises:
        AuthError: there is none, or none that a header can hold.
    """
    secret = settings.token.get_secret_value() if settings.token is not None else ""
    if not secret:
        raise AuthError(f"no token for {settings.url}: add `token: ${{JIRA_TOKEN}}` or `token_file:` to this tracker")
    if settings.account is None and not _TOKEN.fullmatch(secret):
        raise AuthError(
            f"the token for {settings.url} holds a character that no access token has, such as a space or an accent: "
            "copy it anew into `token`; if it is a password, add `user`"
        )
    return secret


def authorization(settings: JiraSettings) -> Callable[[], Awaitable[SecretStr | None]]:
    """How every request says who we are: Basic where the configuration names an account, else Bearer; or not at all."""

    async def header() -> SecretStr | None:
        if settings.anonymous:
            return None
        secret = token(settings)
        if settings.account is None:
            return SecretStr(f"Bearer {secret}")
        return SecretStr("Basic " + b64encode(f"{settings.account}:{secret}".encode()).decode("ascii"))

    return header
