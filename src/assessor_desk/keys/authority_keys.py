"""The private keys of an authority in its folder, and the root's key when it leaves it."""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from assessor_desk.domain.errors import Damaged, Refused

from .private_files import write_privately


def write_key(folder: Path, name: str, key: ec.EllipticCurvePrivateKey, passphrase: str | None) -> None:
    """Keep a key in `folder`, wrapped by the passphrase; without one, as a file that only this user can read."""
    if passphrase is None:
        write_privately(folder / f"{name}.key", _pkcs8(key))
        return
    from .envelope import wrap

    write_privately(folder / f"{name}.key.json", json.dumps(wrap(_pkcs8(key), passphrase)).encode())


def read_key(folder: Path, name: str, passphrase: str | None) -> ec.EllipticCurvePrivateKey:
    """The key `name` in `folder`. Raises Refused for a wrong passphrase or where it is not there."""
    try:
        if passphrase is None:
            return _read((folder / f"{name}.key").read_bytes(), name)
        from .envelope import unwrap

        return _read(unwrap(json.loads((folder / f"{name}.key.json").read_bytes()), passphrase), name)
    except FileNotFoundError as missing:
        raise Refused(f"The authority's {name} key is not in {folder}") from missing


def has_key(folder: Path, name: str) -> bool:
    """Whether the key `name` is in `folder`."""
    return any((folder / f"{name}{ending}").exists() for ending in _ENDINGS)


def forget_key(folder: Path, name: str) -> None:
    """Remove the key `name` from `folder`."""
    for ending in _ENDINGS:
        (folder / f"{name}{ending}").unlink(missing_ok=True)


def export_key(key: ec.EllipticCurvePrivateKey, path: Path, passphrase: str) -> None:
    """Write a key to a file of its own, wrapped by a passphrase of its own, and read it back.

    Raises Refused where there is such a file already or for an empty passphrase, Unavailable where it cannot be
    written.
    """
    from .envelope import wrap

    if path.exists():
        raise Refused(f"{path} is there already. Name a new file")
    write_privately(path, json.dumps(wrap(_pkcs8(key), passphrase), indent=2).encode())
    if import_key(path, passphrase).public_key() != key.public_key():
        path.unlink()
        raise Damaged(f"{path} could not be read back as it was written. Try another disk")


def import_key(path: Path, passphrase: str) -> ec.EllipticCurvePrivateKey:
    """The key that `export_key` wrote. Raises Refused for a wrong passphrase or another file."""
    from .envelope import unwrap

    try:
        wrapped = json.loads(path.read_bytes())
    except (OSError, ValueError) as trouble:
        raise Refused(f"{path} cannot be read as an exported key") from trouble
    return _read(unwrap(wrapped, passphrase), "exported")


def _pkcs8(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read(der: bytes, name: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(der, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Damaged(f"The authority's {name} key is of the wrong kind; restore it from a back-up")
    return key


_ENDINGS = (".key", ".key.json")
