"""The next certificate in time: a round asks for it, and says so calmly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assessor_desk.desk.identity import (
    RENEWED_BEFORE,
    certificate_until,
    finish_exchange,
    next_is_ready,
    renew,
)
from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable, sentence
from assessor_desk.keys.signing import is_issued, load_identity
from assessor_desk.verdict.trust import TrustList, Untrusted

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from assessor_desk.desk.connecting import Surroundings
    from assessor_desk.sync.source import Source

#: When a certificate that ends was last spoken of: once a day is enough.
_SPOKEN = "certificate_spoken_of"


def renew_where_due(desk: Surroundings, source: Source, trust: TrustList | None) -> str:
    """Renew the certificate where it ends soon; a sentence on that, empty where there is nothing to say.

    What cannot be done now is tried in the next round, and told once a day. A renewal that was cut short is finished.
    """
    finish_exchange(desk.identity)
    until, now = certificate_until(desk.identity), desk.clock()
    if until is None or not is_issued(load_identity(desk.identity)[0]):
        return ""
    note_until(desk, until)
    if until - now >= RENEWED_BEFORE:
        return ""
    if until < now:
        return _once_a_day(desk, f"Your certificate ended on {until:%Y-%m-%d}. {_NEW_CODE}")
    if not next_is_ready(desk.identity):
        return _once_a_day(desk, f"Your certificate ends on {until:%Y-%m-%d}. {_SIGN_FIRST}")
    try:
        return renew_now(desk, source, trust)
    except Unavailable:
        return ""
    except DeskError as error:
        return _once_a_day(
            desk, f"Your certificate ends on {until:%Y-%m-%d} and was not renewed. {sentence(error)}"
        )


def renew_now(desk: Surroundings, source: Source, trust: TrustList | None) -> str:
    """Renew the certificate with the key that lies ready. Raises what asking raises."""

    def check(certificate: x509.Certificate) -> None:
        refuse_unvouched(certificate, trust, desk.clock())

    until = renew(desk.identity, source.renew, check)
    note_until(desk, until)
    return f"Your certificate was renewed and holds until {until:%Y-%m-%d}."


def refuse_unvouched(certificate: x509.Certificate, trust: TrustList | None, now: datetime) -> None:
    """Raise Damaged for a certificate that the trust list does not vouch for."""
    if trust is None:
        raise Refused("There is no trust list to check the certificate with. Connect this desk again")
    try:
        trust.check_chain(certificate, now)
    except Untrusted as trouble:
        raise Damaged(f"The certificate does not count: {trouble}. Tell your programme") from trouble
    if (entry := trust.revoked(certificate)) is not None:
        raise Damaged(f"The certificate was revoked on {entry.at:%Y-%m-%d} already. Tell your programme")


def note_until(desk: Surroundings, until: datetime) -> None:
    """Keep until when the certificate holds in the desk's profile, which tells of the first programme's."""
    if desk.further:
        return
    with desk.store.transaction() as work:
        profile: dict[str, Any] | None = work.fact("profile")
        if profile is not None and profile["certificate_until"] != until.isoformat():
            work.set_fact("profile", {**profile, "certificate_until": until.isoformat()})
            work.commit()


def _once_a_day(desk: Surroundings, words: str) -> str:
    today = f"{desk.clock():%Y-%m-%d}"
    if desk.store.fact(_SPOKEN) == today:
        return ""
    desk.store.set_fact(_SPOKEN, today)
    return words


_NEW_CODE = (
    "Nothing can be sealed until this desk is connected again. Ask your programme for a new code; what you wrote "
    "stays."
)
_SIGN_FIRST = "It is renewed by itself once you have sealed something, or at once in Settings under Identity."
