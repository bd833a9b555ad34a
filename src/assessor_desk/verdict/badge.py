"""Checking a badge, offline: an Open Badges 3.0 credential as JSON, or baked into PNG or SVG.

The badge says which key signed it. Whose key that is says `badge-issuer.json`, signed in `badge-issuer.json.p7s` by
the authority on the trust list that also stands behind packets; which badges were revoked says `badge-status-1.json`,
signed by that key. These *papers* come from the issuer. Nothing in a badge vouches for itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.keys.badge_key import method_of
from assessor_desk.keys.data_integrity import check_proof
from assessor_desk.keys.signing import organisation
from assessor_desk.places import schemas
from assessor_desk.protocol.baked import LARGEST, PNG, credential_in, may_be_badge
from assessor_desk.protocol.status_list import is_set

from .detached import ISSUER_ROLE, refuse_without, verify_detached
from .facts import Fact, FactId, Standing, Subject, Verdict
from .trust import TrustList

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

ISSUER_FILE = "badge-issuer.json"
#: Also of keys that the issuer gave up.
ISSUER_FILES = "badge-issuer*.json"
SIGNATURE_SUFFIX = ".p7s"
STATUS_FILES = "badge-status-*.json"
_OPEN_BADGES, _PROOF = "Open Badges 3.0", "eddsa-rdfc-2022"
_LONGEST = 44
_ACHIEVEMENTS = {"OpenBadgeCredential", "AchievementCredential"}
_STATUS = "status list"
#: How far the issuer's clock may be ahead of this one's.
_AHEAD_SECONDS = 600


@dataclass(frozen=True, slots=True)
class BadgePapers:
    """What the issuer publishes beside its badges: documents on its key with their signatures, and status lists."""

    issuers: tuple[tuple[bytes, bytes], ...] = ()
    lists: tuple[bytes, ...] = ()

    @classmethod
    def beside(cls, *folders: Path) -> BadgePapers:
        """The papers that lie in these folders, by their usual names. What cannot be read is as good as not there."""
        found = {
            path.resolve(): content for folder in folders for path, content in _files(folder, STATUS_FILES)
        }
        documents: dict[Path, tuple[bytes, bytes]] = {}
        for folder in folders:
            for path, content in _files(folder, ISSUER_FILES):
                signature = dict(_files(folder, path.name + SIGNATURE_SUFFIX))
                documents[path.resolve()] = (content, next(iter(signature.values()), b""))
        return cls(tuple(documents.values()), tuple(found.values()))

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> BadgePapers:
        """The papers among files held in memory, by name."""
        documents = tuple(
            (content, files.get(name + SIGNATURE_SUFFIX, b""))
            for name, content in files.items()
            if fnmatchcase(name, ISSUER_FILES)
        )
        lists = tuple(content for name, content in files.items() if name.startswith("badge-status-"))
        return cls(documents, lists)

    def and_also(self, other: BadgePapers) -> BadgePapers:
        """Both."""
        return BadgePapers((*self.issuers, *other.issuers), (*self.lists, *other.lists))


def looks_like_badge(path: Path) -> bool:
    """Whether a file begins as a picture or JSON does, and so may be a badge; a packet never does."""
    try:
        with path.open("rb") as file:
            return may_be_badge(file.read(64))
    except OSError:
        return False


def verify_badge_file(path: Path, trust: TrustList | None, papers: BadgePapers, now: datetime) -> Verdict:
    """All facts about the badge at `path`. Raises Refused where it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as trouble:
        raise Refused(f"{path} cannot be read: {trouble.strerror or trouble}") from trouble
    return verify_badge(data, path.name, trust, papers, now)


