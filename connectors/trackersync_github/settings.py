"""What the configuration says of a GitHub tracker, and what follows from it before a connection is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from trackersync.connector import Facts, TrackerSettings, Words
from trackersync_github.selection import Selection, entries, entry, owners_of
from trackersync_github.vocabulary import EVIDENCE, PLACES

NEWEST, OLDEST = "2026-03-10", "2022-11-28"
"""Versions of the REST API. We never read the singular ``assignee``, which the newer one has no more, so both will do;
github.com has both, a server of one's own perhaps only the older one."""

PACE = 1.0
"""Seconds between two writes ("Best practices for using the REST API": pause at least one second between mutations)."""

_PAGE_HOSTS = frozenset({"github.com", "www.github.com"})


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_text(value: object) -> object:
    """YAML reads an App id as a number; true and false are none."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _pem(key: SecretStr | None) -> SecretStr | None:
    """Check a private key. One that came through a variable may have its line breaks spelt out, as a backslash and n.

    Raises:
        ValueError: with a sentence that quotes nothing of it.
    """
    if key is None:
        return None
    text = key.get_secret_value().strip()
    if "\n" not in text:
        text = text.replace("\\n", "\n")
    # Comes with PyGithub; slow to import, and only an App needs it.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        whole = isinstance(load_pem_private_key(text.encode(), password=None), RSAPrivateKey)
    except TypeError:
        raise ValueError("this key is locked with a passphrase; GitHub gives it without one") from None
    except (ValueError, UnsupportedAlgorithm):
        whole = False
    if not whole:
        raise ValueError("this is no whole RSA key; make a new one in the App's settings and give the .pem file as is")
    return SecretStr(f"{text}\n")


def _api(url: str) -> str:
    if urlsplit(url).hostname in _PAGE_HOSTS:
        raise ValueError("this is the address of the pages; the API is https://api.github.com")
    return url.rstrip("/")


class _Part(BaseModel):
    # Errors would otherwise print what was read, and that may be a secret.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class AppSettings(_Part):
    """``app``: a GitHub App's credential, instead of a token."""

    client_id: Annotated[str, BeforeValidator(_as_text)] = Field(
        min_length=1, description="The App's client id, or on older servers its App id."
    )
    private_key: Annotated[SecretStr | None, AfterValidator(_pem)] = Field(
        default=None, description="Its private key in PEM, usually `${NAME}`."
    )
    private_key_file: str | None = Field(default=None, description="A file that holds the key, instead.")
    installation: int | None = Field(
        default=None, ge=1, description="The installation's id; by default it is looked up."
    )

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.private_key is None) == (self.private_key_file is None):
            raise ValueError("an App signs with its private key: give private_key or private_key_file, one of the two")
        return self


class LabelSettings(_Part):
    """``labels``: the family of labels that carry the stage, and how missing ones are made."""

    prefix: str | None = Field(
        default=None,
        description="Open stages without an entry of their own are labelled with this and their key: `stage: `.",
    )
    colour: str = Field(default="1d76db", pattern=r"^[0-9a-fA-F]{6}$", description="Of a label we create, in hex.")
    description: str = Field(
        default="A stage of the delivery process; trackersync keeps it in step",
        max_length=100,
        description="Of a label we create.",
    )


class ProjectSettings(_Part):
    """``project``: the board (Projects v2) whose single-select field carries the stage."""

    owner: str = Field(min_length=1, description="The organisation or user the project belongs to.")
    number: int = Field(ge=1, description="The project's number, as in its address.")
    kind: Literal["organization", "user"] = Field(default="organization", description="What the owner is.")
    field: str = Field(default="Status", min_length=1, description="The single-select field.")
    add: bool = Field(default=False, description="Whether an issue that is not on the board yet is added to it.")


class GithubSettings(TrackerSettings):
    """``connector: github``: one GitHub, github.com or a server of one's own, and the repositories to look at."""

    url: Annotated[str, AfterValidator(_api)] = Field(
        default="https://api.github.com",
        description="The API: https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server.",
    )
    repositories: Annotated[
        list[Annotated[str, AfterValidator(entry)]],
        BeforeValidator(_as_list),
        AfterValidator(entries),
    ] = Field(
        min_length=1,
        description="Whose issues to look at: `OWNER/NAME`, or a pattern like `acme/*`; `!acme/archive-*` takes away "
        "from what patterns find. Quote what begins with `!`.",
    )
    archived: bool = Field(default=False, description="Whether a pattern also finds repositories that are archived.")
    app: AppSettings | None = Field(default=None, description="A GitHub App's credential, instead of `token`.")
    api_version: str | None = Field(
        default=None,
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="The REST API's version; by default the newest that github.com has, and the oldest elsewhere.",
    )
    pull_requests: bool = Field(default=False, description="Whether pull requests are observed as items too.")
    labels: LabelSettings = Field(default=LabelSettings(), description="The labels that carry the stage.")
    project: ProjectSettings | None = Field(default=None, description="The board whose Status carries the stage.")
    field: str | None = Field(
        default=None, min_length=1, description="The organisation's single-select issue field that carries the stage."
    )
    evidence: tuple[Literal["relations", "pulls", "releases", "deployments", "checklist"], ...] = Field(
        default=(), description="What else is read of every issue, for rules that use it."
    )
    environment: str = Field(default="production", description="The environment whose deployments count.")
    areas: dict[str, Words] = Field(
        default_factory=dict, description="By label, the logins who look after that area: whom to ask first."
    )
    codeowners: bool = Field(
        default=False, description="Whether the file CODEOWNERS is asked who could own an issue that nobody owns."
    )
    webhook_secrets: list[SecretStr] = Field(
        default_factory=list,
        max_length=2,
        description="What deliveries are signed with; two while one replaces another.",
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
