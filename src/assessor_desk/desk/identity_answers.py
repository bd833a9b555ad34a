"""How the desk's certificate stands, in plain facts and one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from assessor_desk.desk.connecting import PROFILE, REVOKED
from assessor_desk.desk.identity import RENEWED_BEFORE, is_asked_for, request_here
from assessor_desk.keys.signing import (
    CERTIFICATE_FILE,
    common_name,
    is_issued,
    key_words,
    load_identity,
    organisation,
    roles,
)

if TYPE_CHECKING:
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

    @property
    def vouched_for(self) -> bool:
        """Whether an issuer stands behind what is signed with it now."""
        return self.standing in (IdentityStanding.ISSUED, IdentityStanding.ENDING)


def identity_of(desk: Surroundings) -> Identity:
    """How the certificate stands now."""
    if not (desk.identity / CERTIFICATE_FILE).exists():
        return Identity(
            IdentityStanding.NONE, "No certificate yet: connect to a hub, or request one by file."
        )
    certificate = load_identity(desk.identity)[0]
    until = certificate.not_valid_after_utc
    standing = _standing(desk, until, is_issued(certificate))
    profile = desk.store.fact(PROFILE)
    return Identity(
        standing,
        _words(standing, organisation(certificate), until, desk.store.fact(REVOKED, "")),
        common_name(certificate),
        roles(certificate),
        organisation(certificate),
        until,
        key_words(request_here(desk.identity)) if is_asked_for(desk.identity) else "",
        bool(profile and profile["source_address"]) and standing in _RENEWABLE,
    )


_RENEWABLE = (IdentityStanding.ISSUED, IdentityStanding.ENDING)


def _standing(desk: Surroundings, until: datetime, issued: bool) -> IdentityStanding:
    if desk.store.fact(REVOKED):
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