def verify_badge(
    data: bytes, name: str, trust: TrustList | None, papers: BadgePapers, now: datetime
) -> Verdict:
    """All facts about a badge held in memory; `name` is what the verdict calls it."""
    try:
        content = credential_in(data)
        badge = _refuse_other(_parsed(content))
    except (Damaged, Refused) as trouble:
        words = f"This is no badge: {trouble}"
        fact = Fact(FactId.STRUCTURE, Standing.BAD, words, basis=_OPEN_BADGES)
        return Verdict(name, (fact,), Subject(badge="?"))
    subject = _subject(badge)
    digest = hashlib.sha256(content).hexdigest()
    structure = Fact(FactId.STRUCTURE, Standing.GOOD, _carried(data), basis=_OPEN_BADGES)
    unknown = _first_fault("badge", badge)
    if unknown:
        return Verdict(name, (structure, _not_ours(unknown)), subject, digest)
    words = "Everything in it is covered by its proof"
    contents = Fact(FactId.CONTENTS, Standing.GOOD, words, basis=_OPEN_BADGES)
    facts = (structure, contents, *_about_issuer(badge, trust, papers, now), _about_time(badge, now))
    return Verdict(name, facts, subject, digest)


def check_contained(content: bytes, decision: str) -> None:
    """Check the badge in a case file: that it is whole by its own proof, and is for the decision of this digest.

    Whose key made the proof says the issuer's signature over the case file. Raises Refused where this version does
    not know such a badge, Damaged where it does not hold or is for something else.
    """
    badge = _refuse_other(_parsed(content))
    if fault := _first_fault("badge", badge):
        raise Refused(fault)
    check_proof(badge, badge["issuer"]["id"])
    if f"urn:sha256:{decision}" not in {one["id"] for one in badge["evidence"]}:
        raise Damaged("it is for another decision")


def _refuse_other(document: dict[str, Any]) -> dict[str, Any]:
    kinds = document.get("type")
    if "@context" not in document or not isinstance(kinds, list) or not _ACHIEVEMENTS & set(map(str, kinds)):
        raise Refused("it is no Open Badges 3.0 credential")
    return document


def _about_issuer(
    badge: Mapping[str, Any], trust: TrustList | None, papers: BadgePapers, now: datetime
) -> Iterator[Fact]:
    did = badge["issuer"]["id"]
    try:
        check_proof(badge, did)
    except (Damaged, Refused) as trouble:
        yield Fact(
            FactId.SIGNATURE, Standing.BAD, f"The badge's proof does not hold: {trouble}", basis=_PROOF
        )
        return
    words = "Unaltered since it was signed with the issuer's key"
    yield Fact(FactId.SIGNATURE, Standing.GOOD, words, _short(did), _PROOF)
    chain = _chain(badge, trust, papers, now)
    yield _signer(badge, chain.standing is Standing.GOOD)
    yield chain
    yield _revocation(badge, papers, now, vouched=chain.standing is Standing.GOOD)


def _signer(badge: Mapping[str, Any], vouched: bool) -> Fact:
    title = badge["issuer"]["name"]
    if vouched:
        return Fact(FactId.SIGNER, Standing.GOOD, f"Issued by {title}", basis="issuer's CMS")
    words = f"Says that {title} issued it, which nothing here vouches for"
    return Fact(FactId.SIGNER, Standing.STATED, words, basis="stated")


