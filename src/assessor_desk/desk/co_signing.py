"""Co-signing a packet that somebody handed over as a file: checked first, then written anew with a signature more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.domain.errors import Refused
from assessor_desk.keys.private_files import write_privately
from assessor_desk.packets.co_signing import co_signed
from assessor_desk.verdict import FactId, Standing, verify

if TYPE_CHECKING:
    from assessor_desk.keys.signing import Signer
    from assessor_desk.verdict import TrustList


def co_sign(
    path: Path, signer_under: Callable[[str], Signer], trust: TrustList | None, at: datetime, out: Path
) -> Path:
    """Write the packet at `path` into `out` with a signature added; where it is.

    `signer_under` gives what the person signs with in the programme of that root, whose packet it is.

    Raises Refused for a packet that does not hold or whose signer nobody vouches for, and where `out` has that file.
    """
    verdict = verify(path, trust, at)
    if verdict.bad:
        raise Refused(f"{path.name} was not co-signed. {verdict.headline}")
    if verdict.fact(FactId.CHAIN).standing is not Standing.GOOD:
        raise Refused(
            f"{path.name} was not co-signed: nobody on this desk's trust list vouches for its signer"
        )
    if verdict.subject.kind == "case file":
        raise Refused(f"{path.name} is a case file, which the issuer alone signs")
    written = out / path.name
    if written.exists():
        raise Refused(f"{written} is there already; name another folder")
    content = co_signed(path.read_bytes(), signer_under(verdict.root), at)
    write_privately(written, content)
    return written
