"""Giving a desk whose passphrase is lost another one, wherever the program ends in between.

The lost passphrase still wraps the signing keys, which are to be set aside. They are only once the new passphrase
counts: until then the old one opens the desk and signs. A mark says meanwhile which envelope that is, and whoever opens
the desk next finishes what was begun (docs/decisions/0293).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessor_desk.desk.folder import DeskFolder
    from assessor_desk.keys.envelope import Envelope


def give_another_passphrase(
    place: DeskFolder, envelope: Envelope, data_key: bytes, new_passphrase: str
) -> None:
    """Wrap the data key with another passphrase, and set aside what the one before alone opens.

    Raises Refused for an empty passphrase, Unavailable for the disk.
    """
    from assessor_desk.keys.private_files import write_privately

    fresh = envelope.with_passphrase(data_key, new_passphrase)
    write_privately(place.recovering, _told(fresh))
    fresh.save(place.keys)
    finish_recovery(place)


def finish_recovery(place: DeskFolder) -> None:
    """Set the signing keys aside where a new passphrase counts and that was cut short. To be asked before unlocking."""
    if not place.recovering.exists():
        return
    from assessor_desk.desk.identity import set_signing_key_aside
    from assessor_desk.desk.programmes import identity_folders
    from assessor_desk.keys.envelope import Envelope

    if place.recovering.read_bytes() == _told(Envelope.load(place.keys)):
        for folder in identity_folders(place.identity):
            set_signing_key_aside(folder)
    place.recovering.unlink()


def _told(envelope: Envelope) -> bytes:
    """What no other passphrase, nor the same given once more, would leave in the envelope."""
    return str(envelope.by_passphrase["salt"]).encode()
