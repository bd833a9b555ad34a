"""The person's signing key and certificate, as the desk keeps them.

Outside the database, under the passphrase alone.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from assessor_desk.domain.errors import Refused


def rewrap_signing_key(folder: Path, passphrase: str, new_passphrase: str) -> None:
    """Wrap the signing key, where there is one, with another passphrase.

    Where that was done before and cut short, the new passphrase opens it already.
    """
    from assessor_desk.keys.signing import KEY_FILE, SigningKey

    if not (folder / KEY_FILE).exists():
        return
    try:
        key = SigningKey.open(folder, passphrase)
    except Refused:
        SigningKey.open(folder, new_passphrase)
        return
    key.save(folder, new_passphrase)


def set_signing_key_aside(folder: Path) -> None:
    """Keep a signing key whose passphrase is lost under another name: the passphrase may come back."""
    from assessor_desk.keys.signing import KEY_FILE

    if (folder / KEY_FILE).exists():
        (folder / KEY_FILE).replace(folder / f"former-{KEY_FILE}")


def certificate_until(folder: Path) -> datetime | None:
    """When the certificate expires; None where the source issued none."""
    from assessor_desk.keys.signing import CERTIFICATE_FILE, load_identity

    if not (folder / CERTIFICATE_FILE).exists():
        return None
    return load_identity(folder)[0].not_valid_after_utc