def _chain(badge: Mapping[str, Any], trust: TrustList | None, papers: BadgePapers, now: datetime) -> Fact:
    """Whether the authority on the trust list says that this key is the issuer's, and was when it signed the badge."""
    basis, did = "issuer's CMS", badge["issuer"]["id"]
    if trust is None:
        return Fact(FactId.CHAIN, Standing.UNKNOWN, "Not checked: no trust list was given", basis=basis)
    fitting = [pair for pair in papers.issuers if _is_about(pair[0], did)]
    if not fitting:
        words = (
            f"Not checked: no {ISSUER_FILE} of this key is at hand. The issuer publishes it with trust.pem"
        )
        return Fact(FactId.CHAIN, Standing.UNKNOWN, words, basis=basis)
    troubles, vouching = list[str](), list[tuple[bytes, str]]()
    for document, signature in fitting:
        try:
            signed = verify_detached(document, signature, trust, now)
            refuse_without(ISSUER_ROLE, signed, "it is signed by nobody who may issue")
            vouching.append((document, organisation(signed.certificate)))
        except (Damaged, Refused) as trouble:
            troubles.append(str(trouble))
    if not vouching:
        return Fact(FactId.CHAIN, Standing.BAD, f"{ISSUER_FILE} does not count: {troubles[0]}", basis=basis)
    # A document from before does not know yet that the key was given up: one that does counts.
    given_up = min(filter(None, (_given_up(document) for document, _ in vouching)), default=None)
    if given_up is not None and _at(badge, "validFrom") >= given_up:
        words = f"The issuer gave this key up on {given_up:%Y-%m-%d}, before the badge was issued"
        return Fact(FactId.CHAIN, Standing.BAD, words, basis=basis)
    words = f"{vouching[0][1]} vouches for this key, as for the packets"
    until = f", until {given_up:%Y-%m-%d}" if given_up else ""
    return Fact(FactId.CHAIN, Standing.GOOD, f"{words}{until}", f"Trust list of {trust.title}", basis)


def _given_up(document: bytes) -> datetime | None:
    told = _parsed(document)["verificationMethod"][0].get("revoked")
    return None if told is None else datetime.fromisoformat(told)


