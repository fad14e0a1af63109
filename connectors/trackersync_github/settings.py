"""What the configuration says of a GitHub tracker, and what follows from it before a connection is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    WithJsonSchema,
    model_validator,
)

from trackersync.connector import Facts, TrackerSettings, Words
from trackersync_github.parts import AppSettings, LabelSettings, ProjectSettings
from trackersync_github.selection import Selection, entries, entry, owners_of
from trackersync_github.vocabulary import EVIDENCE, PLACES

NEWEST, OLDEST = "2026-03-10", "2022-11-28"
"""Versions of the REST API. We never read the singular ``assignee``, which the newer one has no more, so both will do;
github.com has both, a server of one's own perhaps only the older one."""

PACE = 1.0
"""Seconds between two writes ("Best practices for using the REST API": pause at least one second between mutations)."""

_UNSIGNED_EVIDENCE = frozenset({"relations", "checklist"})
"""What issues tell of themselves, at least in part, without a question to GraphQL."""

_ENTRIES = {"title": "word or list", "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_PAGE_HOSTS = frozenset({"github.com", "www.github.com"})


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _api(url: str) -> str:
    if urlsplit(url).hostname in _PAGE_HOSTS:
        raise ValueError("this is the address of the pages; the API is https://api.github.com")
    return url.rstrip("/")


class GithubSettings(TrackerSettings):
    """``connector: github``: one GitHub, github.com or a server of one's own, and the repositories to look at."""

    url: Annotated[str, AfterValidator(_api)] = Field(
        default="https://api.github.com",
        description="The API: https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server.",
        examples=["https://api.github.com", "https://github.acme.example/api/v3"],
        json_schema_extra={"pattern": "^https?://"},
    )
    repositories: Annotated[
        list[Annotated[str, AfterValidator(entry)]],
        BeforeValidator(_as_list),
        AfterValidator(entries),
        WithJsonSchema(_ENTRIES),
    ] = Field(
        min_length=1,
        description="Whose issues to look at: `OWNER/NAME`, or a pattern like `acme/*`; `!acme/archive-*` takes away "
        "from what patterns find. Quote what begins with `!`.",
        examples=[["acme/shop", "acme/pay"], ["acme/*", "!acme/archive-*"]],
    )
    archived: bool = Field(
        default=False, description="Whether a pattern also finds repositories that are archived.", examples=[True]
    )
    app: AppSettings | None = Field(
        default=None,
        description="A GitHub App's credential, instead of `token`.",
        examples=[{"client_id": "Iv23liabcdefghijklmn", "private_key_file": "secrets/app.pem"}],
    )
    api_version: str | None = Field(
        default=None,
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="The REST API's version; by default the newest that github.com has, and the oldest elsewhere.",
        examples=["2026-03-10"],
    )
    pull_requests: bool = Field(
        default=False, description="Whether pull requests are observed as items too.", examples=[True]
    )
    labels: LabelSettings = Field(
        default=LabelSettings(), description="The labels that carry the stage.", examples=[{"prefix": "stage: "}]
    )
    project: ProjectSettings | None = Field(
        default=None, description="The board whose Status carries the stage.", examples=[{"owner": "acme", "number": 5}]
    )
    field: str | None = Field(
        default=None,
        min_length=1,
        description="The organisation's single-select issue field that carries the stage.",
        examples=["Delivery stage"],
    )
    evidence: tuple[Literal["relations", "pulls", "releases", "deployments", "checklist"], ...] = Field(
        default=(),
        description="What else is read of every issue, for rules that use it.",
        examples=[["relations", "pulls", "checklist"]],
    )
    environment: str = Field(
        default="production", description="The environment whose deployments count.", examples=["production"]
    )
    areas: dict[str, Words] = Field(
        default_factory=dict,
        description="By label, the logins who look after that area: whom to ask first.",
        examples=[{"payments": ["grace-h", "ada-l"]}],
    )
    codeowners: bool = Field(
        default=False,
        description="Whether the file CODEOWNERS is asked who could own an issue that nobody owns.",
        examples=[True],
    )
    webhook_secrets: list[SecretStr] = Field(
        default_factory=list,
        max_length=2,
        description="What deliveries are signed with; two while one replaces another.",
        examples=[["${WEBHOOK_SECRET}"]],
    )

    @model_validator(mode="after")
    def _credential(self) -> Self:
        """One credential; and an App's installation is one owner's (GitHub, "Installing GitHub Apps")."""
        if self.app is None:
            return self
        if self.token is not None or self.token_file is not None:
            raise ValueError("there are `app` and a token; keep one of the two")
        owners = self.owners
        if len(owners) > 1:
            raise ValueError(
                f"an App's installation belongs to one owner, and `repositories` names {' and '.join(owners)}; give "
                f"each a tracker of its own with the same `app`: one for {', one for '.join(owners)}"
            )
        return self

    @model_validator(mode="after")
    def _unsigned(self) -> Self:
        """What GitHub shows to nobody: its GraphQL API, an organisation's fields, and the paths of Apps."""
        if not self.anonymous:
            return self
        wanted = [key for key in ("app", "project", "field") if getattr(self, key) is not None]
        wanted += [f"evidence: [{kind}]" for kind in self.evidence if kind not in _UNSIGNED_EVIDENCE]
        if wanted:
            raise ValueError(
                f"GitHub does not show `{wanted[0]}` without a credential: take it out, or `anonymous`, and set `token`"
            )
        return self

    @property
    def selection(self) -> Selection:
        """What `repositories` means."""
        return Selection.of(self.repositories)

    @property
    def owners(self) -> tuple[str, ...]:
        """Whose repositories are named or looked for, each once."""
        return owners_of(one for one in self.repositories if not one.startswith("!"))

    @model_validator(mode="after")
    def _places(self) -> Self:
        """A stage that is mapped to a place can only be read where the configuration says where the place is."""
        for where, fact, _ in self.named:
            if fact in PLACES and getattr(self, PLACES[fact]) is None:
                raise ValueError(
                    f"`{where}` names `{fact}`, so say which one it is: add {PLACES[fact]}: to this tracker"
                )
            if fact in EVIDENCE and EVIDENCE[fact] not in self.evidence:
                raise ValueError(
                    f"`{where}` names `{fact}`, which is read only where it is wanted: add evidence: [{EVIDENCE[fact]}]"
                )
        return self

    @property
    def named(self) -> tuple[tuple[str, str, object], ...]:
        """What entries name: the key they stand under (``stages``, ``outcomes``), the word, and its values."""
        return tuple(
            (where, word, value)
            for where, stages in (("stages", self.stages), ("outcomes", self.outcomes))
            for entry in stages.values()
            for one in (entry if isinstance(entry, list) else [entry])
            if isinstance(one, dict)
            for word, value in one.items()
        )


def headers(settings: GithubSettings) -> dict[str, str]:
    """What is sent with every request."""
    return {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": version(settings)}


def version(settings: GithubSettings) -> str:
    """The version of the REST API to ask for."""
    if settings.api_version is not None:
        return settings.api_version
    host = urlsplit(settings.url).hostname or ""
    return NEWEST if host == "api.github.com" or host.endswith(".ghe.com") else OLDEST


def words(settings: GithubSettings) -> Callable[[str], Facts] | None:
    """What an issue shows in an open stage that `stages` leaves out: the label of the family; None without a prefix."""
    prefix = settings.labels.prefix
    if prefix is None:
        return None
    return lambda stage: {"labels": (f"{prefix}{stage}",)}


def addresses(settings: GithubSettings) -> tuple[str, ...]:
    """The addresses under which the pages of issues are found, the canonical one first.

    github.com and ``SUBDOMAIN.ghe.com`` serve their API from a host of its own, an Enterprise Server from ``/api/v3``
    (GitHub Enterprise documentation, "Getting started with the REST API"); anything else is a stand-in whose API and
    pages share an address.
    """
    split = urlsplit(settings.url)
    host = split.netloc
    if split.hostname == "api.github.com" or (split.hostname or "").endswith(".ghe.com"):
        page = f"{split.scheme}://{host.removeprefix('api.')}"
    else:
        page = settings.url.removesuffix("/api/v3")
    return tuple(dict.fromkeys((page, *(alias.rstrip("/") for alias in settings.aliases))))


def containers(settings: GithubSettings) -> tuple[str, ...]:
    """The configured repositories."""
    return tuple(settings.repositories)
