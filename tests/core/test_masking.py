"""No password of an address is shown, however it is written; what is none stays readable."""

from __future__ import annotations

import pytest

from trackersync.core.masking import address_spans, ambiguous, masked_address, masked_addresses, passwords

ADDRESSES = {
    # name: (address, as shown, the passwords in it)
    "user and password": ("postgresql://me:pw@h/x", "postgresql://•••@h/x", ("pw",)),
    "a user alone": ("postgresql://me@h/x", "postgresql://•••@h/x", ()),
    "nobody": ("postgresql://h:5432/x?sslmode=require", "postgresql://h:5432/x?sslmode=require", ()),
    "a bare @ and / in it": ("postgresql+psycopg://me:p@ss/w0rdX@h/x", "postgresql+psycopg://•••@h/x", ("p@ss/w0rdX",)),
    "a bare ? in it": ("postgresql://me:p?w@h/x", "postgresql://•••@h/x", ("p?w",)),
    "a whole query in it": ("postgresql://me:p?a=w@h/x", "postgresql://•••@h/x", ("p?a=w",)),
    "blanks in it": ("postgresql://me:p w@h/x", "postgresql://•••@h/x", ("p w",)),
    "a / in the user": ("postgresql://me/x:pw@h/x", "postgresql://•••@h/x", ("pw",)),
    "in the query": ("postgresql://h/x?user=me&password=pw&a=b", "postgresql://h/x?user=me&password=•••&a=b", ("pw",)),
    "escaped in the query": ("postgresql:///x?p%61ssword=pw", "postgresql:///x?p%61ssword=•••", ("pw",)),
    "of the certificate": ("postgresql://h/x?sslpassword=pw", "postgresql://h/x?sslpassword=•••", ("pw",)),
    "a file of passwords": ("postgresql://h/x?passfile=/a", "postgresql://h/x?passfile=•••", ()),
    "in both": ("postgresql://me:pw@h/x?password=qw", "postgresql://•••@h/x?password=•••", ("pw", "qw")),
    "an @ in the query of another": ("postgresql://me:pw@h/x?user=a@b", "postgresql://•••@h/x?user=a@b", ("pw",)),
    "a variable": ("postgresql://me:${PW}@h/x", "postgresql://•••@h/x", ("${PW}",)),
    "a file with an @": ("sqlite:////home/me@work/x.db", "sqlite:////home/me@work/x.db", ()),
    "a file by its driver": ("sqlite+pysqlite:///a@b.db", "sqlite+pysqlite:///a@b.db", ()),
    "a path": ("data/me@work.db", "data/me@work.db", ()),
}


@pytest.mark.parametrize(("address", "shown", "found"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address(address: str, shown: str, found: tuple[str, ...]) -> None:
    assert masked_address(address) == shown
    assert passwords(address) == found


def test_addresses_in_a_text() -> None:
    text = "plan --store 'postgresql://me:p/w@h/x' --out a@b, then https://x.example/y"
    assert masked_addresses(text) == "plan --store 'postgresql://•••@h/x' --out a@b, then https://x.example/y"
    assert [text[begin:end] for begin, end in address_spans(text)] == ["me:p/w"]


READ_AS_MEANT = ("postgresql://me:p/w@h/x", "postgresql://me:p?w@h/x", "postgresql://me:p%40@h/x?user=a@b", "a://h/x")
READ_OTHERWISE = ("a://me:p@w@h/x", "a://me:p@s/w@h/x", "a://m/e:pw@h/x", "a://h/x@y", "a://me:p@w@h/x?a=b")


def test_what_a_driver_would_read_otherwise() -> None:
    assert not [one for one in READ_AS_MEANT if ambiguous(one)]
    assert not [one for one in READ_OTHERWISE if not ambiguous(one)]
