"""Several programmes at one desk: who vouches for each one's packets, and what the person signs with there.

Each source keeps the trust list that came from it; one that came by file is kept beside them. A person has another
number in each programme, and so another key and certificate: the first programme's lie in the identity folder itself,
those of each further one in a folder named after its root.

::

    identity/…                       the first programme's, or what the person made themselves
    identity/programmes/<root>/…     a further programme's
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.desk.destroying import attest_custody
from assessor_desk.desk.identity import open_signer
from assessor_desk.domain.errors import Damaged, Refused, WrongPassphrase
from assessor_desk.keys.signing import (
    CERTIFICATE_FILE,
    common_name,
    is_issued,
    load_identity,
    read_certificates,
    roles,
)
from assessor_desk.verdict.trust import TrustList, fingerprint_of

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from assessor_desk.domain.roles import Role
    from assessor_desk.keys.signing import Signer
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store
    from assessor_desk.store.writing import Writing

TRUST, TRUST_SIGNATURE = "trust.pem", "trust.pem.p7s"
SOURCES = "sources"
#: In the place of a source's name: what came in a file.
BY_FILE = "by file"
_FURTHER = "programmes"
#: So many hexadecimal digits of a root's SHA-256 name its folder.
_NAME = 32


@dataclass(frozen=True, slots=True)
class _Known:
    """A certificate that an issuer gave this desk, where it lies below the identity folder, and its root."""

    place: str
    certificate: x509.Certificate
    root: x509.Certificate


def trust_list(store: Store, source: str = "") -> TrustList | None:
    """The trust list that came from a source; without one named, all that this desk trusts. None where none came.

    A source that has none, as a learning platform, is judged by what came by file. A desk from before several
    programmes could be on one has a list that names no source: it was its only one's.
    """
    with store.reading() as view:
        lists = _lists(view)
    if source:
        own = lists.get(source) or lists.get("") or lists.get(BY_FILE)
        return TrustList.parse(own) if own else None
    return TrustList.together([TrustList.parse(one) for one in lists.values()]) if lists else None


def _lists(view: Reading) -> Mapping[str, bytes]:
    """The trust lists here, by the source that each came from."""
    return {one.version: one.canonical for one in view.published_of("trust") if one.id == TRUST}


def refuse_mixed(store: Store, source: str, fresh: TrustList) -> None:
    """Refuse a list that has another programme's authority under its own root. Raises Damaged."""
    with store.reading() as view:
        others = [TrustList.parse(one) for place, one in _lists(view).items() if place != source]
    try:
        TrustList.together([fresh, *others])
    except Refused as trouble:
        raise Damaged(
            "The source sent a trust list with an authority of another programme of yours in it, which is not taken"
        ) from trouble


def identity_folders(identity: Path) -> list[Path]:
    """Every folder with a key or certificate of this desk, the first programme's first."""
    further = identity / _FURTHER
    return [identity, *(sorted(further.iterdir()) if further.is_dir() else ())]


def identity_for(store: Store, identity: Path, source: str) -> Path:
    """The folder with what the person signs with for a source."""
    kept: list[dict[str, Any]] = store.fact(SOURCES, [])
    return identity / next((one.get("identity_at", "") for one in kept if one["identity"] == source), "")


def person_at(store: Store, identity: Path, source: str) -> str:
    """The number by which a source knows the person, whichever of their programmes was connected first.

    Where it was connected before that was kept, a further programme's certificate says it; the profile the first one's.
    """
    kept = store.fact(SOURCES, [])
    if told := _told_person(kept, source):
        return told
    folder = identity_for(store, identity, source)
    if folder != identity and (folder / CERTIFICATE_FILE).exists():
        return common_name(load_identity(folder)[0])
    return str(store.fact("profile")["person"])


def sealed_for(store: Store, identity: Path, source: str) -> str:
    """The number that what goes between the person's computers at a source is sealed for, once and for all.

    It is the one that they began with. Before it was kept with what they share, that was the first programme's also at
    a further one; without anything shared it is `person_at`.
    """
    from assessor_desk.sync.bond import bond_name

    with store.reading() as view:
        kept = view.fact(bond_name(source))
        if kept is not None:
            return str(kept.get("person") or began_with(view, source))
    return person_at(store, identity, source)


def began_with(facts: Reading | Writing, source: str) -> str:
    """The number that was sealed for before it was kept with what the person's computers share; empty for nobody's."""
    profile = facts.fact("profile")
    return _told_person(facts.fact(SOURCES, []), source) or (
        "" if profile is None else str(profile["person"])
    )


