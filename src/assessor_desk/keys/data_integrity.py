"""Data Integrity proofs (W3C Data Integrity EdDSA Cryptosuites 1.0) on JSON-LD documents, by `eddsa-rdfc-2022`.

What is signed is the document's RDF in canonical form, so contexts decide what a signature covers. They come with the
program, are never fetched, and a word that they do not define is refused: it would be in the document and not in the
signature. PyLD is imported with the first document.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.places import resources

from .badge_key import BadgeKey, from_multibase, holds, method_of, multibase

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CRYPTOSUITE = "eddsa-rdfc-2022"
#: What a relative reference would be resolved against; PyLD leaves one out in silence where there is nothing.
_NOWHERE = "https://undefined.invalid/"
_CONTEXTS = {CREDENTIALS: "credentials-v2.json", OPEN_BADGES: "open-badges-3.0.3.json"}


def with_proof(document: Mapping[str, Any], key: BadgeKey, at: datetime) -> dict[str, Any]:
    """The document with a proof by `key`, in an array as the JSON Schema of Open Badges asks for.

    Raises Refused for a document with a word or context that is not known here.
    """
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verificationMethod": key.method,
        "proofPurpose": "assertionMethod",
    }
    signature = key.sign(_signed_bytes(document, proof))
    return {**document, "proof": [{**proof, "proofValue": multibase(signature)}]}


def check_proof(document: Mapping[str, Any], did: str) -> datetime:
    """Check that the document's one proof was made by the key of `did`; when the signer says so.

    Raises Damaged where it does not hold, Refused where it is not of the kind that can be checked here.
    """
    proof = _only_proof(document)
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") != CRYPTOSUITE:
        raise Refused(f"its proof is not of the kind {CRYPTOSUITE}, the only one that can be checked here")
    if proof.get("proofPurpose") != "assertionMethod" or proof.get("verificationMethod") != method_of(did):
        raise Damaged("its proof was made with another key than its issuer's")
    try:
        signature = from_multibase(str(proof.get("proofValue", "")))
        created = datetime.fromisoformat(str(proof.get("created", "")))
    except ValueError as error:
        raise Damaged("its proof cannot be read") from error
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if created.tzinfo is None or not holds(did, signature, _signed_bytes(unsigned, options)):
        raise Damaged("it was altered after it was signed")
    return created


def _only_proof(document: Mapping[str, Any]) -> Mapping[str, Any]:
    proof = document.get("proof")
    if isinstance(proof, list) and len(proof) == 1:
        proof = proof[0]
    if not isinstance(proof, Mapping):
        raise Damaged("it does not have one proof")
    return proof


def _signed_bytes(document: Mapping[str, Any], proof: Mapping[str, Any]) -> bytes:
    """The two digests that are signed, that of the proof's own options first (§3.2.4 of the cryptosuites)."""
    options = {"@context": document["@context"], **proof}
    return b"".join(hashlib.sha256(_canonical(each)).digest() for each in (options, document))


def _canonical(document: Mapping[str, Any]) -> bytes:
    """The document's RDF as canonical N-Quads (RDFC-1.0)."""
    from pyld import jsonld

    dropped: list[str] = []
    processor = jsonld.JsonLdProcessor(on_property_dropped=dropped.append)
    options: dict[str, Any] = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": _bundled,
    }
    options["base"] = _NOWHERE
    try:
        canonical: str = processor.normalize(dict(document), options)
    except jsonld.JsonLdError as error:
        raise Refused(f"its words cannot be read as JSON-LD ({error.type})") from error
    if _NOWHERE in canonical:
        raise Refused("it uses a word or a name that none of its contexts define, and no proof would cover")
    if dropped:
        raise Refused(f"it says “{dropped[0]}”, which none of its contexts define and no proof would cover")
    return canonical.encode()


def _bundled(url: str, _options: Mapping[str, Any]) -> dict[str, Any]:
    """A context that comes with the program; nothing is fetched."""
    if url not in _CONTEXTS:
        raise Refused(f"it rests on {url}, which does not come with this program and is not fetched")
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": _context(url),
    }


@cache
def _context(url: str) -> dict[str, Any]:
    path = resources() / "contexts" / _CONTEXTS[url]
    context: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return context
