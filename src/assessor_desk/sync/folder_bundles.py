"""Reading what a hub put on a stick for this desk: the newest bundle, believed for its signature alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.domain.errors import Damaged, Refused, sentence
from assessor_desk.protocol.stick import Stick
from assessor_desk.protocol.stick_files import read_pieces, read_whole
from assessor_desk.sync.source import OnItsWay
from assessor_desk.sync.unreached import Unreached, Why
from assessor_desk.sync.vouching import check_trust
from assessor_desk.verdict.detached import HUB_ROLE, refuse_without, verify_with_content
from assessor_desk.verdict.signature import read_signature
from assessor_desk.verdict.trust import TrustList

if TYPE_CHECKING:
    from assessor_desk.domain.changes import Blob
    from assessor_desk.keys.letters import LetterKey
    from assessor_desk.protocol.stick_messages import Bundle

_TRUST, _TRUST_SIGNATURE = "trust.pem", "trust.pem.p7s"


@dataclass(frozen=True)
class Reader:
    """Reads bundles for one desk. `trusted` is the list here that has to vouch for them; None before the first."""

    stick: Stick
    desk: str
    key: LetterKey
    trusted: TrustList | None
    now: datetime

    def newest(self) -> Bundle | None:
        """The newest bundle, None where the hub put none here for this desk.

        Raises Damaged, naming the file, where it is not whole or nobody vouches for it; Refused where it is for another
        key or from a newer program.
        """
        from assessor_desk.protocol.stick_messages import read_bundle

        found = self.stick.bundles(self.desk)
        if not found:
            return None
        number, path = found[-1]
        signed = self.key.open(read_whole(path), str(path))
        try:
            content = read_signature(signed).content
        except Damaged as error:
            raise Damaged(f"{path} is damaged: {error}") from error
        bundle = read_bundle(content, path)
        self._refuse_unsigned(signed, bundle, path)
        if (bundle.desk, bundle.sequence) != (self.desk, number):
            raise Damaged(f"{path} is another bundle than its name says: it was copied there")
        return bundle

    def _refuse_unsigned(self, signed: bytes, bundle: Bundle, path: Path) -> None:
        trust = self._vouching(bundle)
        if trust is None:
            raise Damaged(f"{path} answers no request, and this desk knows nobody to vouch for it")
        try:
            found = verify_with_content(signed, trust, self.now)
            refuse_without(HUB_ROLE, found, "No hub signed it")
        except Damaged as error:
            words = f"{path} was not signed by the programme of this desk, and nothing was taken from it"
            raise Damaged(f"{words} ({sentence(error)})") from error

    def _vouching(self, bundle: Bundle) -> TrustList | None:
        """The list here, or a newer one in the bundle that it vouches for; before the first, the answer's own."""
        if self.trusted is None:
            told = dict(bundle.enrolment.trust) if bundle.enrolment else {}
            return TrustList.parse(told[_TRUST]) if _TRUST in told else None
        for page in bundle.pages:
            if page.trust:
                try:
                    check_trust(
                        page.trust.get(_TRUST, b""),
                        page.trust.get(_TRUST_SIGNATURE, b""),
                        self.trusted,
                        self.now,
                    )
                except (Damaged, Refused):
                    return self.trusted
                return TrustList.parse(page.trust[_TRUST])
        return self.trusted


def pieces_of(stick: Stick, bundle: Bundle, blob: Blob, offset: int) -> Iterator[bytes]:
    """The sealed bytes of a file from `offset` on. Raises OnItsWay where the bundle has it not, Damaged, naming the
    stick's file, where the bytes are others than were put there.
    """
    placed = next((one for one in bundle.files if one.digest == blob.digest), None)
    if placed is None:
        raise OnItsWay("It is not on the stick. It comes with the next trip")
    if placed.length != blob.length:
        raise Damaged(
            f"{stick.bundle(bundle.desk, bundle.sequence)} names a file of another length. Tell the issuer"
        )
    hashed, passed, used = hashlib.sha256(), 0, list[Path]()
    for path, piece in _read(stick, bundle, placed.at, placed.length):
        used += [path] if path not in used else []
        hashed.update(piece)
        skipped = min(len(piece), max(0, offset - passed))
        passed += len(piece)
        if passed == placed.length and hashed.hexdigest() != placed.digest:
            raise Damaged(
                f"{' or '.join(map(str, used))} is damaged. Take the stick to the programme once more"
            )
        if piece[skipped:]:
            yield piece[skipped:]


def _read(stick: Stick, bundle: Bundle, at: int, length: int) -> Iterator[tuple[Path, bytes]]:
    """A stretch of the volumes as if they were one file, with the volume that each piece is from."""
    begins = 0
    for part, volume in enumerate(bundle.volumes, 1):
        first, last = max(at, begins), min(at + length, begins + volume)
        if first < last:
            path, come = stick.volume(bundle.desk, bundle.sequence, part), 0
            for piece in read_pieces(path, first - begins, last - first):
                come += len(piece)
                yield path, piece
            if come != last - first:
                raise Damaged(f"{path} is cut off. Take the stick to the programme once more")
        begins += volume


def older_words(bundle: Bundle, taken: int, title: str) -> str:
    """What is to be said of a bundle from before one that was taken in; empty for any other."""
    if bundle.sequence >= taken:
        return ""
    return (
        f"The stick has an older bundle of {title} (number {bundle.sequence}, of {bundle.made_at:%Y-%m-%d %H:%M} "
        f"UTC) than one taken in before (number {taken}). Nothing was taken back; take the stick there once more"
    )


def refuse_foreign(stick: Stick, hub: str, title: str) -> None:
    """Raise Refused for another programme's stick, Unavailable for a folder that is no stick of ours."""
    marker = stick.marker()
    if marker is None:
        raise Unreached(f"There is no stick of {title} in {stick.root}", Why.OFFLINE)
    if marker.hub not in ("", hub):
        raise Refused(f"This stick goes to {marker.title}, not to {title}. Put in the one for {title}")
