"""What can go wrong with a database, as sentences: told by the drivers' error codes, never by their texts.

SQLite's codes: https://sqlite.org/rescode.html. PostgreSQL's: https://www.postgresql.org/docs/current/errcodes-appendix.html.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

_FULL = "cannot grow: the disk is full. Make room and run again"
_SQLITE = {
    sqlite3.SQLITE_BUSY: "is in use: another program has been writing to it for {wait:g} s. "
    "Wait until that trackersync has ended, or close the database browser that holds it, and run again",
    sqlite3.SQLITE_LOCKED: "is in use by another part of this program. Run again",
    sqlite3.SQLITE_NOTADB: "is not a trackersync store but some other file, or one whose beginning "
    "is damaged. Name another one with `store:` or --store, or move this one away",
    sqlite3.SQLITE_CORRUPT: "is damaged. Put back a copy (trackersync store backup makes them), or move it away: "
    "a new one is read from the trackers",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened. Check that its folder exists, that it is a file, "
    "and that you may write in the folder",
    sqlite3.SQLITE_READONLY: "may not be written. Grant write permission to the file and its folder, "
    "or name another one with `store:` or --store",
    sqlite3.SQLITE_PERM: "may not be opened. Grant yourself access to it",
    sqlite3.SQLITE_FULL: _FULL,
    # What readers and writers share is a file, too.
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error. Check the disk; "
    "a store on a network drive is not safe",
}
_POSTGRESQL = {
    "55P03": "is in use: another writer has held it for {wait:g} s. Run again when it has ended",
    "28": "refuses us: the user or password is wrong. Correct the store's URL",
    "3D": "does not exist. Create the database first: createdb",
    "42501": "does not let us create or write its tables. Grant the user CREATE on its schema",
    "53": "has no room left: disk, memory or connections. Make room and run again",
    "57": "is shutting down or was stopped. Run again when it is up",
}
# A connection that fails has no code: libpq tells the reason in words only.
_UNREACHED = (
    "cannot be reached. Check that the server runs and the database exists, "
    "and the host, port, user and password in the store's URL"
)


def sentence(error: DBAPIError | sqlite3.Error, name: str, wait: float) -> str:
    """Say in a sentence what is wrong with the store called ``name``, and what to do next.

    Args:
        error: the driver's own, or as SQLAlchemy wraps it.
        name: the file, or database and host.
        wait: seconds that were waited for another writer.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        # The low byte is the kind; the rest says which variety.
        told = _SQLITE.get(code) or _SQLITE.get(code & 0xFF)
        what = getattr(cause, "sqlite_errorname", str(code))
    else:
        what = getattr(cause, "sqlstate", None) or "no answer"
        told = _postgresql(what)
    if told is None:
        return f"The store {name} answered with an error it should not ({what}). This is a fault of trackersync."
    return f"The store {name} {told.format(wait=wait)}."


def _postgresql(state: str) -> str | None:
    if state == "no answer" or state.startswith("08"):
        return _UNREACHED
    return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