def _short(name: str) -> str:
    """A long identifier within a line: its ends tell it from others."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 9]}…{name[-8:]}"


def _is_about(document: bytes, did: str) -> bool:
    try:
        stated = _parsed(document)
    except Refused:
        return False
    if _first_fault("badge-issuer", stated):
        return False
    method = stated["verificationMethod"][0]
    if not _is_day(method.get("revoked", "2000-01-01")):
        return False
    own = (stated["id"], method["controller"], method["id"], stated["assertionMethod"][0])
    return own == (did, did, method_of(did), method_of(did)) and did.endswith(
        f":{method['publicKeyMultibase']}"
    )


def _revocation(badge: Mapping[str, Any], papers: BadgePapers, now: datetime, *, vouched: bool) -> Fact:
    """What the status lists at hand say: a revocation in any of them stands, for the rest the newest counts.

    One signed by nobody known says nothing.
    """
    entry, did = badge["credentialStatus"], badge["issuer"]["id"]
    lists = [one for one in map(_status_list, papers.lists) if one and _counts_for(one, entry, did)]
    if not lists or not vouched:
        words = "Not known: no status list of the issuer's is at hand"
        return Fact(
            FactId.REVOCATION, Standing.UNKNOWN, words, _short(entry["statusListCredential"]), _STATUS
        )
    newest = max(lists, key=lambda one: str(one["validFrom"]))
    try:
        revoking = [one for one in lists if _sets(one, entry)]
    except (Damaged, Refused) as trouble:
        return Fact(FactId.REVOCATION, Standing.UNKNOWN, f"Not known: {trouble}", basis=_STATUS)
    day = f"{_at(newest, 'validFrom'):%Y-%m-%d}"
    if revoking:
        words = f"The issuer revoked this badge, says its list of {_at(revoking[-1], 'validFrom'):%Y-%m-%d}"
        return Fact(FactId.REVOCATION, Standing.BAD, words, basis=_STATUS)
    if _at(newest, "validFrom") < _at(badge, "validFrom"):
        words = f"Not known: the list at hand, of {day}, is older than the badge"
        return Fact(FactId.REVOCATION, Standing.UNKNOWN, words, basis=_STATUS)
    if now > _at(newest, "validUntil"):
        words = f"Not revoked by {day}; not known since: that list is out of date"
        return Fact(FactId.REVOCATION, Standing.UNKNOWN, words, basis=_STATUS)
    return Fact(FactId.REVOCATION, Standing.GOOD, f"Not revoked, says the list of {day}", basis=_STATUS)


def _sets(stated: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    return is_set(stated["credentialSubject"]["encodedList"], int(entry["statusListIndex"]))


def _status_list(content: bytes) -> dict[str, Any] | None:
    try:
        stated = _parsed(content)
    except Refused:
        return None
    return None if _first_fault("badge-status", stated) else stated


def _counts_for(stated: Mapping[str, Any], entry: Mapping[str, Any], did: str) -> bool:
    if stated["id"] != entry["statusListCredential"] or stated["issuer"] != did:
        return False
    try:
        check_proof(stated, did)
    except (Damaged, Refused):
        return False
    return True


def _about_time(badge: Mapping[str, Any], now: datetime) -> Fact:
    issued = _at(badge, "validFrom")
    if "validUntil" in badge and now >= _at(badge, "validUntil"):
        words = f"It counted until {_at(badge, 'validUntil'):%Y-%m-%d}"
        return Fact(FactId.TIME, Standing.BAD, words, f"Issued {issued:%Y-%m-%d}", "stated")
    if (issued - now).total_seconds() > _AHEAD_SECONDS:
        words = f"It counts from {issued:%Y-%m-%d} only"
        return Fact(FactId.TIME, Standing.BAD, words, basis="stated")
    until = f", counts until {_at(badge, 'validUntil'):%Y-%m-%d}" if "validUntil" in badge else ""
    words = f"Issued {issued:%Y-%m-%d}, as the issuer says{until}"
    return Fact(FactId.TIME, Standing.STATED, words, basis="stated")


def _not_ours(fault: str) -> Fact:
    """A later version's badge, or another issuer's: said, not judged."""
    words = "Not checked: it has parts that this version does not know, which may need a newer one"
    return Fact(FactId.CONTENTS, Standing.UNKNOWN, words, fault, _OPEN_BADGES)


def _carried(data: bytes) -> str:
    if data.startswith(PNG):
        return "A picture (PNG) with one credential in it"
    return "A credential" if data.lstrip()[:1] == b"{" else "A picture (SVG) with one credential in it"


def _subject(badge: Mapping[str, Any]) -> Subject:
    issuer = badge.get("issuer")
    title = issuer.get("name", "") if isinstance(issuer, Mapping) else issuer
    name = badge.get("name", "")
    return Subject(
        micro_credential=name if isinstance(name, str) else "",
        person=title if isinstance(title, str) else "",
        role="issuer",
        badge=str(badge.get("id", "")) or "?",
    )


def _at(document: Mapping[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(document[name])


def _parsed(content: bytes) -> dict[str, Any]:
    """JSON read strictly: a name given twice could mean one thing here and another elsewhere."""
    try:
        parsed = json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as trouble:
        raise Refused("it cannot be read as JSON") from trouble
    if not isinstance(parsed, dict):
        raise Refused("it is no JSON object")
    return parsed


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _first_fault(schema: str, document: Mapping[str, Any]) -> str:
    """What a schema of ours finds wrong first; empty where it is fulfilled and every time in it is one."""
    fault = next(iter(_rules(schema).iter_errors(document)), None)
    if fault is not None:
        return f"{fault.json_path}: {fault.message[:200]}"
    times = (name for name in ("validFrom", "validUntil") if name in document)
    return next((f"$.{name}: no day of any year" for name in times if not _is_day(document[name])), "")


def _is_day(words: str) -> bool:
    try:
        datetime.fromisoformat(words)
    except ValueError:
        return False
    return True


@cache
def _rules(schema: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    text = (schemas() / f"{schema}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _files(folder: Path, pattern: str) -> Iterable[tuple[Path, bytes]]:
    for path in sorted(folder.glob(pattern)):
        try:
            with path.open("rb") as file:
                yield path, file.read(LARGEST)
        except OSError:
            continue
