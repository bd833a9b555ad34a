"""Who this desk signs as: its certificate, renewing it, and having one given out by file where no hub is reached."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.room import Room
from assessor_desk.desk.tries import slowed
from assessor_desk.domain.errors import Refused

if TYPE_CHECKING:
    from assessor_desk.desk.by_file import AnswerSeen
    from assessor_desk.desk.by_folder import Asked
    from assessor_desk.desk.identity_answers import Identity
    from assessor_desk.domain.roles import Role
    from assessor_desk.keys.signing import Signer


class Certified(Room):
    """The person's certificate."""

    def identity(self) -> Identity:
        """Who this desk signs as, and how that stands. Reads files: call it off the GUI thread."""
        return self.identities()[0]

    def identities(self) -> tuple[Identity, ...]:
        """As `identity`, of each programme that this desk signs for, the first one's first; and one that was asked."""
        from assessor_desk.desk.identity_answers import identity_of, waiting_apart
        from assessor_desk.desk.programmes import identity_folders

        here = self._surroundings
        known = (identity_of(here, folder) for folder in identity_folders(here.identity))
        return (*known, *waiting_apart(here))

    @slowed
    def renew_certificate(self, passphrase: str, programme: str = "") -> tuple[Changes, str]:
        """Have the certificate renewed by its source now, whenever it ends; and a sentence on it.

        Of one `programme`, named by its root's SHA-256, or of each whose hub this desk is connected to. Raises Refused
        for a wrong passphrase, where no source gave the certificate out, and where it has ended; Unavailable without
        network.
        """
        from assessor_desk.desk.by_file import renew_with_source

        told = renew_with_source(self._surroundings, passphrase, programme)
        return Changes.of(Kind.SETTINGS), told

    @slowed
    def request_identity(
        self, out: Path, passphrase: str, roles: tuple[Role, ...] = (), programme: str = ""
    ) -> tuple[Changes, str]:
        """Write a request for a certificate into the file `out`, for a programme that is not reached by a hub.

        Where there is no signing key yet one is made: until the answer is here it signs, vouched for by nobody. Where
        a programme gave the certificate out, the request is for its renewal: the first's, or that of the `programme`
        named by its root's SHA-256. With `another` it is for one by a programme that this desk does not sign for yet.
        Gives the key's words, for the programme to compare. Raises Refused for a wrong passphrase, Unavailable where
        the file cannot be written.
        """
        from assessor_desk.desk.by_file import ANOTHER, has_signing_key, request_identity
        from assessor_desk.keys.envelope import Envelope

        if programme == ANOTHER or not has_signing_key(self._surroundings):
            # The new key is wrapped by it; one that is here already tells a wrong passphrase by itself.
            Envelope.load(self._place.keys).unlock(passphrase)
        words = request_identity(self._surroundings, out, passphrase, roles, programme)
        return Changes.of(Kind.SETTINGS), words

    def examine_identity(self, path: Path) -> AnswerSeen:
        """What the file that answers this desk's request says: who, which programme, and its root's fingerprint.

        Raises Refused for another file, Damaged where it contradicts itself.
        """
        from assessor_desk.desk.by_file import examine_identity

        return examine_identity(self._surroundings, _read(path))

    def import_identity(self, path: Path, fingerprint: str = "") -> Changes:
        """Take the certificate in a file that answers this desk's request into use, with the trust list in it.

        Needs no passphrase: the key is here. `fingerprint` is the root's as the programme told it, which is asked for
        where this desk does not know the programme yet. Raises Refused for a file that is not for this desk's key or
        person and where the fingerprint is missing or another, Damaged where nobody vouches for what is in it.
        """
        from assessor_desk.desk.by_file import import_identity

        import_identity(self._surroundings, _read(path), fingerprint)
        return Changes.of(Kind.SETTINGS, Kind.INBOX)

    def asked_by_stick(self) -> Asked | None:
        """The request that this desk left on a stick and that was not answered yet. Reads files."""
        from assessor_desk.desk.by_folder import asked

        return asked(self._surroundings)

    @slowed
    def co_sign(self, packet: Path, passphrase: str, out: Path) -> Path:
        """Write a packet into the folder `out` with this reviewer's signature added, once it was verified; where it is.

        Raises Refused for a wrong passphrase, for anybody but a reviewer, for a packet that does not hold and where a
        file of that name is there; Unavailable where it cannot be written.
        """
        from assessor_desk.desk.co_signing import co_sign
        from assessor_desk.desk.identity import open_signer
        from assessor_desk.desk.programmes import identity_under, trust_list

        now = self._clock()

        def signer_under(root: str) -> Signer:
            return open_signer(identity_under(self._place.identity, root), passphrase, now)

        return co_sign(packet, signer_under, trust_list(self.store), now, out)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror})") from error
