"""A GitHub App for tests: its key, and its registration at a stand-in."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from trackersync.sandbox import GitHub
from trackersync.sandbox.github.hub import App

CLIENT = "Iv23liSandboxClient1"


@cache
def keys() -> tuple[str, str]:
    """A private key and its public one, in PEM; made once, since it takes its time."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def registered(model: GitHub) -> App:
    """An App that is registered at a stand-in, and installed nowhere yet."""
    model.hub.app = App(keys()[1], CLIENT)
    return model.hub.app


def app(**more: object) -> dict[str, object]:
    """What a tracker's settings say of it, instead of a token."""
    return {"token": None, "app": {"client_id": CLIENT, "private_key": keys()[0]} | more}