def _told_person(sources: Iterable[Mapping[str, Any]], source: str) -> str:
    return next((str(one.get("person", "")) for one in sources if one["identity"] == source), "")


def signer_for(store: Store, identity: Path, source: str, passphrase: str, now: datetime) -> Signer:
    """What the person signs with for a source.

    Raises Refused for a wrong passphrase, where there is no certificate or it has ended, and where it counts no more
    because it, or the authority that issued it, was revoked.
    """
    try:
        signer = open_signer(identity_for(store, identity, source), passphrase, now)
    except WrongPassphrase as error:
        _tell_of_a_change_cut_short(identity, passphrase, error)
        raise
    if words := revoked_here(store, signer.certificate):
        raise Refused(f"{words} What you wrote stays")
    if source:
        attest_custody(store, source, signer, now)
    return signer


def _tell_of_a_change_cut_short(identity: Path, passphrase: str, error: WrongPassphrase) -> None:
    """Raise Refused where it opens the desk all the same: of all that a change writes, only a part took its name."""
    from assessor_desk.desk.folder import DeskFolder
    from assessor_desk.keys.envelope import Envelope

    try:
        Envelope.load(DeskFolder(identity.parent).keys).unlock(passphrase)
    except (Refused, Damaged):
        return
    raise Refused(
        "Your passphrase was being changed when the program ended: this one opens the desk, and the other one your "
        "signing key. Change the passphrase once more, to the one that you wanted"
    ) from error


def revoked_here(store: Store, certificate: x509.Certificate) -> str:
    """That a certificate counts no more, as far as this desk's trust lists know, and what to do; else empty."""
    trust = trust_list(store)
    entry = None if trust is None else trust.revoked(certificate)
    if entry is None:
        return ""
    whose = f"{entry.authority}, which issued your certificate," if entry.authority else "Your certificate"
    return (
        f"{whose} was revoked on {entry.at:%Y-%m-%d}. Ask your programme for a new code, and connect again."
    )


def folder_of(identity: Path, root: str) -> Path:
    """The folder of the programme whose root has that SHA-256. Raises Refused where this desk does not sign for it."""
    for one in _known(identity):
        if fingerprint_of(one.root) == root:
            return identity / one.place
    raise Refused("This desk has no certificate of that programme. See “identity show”")


def identity_under(identity: Path, root: str) -> Path:
    """The folder whose certificate is under the root of that SHA-256; the first programme's where none is."""
    return next(
        (identity / one.place for one in _known(identity) if fingerprint_of(one.root) == root), identity
    )


def place_for(identity: Path, chain: bytes) -> str:
    """Where what a programme certifies belongs, told by its chain (PEM), as a path below the identity folder."""
    root = read_certificates(chain)[-1]
    known = list(_known(identity))
    same = next((one.place for one in known if one.root == root), None)
    if same is not None:
        return same
    taken = any(one.place == "" for one in known)
    return f"{_FURTHER}/{fingerprint_of(root)[:_NAME]}" if taken else ""


def roles_in_all(
    identity: Path, place: str, given: Iterable[str], others: Iterable[Mapping[str, Any]]
) -> list[str]:
    """The roles that a person has in any programme, in alphabetical order.

    They are what they were `given` at `place`, what the `others` told (facts of sources), and what is certified. A
    certificate at `place` itself is not asked: it may be from before the roles there were changed.
    """
    told = [role for one in others for role in one.get("roles", ())]
    certified = [role for one in _known(identity) if one.place != place for role in roles_of(one.certificate)]
    return sorted({*given, *told, *certified})


def roles_of(certificate: x509.Certificate) -> list[Role]:
    """The roles that a person's certificate names."""
    from assessor_desk.domain.roles import Role

    return [Role(one) for one in roles(certificate) if one in set(Role)]


def refuse_another_person(identity: Path, place: str, person: str) -> None:
    """Raise Refused where the desk's certificate at `place` says another number in the same programme."""
    for one in _known(identity):
        if one.place == place and common_name(one.certificate) != person:
            raise Refused(
                f"This desk belongs to {common_name(one.certificate)} and the code to {person}. "
                "Make another desk for them"
            )


def _known(identity: Path) -> Iterator[_Known]:
    for folder in identity_folders(identity):
        if (folder / CERTIFICATE_FILE).exists():
            certificate, chain = load_identity(folder)
            if is_issued(certificate):
                place = "" if folder == identity else folder.relative_to(identity).as_posix()
                yield _Known(place, certificate, chain[-1])
