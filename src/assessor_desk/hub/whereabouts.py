"""Where a hub keeps its database and its sealed files, and the secrets that reach them.

By default both lie in the hub's folder. Beyond one machine the database is a PostgreSQL server's and the files are in
an S3-compatible store. Either is told to `hub init` and kept in `whereabouts.json`, which this user alone can read, or
comes from the environment, which counts before the file: then nothing need be on the disk (docs/decisions/0178).

A secret never stands on a command line. Each variable has a twin with `_FILE` behind it that names a file to read.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.keys.private_files import write_privately
from assessor_desk.protocol.addresses import is_loopback

KEY_FILE = "hub.key"
WHEREABOUTS_FILE = "whereabouts.json"
#: What every variable of a hub's begins with.
PREFIX = "ASSESSOR_DESK_HUB_"


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A bucket and the beginning of the names in it that are the hub's.

    `endpoint` is empty for Amazon's own. `public` is the address under which desks reach the same store, where it is
    another than the hub's.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    public: str = ""
    region: str = "us-east-1"
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`database` is a PostgreSQL address, or empty for the file in the folder; so are `blobs`, or None."""

    database: str = field(default="", repr=False)
    blobs: ObjectStore | None = None


def whereabouts_of(folder: Path, environment: Mapping[str, str] = os.environ) -> Whereabouts:
    """Where the hub in `folder` keeps things. Raises Refused for what is not understood, Damaged for the file."""
    kept = _kept(folder)
    database = _told(environment, "DATABASE") or kept.database
    password = _told(environment, "DATABASE_PASSWORD")
    return Whereabouts(_database(database, password), _blobs(environment, kept.blobs))


def keep_whereabouts(folder: Path, told: Whereabouts) -> None:
    """Write down what `hub init` was told; nothing where it was told nothing."""
    if told != Whereabouts():
        write_privately(folder / WHEREABOUTS_FILE, json.dumps(asdict(told), indent=2).encode())


def told_whereabouts(
    database: str = "", password: str = "", blobs: str = "", endpoint: str = "", public: str = "",
    region: str = "", credentials: tuple[str, str] = ("", ""),
) -> Whereabouts:  # fmt: skip
    """What a command line says, with the secrets that it names files for.

    Raises Refused for an address that is none, or that carries a password, which other users of the machine could read.
    """
    if database and urlsplit(database).password:
        raise Refused(
            "A password on a command line can be read by others. Put it into --database-password-file"
        )
    store = _bucket(blobs) if blobs else None
    if store is not None:
        store = replace(
            store, endpoint=endpoint, public=public, region=region or store.region,
            access_key_id=credentials[0], secret_access_key=credentials[1],
        )  # fmt: skip
        _refuse_open_road(store)
    return Whereabouts(_database(database, password), store)


def key_of(folder: Path, environment: Mapping[str, str] = os.environ) -> str:
    """The hub's key: 64 hexadecimal digits. Raises Refused where there is none, Damaged for a bad one."""
    key = _told(environment, "KEY")
    if not key:
        try:
            key = (folder / KEY_FILE).read_text(encoding="ascii").strip()
        except OSError as error:
            raise Refused(
                f"{folder} holds no hub, or its {KEY_FILE} cannot be read. "
                f"Make one with “assessor-desk hub --at {folder} init”"
            ) from error
    if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
        raise Damaged(f"{KEY_FILE} of the hub in {folder} is damaged. Restore it from a back-up")
    return key


def make_key(folder: Path) -> None:
    """Write a new random key into `folder`."""
    write_privately(folder / KEY_FILE, secrets.token_hex(32).encode())


def key_is_told(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment gives the key, so that none is kept in the folder."""
    return bool(_told(environment, "KEY"))


def _told(environment: Mapping[str, str], name: str) -> str:
    """A variable, or the content of the file that its twin names."""
    if value := environment.get(PREFIX + name, ""):
        return value.strip()
    if not (path := environment.get(f"{PREFIX}{name}_FILE", "")):
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise Refused(f"{PREFIX}{name}_FILE names {path}, which cannot be read") from error


def _kept(folder: Path) -> Whereabouts:
    try:
        told: dict[str, Any] = json.loads((folder / WHEREABOUTS_FILE).read_bytes())
        blobs = told["blobs"]
        return Whereabouts(told["database"], ObjectStore(**blobs) if blobs else None)
    except (FileNotFoundError, NotADirectoryError):
        return Whereabouts()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged(
            f"{WHEREABOUTS_FILE} in {folder} is damaged. Restore it from a back-up, or make it again"
        ) from error


def _database(address: str, password: str) -> str:
    if not address:
        return ""
    try:
        split = urlsplit(address)
        port = split.port
    except ValueError as error:
        raise Refused("The address of the database is not understood") from error
    if split.scheme not in ("postgresql", "postgres") or not split.path.strip("/"):
        raise Refused("The database is named as postgresql://USER@HOST/NAME")
    import sqlalchemy as sa

    return sa.URL.create(
        "postgresql",
        username=split.username,
        password=password or _unquoted(split.password),
        host=_unquoted(split.hostname),
        port=port,
        database=split.path.strip("/"),
        query=dict(_parameters(split.query)),
    ).render_as_string(hide_password=False)


def _parameters(query: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    return parse_qsl(query)


def _unquoted(text: str | None) -> str | None:
    from urllib.parse import unquote

    return None if text is None else unquote(text)


def _blobs(environment: Mapping[str, str], kept: ObjectStore | None) -> ObjectStore | None:
    address = _told(environment, "BLOBS")
    store = _bucket(address) if address else kept
    if store is None:
        return None
    names = {"endpoint": "ENDPOINT", "public": "PUBLIC", "region": "REGION"}
    names |= {"access_key_id": "ACCESS_KEY_ID", "secret_access_key": "SECRET_ACCESS_KEY"}
    told = {own: _told(environment, f"BLOBS_{name}") for own, name in names.items()}
    store = replace(store, **{own: value for own, value in told.items() if value})
    _refuse_open_road(store)
    return store


def _bucket(address: str) -> ObjectStore:
    split = urlsplit(address)
    if split.scheme != "s3" or not split.netloc or split.query or split.fragment or "@" in split.netloc:
        raise Refused(f"“{address}” is no place for files. Write it as s3://BUCKET or s3://BUCKET/PREFIX")
    return ObjectStore(split.netloc, split.path.strip("/"))


def _refuse_open_road(store: ObjectStore) -> None:
    """Desks take files by https alone, so an address for them that is none would strand them."""
    for address in filter(None, (store.endpoint, store.public)):
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
            raise Refused(
                f"“{address}” is no address of an object store. Write it as https://files.example.org"
            )
    shown = urlsplit(store.public or store.endpoint)
    if shown.scheme == "http" and not is_loopback(shown.hostname or ""):
        raise Refused(
            f"Desks fetch files by https alone, and {store.public or store.endpoint} is not. "
            "Name the address under which desks reach the store as the public one"
        )
