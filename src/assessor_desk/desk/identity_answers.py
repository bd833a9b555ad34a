"""How the desk's certificate stands, in plain facts and one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from assessor_desk.desk.connecting import gave_certificate, revoked_words
from assessor_desk.desk.identity import RENEWED_BEFORE, is_asked_for, request_here
from assessor_desk.desk.programmes import SOURCES, identity_for, revoked_here
from assessor_desk.keys.signing import (
    CERTIFICATE_FILE,
    common_name,
    is_issued,
    key_words,
    load_identity,
    organisation,
    roles,
    root_words,
)
from assessor_desk.verdict.trust import fingerprint_of

if TYPE_CHECKING:
    from pathlib import Path

    from assessor_desk.desk.connecting import Surroundings


class IdentityStanding(StrEnum):
    """How what this desk signs with stands."""

    NONE = "none"
    SELF_MADE = "self_made"
    ISSUED = "issued"
    ENDING = "ending"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose certificate it is, who gave it out and until when it holds; empty where there is none.

    `words` say how it stands, `key_words` name the key of a request that waits for its answer.
    """

    standing: IdentityStanding
    words: str
    person: str = ""
    roles: tuple[str, ...] = ()
    issued_by: str = ""
    until: datetime | None = None
    key_words: str = ""
    renewable: bool = False
    """Whether a source gave it out that can be asked for the next."""
    root: str = ""
    """The SHA-256 of its programme's root, which names it; `fingerprint` is that for people, in groups."""
    fingerprint: str = ""

    @property
    def vouched_for(self) -> bool:
        """Whether an issuer stands behind what is signed with it now."""
        return self.standing in (IdentityStanding.ISSUED, IdentityStanding.ENDING)


def identity_of(desk: Surroundings, folder: Path) -> Identity:
    """How the certificate in an identity folder stands now."""
    if not (folder / CERTIFICATE_FILE).exists():
        key = _asked_by_stick(desk, folder)
        how = (
            "the request on the stick waits for its answer"
            if key
            else "connect to a hub, or request one by file"
        )
        return Identity(IdentityStanding.NONE, f"No certificate yet: {how}.", key_words=key)
    certificate, chain = load_identity(folder)
    root = chain[-1] if is_issued(certificate) else None
    until = certificate.not_valid_after_utc
    revoked = revoked_words(desk.store, desk.identity, folder) or revoked_here(desk.store, certificate)
    standing = _standing(desk, until, is_issued(certificate), bool(revoked))
    return Identity(
        standing,
        _words(standing, organisation(certificate), until, revoked),
        common_name(certificate),
        roles(certificate),
        organisation(certificate),
        until,
        key_words(request_here(folder)) if is_asked_for(folder) else _asked_by_stick(desk, folder),
        _has_giver(desk, folder) and standing in _RENEWABLE,
        fingerprint_of(root) if root else "",
        root_words(root) if root else "",
    )


def waiting_apart(desk: Surroundings) -> tuple[Identity, ...]:
    """That another programme was asked by file for a certificate, until its answer is here."""
    from assessor_desk.desk.by_file import asked_apart

    key = asked_apart(desk)
    words = "Another programme was asked by file: import the file with which it answers."
    return (Identity(IdentityStanding.NONE, words, key_words=key),) if key else ()


def _asked_by_stick(desk: Surroundings, folder: Path) -> str:
    """The key's words of a request that waits on a stick; told once, with the first programme's."""
    from assessor_desk.desk.by_folder import ASKED, asked

    if folder != desk.identity or desk.store.fact(ASKED) is None:
        return ""
    waiting = asked(desk)
    return waiting.key_words if waiting is not None else ""


_RENEWABLE = (IdentityStanding.ISSUED, IdentityStanding.ENDING)


def _has_giver(desk: Surroundings, folder: Path) -> bool:
    """Whether a source that this desk is connected to gave the certificate in a folder out."""
    sources: list[dict[str, Any]] = desk.store.fact(SOURCES, [])
    return any(
        gave_certificate(desk, one) and identity_for(desk.store, desk.identity, one["identity"]) == folder
        for one in sources
    )


def _standing(desk: Surroundings, until: datetime, issued: bool, revoked: bool) -> IdentityStanding:
    if revoked:
        return IdentityStanding.REVOKED
    if until < desk.clock():
        return IdentityStanding.ENDED
    if not issued:
        return IdentityStanding.SELF_MADE
    return IdentityStanding.ENDING if until - desk.clock() < RENEWED_BEFORE else IdentityStanding.ISSUED


def _words(standing: IdentityStanding, issuer: str, until: datetime, revoked: str) -> str:
    match standing:
        case IdentityStanding.REVOKED:
            return revoked
        case IdentityStanding.ENDED:
            return f"Ended on {until:%Y-%m-%d}: nothing can be sealed until the desk is connected again."
        case IdentityStanding.SELF_MADE:
            return "Not vouched for by any issuer yet: import the file with which your programme answers the request."
        case IdentityStanding.ENDING:
            return f"Issued by {issuer}, holds until {until:%Y-%m-%d}. A round renews it."
    return f"Issued by {issuer}, holds until {until:%Y-%m-%d}."
