"""The sections of a GitHub tracker's settings: its App, its labels, its board."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator


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


class _Part(BaseModel):
    # Errors would otherwise print what was read, and that may be a secret.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class AppSettings(_Part):
    """``app``: a GitHub App's credential, instead of a token."""

    client_id: Annotated[str, BeforeValidator(_as_text)] = Field(
        min_length=1,
        description="The App's client id, or on older servers its App id.",
        examples=["Iv23liabcdefghijklmn"],
    )
    private_key: Annotated[SecretStr | None, AfterValidator(_pem)] = Field(
        default=None, description="Its private key in PEM, usually `${NAME}`.", examples=["${APP_KEY}"]
    )
    private_key_file: str | None = Field(
        default=None, description="A file that holds the key, instead.", examples=["secrets/app.pem"]
    )
    installation: int | None = Field(
        default=None, ge=1, description="The installation's id; by default it is looked up.", examples=[12345678]
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
        examples=["stage: "],
    )
    colour: str = Field(
        default="1d76db", pattern=r"^[0-9a-fA-F]{6}$", description="Of a label we create, in hex.", examples=["1d76db"]
    )
    description: str = Field(
        default="A stage of the delivery process; trackersync keeps it in step",
        max_length=100,
        description="Of a label we create.",
        examples=["A stage of our delivery process"],
    )


class ProjectSettings(_Part):
    """``project``: the board (Projects v2) whose single-select field carries the stage."""

    owner: str = Field(min_length=1, description="The organisation or user the project belongs to.", examples=["acme"])
    number: int = Field(ge=1, description="The project's number, as in its address.", examples=[5])
    kind: Literal["organization", "user"] = Field(
        default="organization", description="What the owner is.", examples=["organization"]
    )
    field: str = Field(default="Status", min_length=1, description="The single-select field.", examples=["Status"])
    add: bool = Field(
        default=False, description="Whether an issue that is not on the board yet is added to it.", examples=[True]
    )
