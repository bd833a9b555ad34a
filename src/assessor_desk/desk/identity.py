"""The person's signing key and certificate, as the desk keeps them.

Outside the database, under the passphrase alone.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path


def rewrap_signing_key(folder: Path, passphrase: str, new_passphrase: str) -> None:
    """Wrap the signing key, where there is one, with another passphrase."""
    from assessor_desk.keys.signing import KEY_FILE, SigningKey

    if (folder / KEY_FILE).exists():
        SigningKey.open(folder, passphrase).save(folder, new_passphrase)


def certificate_until(folder: Path) -> datetime | None:
    """When the certificate expires; None where the source issued none."""
    from assessor_desk.keys.signing import CERTIFICATE_FILE, load_identity

    if not (folder / CERTIFICATE_FILE).exists():
        return None
    return load_identity(folder)[0].not_valid_after_utc
