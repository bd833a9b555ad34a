"""Whether the packet is a bag as it should be, holds what was listed, and nothing else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .archive import Archive
from .documents import is_canonical, moved_from, parsed
from .facts import Fact, FactId, Standing
from .layout import (
    ANNOTATIONS,
    ASSIGNMENT,
    ASSIGNMENT_SIGNATURE,
    AWARD,
    BADGE,
    BAG_INFO,
    BAGIT,
    BAGIT_TEXT,
    DECISION,
    EVIDENCE,
    FEEDBACK,
    FROM_THE_ISSUER,
    MANIFEST,
    POLICY,
    REVIEW,
    RUBRIC,
    RUBRIC_SIGNATURE,
    SIGNATURE_NAME,
    SIGNATURES,
    TAG_MANIFEST,
    TOP_NAME,
    Layout,
    is_signature_file,
    layout_of,
)
from .newer import ALWAYS

Files = Mapping[str, bytes]

_LINE = re.compile(r"([0-9a-f]{64})  ([^\s/][^\n]*)")
_NAMED = ((FEEDBACK, "feedback"), (RUBRIC, "rubric"), (POLICY, "policy"), (EVIDENCE, "evidence"))
_JSON = (FEEDBACK, REVIEW, DECISION, AWARD, BADGE, RUBRIC, POLICY, ASSIGNMENT, ANNOTATIONS)


def structure(archive: Archive) -> Fact:
    """One folder, a BagIt 1.0 bag in it, an archive that can be read in one way only."""
    troubles = list(archive.troubles)
    if not TOP_NAME.fullmatch(archive.top):
        troubles.append(f"The folder {archive.top!r} is not named as a packet's is")
    if archive.files.get(BAGIT, BAGIT_TEXT) != BAGIT_TEXT:
        troubles.append(f"{BAGIT} does not declare BagIt 1.0 in UTF-8")
    good = "A BagIt 1.0 bag in one folder, no surprising names"
    return _fact(FactId.STRUCTURE, troubles, good, f"{len(archive.files)} files", "RFC 8493")


def contents(archive: Archive, newer: bool = False) -> Fact:
    """Every listed file is what was listed, and the documents name one another by the right digests.

    Of a `newer` format the documents are not looked into.
    """
    troubles = list(_differing(archive.files))
    if not troubles:
        troubles = [*_miscounted(archive.files), *(() if newer else _inconsistent(archive))]
    return _fact(FactId.CONTENTS, troubles, "Every listed file is what was signed", "", "SHA-256")


def files(archive: Archive, newer: bool = False) -> Fact:
    """All required files are there, and none that is not listed or, but in a `newer` format, not known."""
    required = ALWAYS if newer else layout_of(archive.top).required
    troubles = [*_missing(archive, required), *_extra(archive)]
    if not newer:
        troubles += [*_halves(archive.files), *_unknown(archive)]
    good = "No file is missing, none was added"
    return _fact(FactId.FILES, troubles, good, f"{len(archive.files)} files", "RFC 8493")


def read_stated(archive: Archive) -> dict[str, Any]:
    """What the bag says of itself, `data/review.json` or `data/decision.json`; empty where it cannot be read."""
    document = _parsed(archive.files.get(layout_of(archive.top).stated, b""))
    return document if isinstance(document, dict) else {}


def read_manifest(content: bytes) -> dict[str, str] | None:
    """File name → SHA-256, None where a line is not as it should be or a name comes twice."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    lines = [_LINE.fullmatch(line) for line in text.split("\n")[:-1]]
    listed = {line[2]: line[1] for line in lines if line}
    return listed if text.endswith("\n") and len(listed) == len(lines) and all(lines) else None


def _fact(fact_id: FactId, troubles: list[str], good: str, detail: str, basis: str) -> Fact:
    if not troubles:
        return Fact(fact_id, Standing.GOOD, good, detail, basis)
    return Fact(fact_id, Standing.BAD, troubles[0], "; ".join(troubles[1:6]), basis)


def _differing(found: Files) -> Iterator[str]:
    for manifest in (TAG_MANIFEST, MANIFEST):
        if manifest not in found:
            continue
        listed = read_manifest(found[manifest])
        if listed is None:
            yield f"{manifest} is no list of files and digests"
            continue
        for name, digest in listed.items():
            if name in found and hashlib.sha256(found[name]).hexdigest() != digest:
                yield f"{name} differs from what was signed"


def _miscounted(found: Files) -> Iterator[str]:
    payload = {name: content for name, content in found.items() if name.startswith("data/")}
    if payload.keys() != (read_manifest(found.get(MANIFEST, b"")) or {}).keys():
        return  # `files` names what is missing or was added
    expected = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}\n".encode()
    if expected not in found.get(BAG_INFO, b""):
        yield f"{BAG_INFO} counts other files than there are"


def _inconsistent(archive: Archive) -> Iterator[str]:
    found, stated, layout = archive.files, read_stated(archive), layout_of(archive.top)
    for name in _JSON:
        if name in found and not is_canonical(found[name]):
            yield f"{name} is not canonical JSON"
    if not stated:
        yield f"{layout.stated} cannot be read"
        return
    digests = stated.get("digests")
    for name, key in _NAMED:
        named = digests.get(key) if isinstance(digests, dict) else None
        if name in found and named != hashlib.sha256(found[name]).hexdigest():
            yield f"{name} is another than {layout.stated} names"
    yield from _other_rules(found, stated, layout)
    yield from _wrongly_shown(found, digests if isinstance(digests, dict) else {})
    yield from _wrongly_moved(found, stated, layout)
    if archive.top != layout.top_folder(str(stated.get("id"))):
        yield f"The folder {archive.top} is not named after the {layout.about} in {layout.stated}"
    if layout.stated == DECISION:
        yield from _undecided(stated, _parsed(found.get(FEEDBACK, b"null")))


def _other_rules(found: Files, stated: Mapping[str, Any], layout: Layout) -> Iterator[str]:
    """Rubric and policy must be called what the document calls them: that is what the issuer assigned."""
    for name, key in ((RUBRIC, "rubric"), (POLICY, "policy")):
        rules = _parsed(found[name]) if name in found else None
        called = {part: rules.get(part) for part in ("id", "version")} if isinstance(rules, dict) else None
        if name in found and called != stated.get(key):
            yield f"{name} is not the {key} that {layout.stated} is by"


def _wrongly_shown(found: Files, digests: Mapping[str, Any]) -> Iterator[str]:
    """The evidence booklet is there where it is named, and only where the policy lets it leave the desk."""
    if "evidence" in digests and EVIDENCE not in found:
        yield f"{EVIDENCE} is missing"
    policy = _parsed(found.get(POLICY, b"null"))
    if EVIDENCE in found and not (isinstance(policy, dict) and policy.get("evidence_booklet") is True):
        yield f"{EVIDENCE} is there although {POLICY} keeps the evidence on the desk"


def _wrongly_moved(found: Files, stated: Mapping[str, Any], layout: Layout) -> Iterator[str]:
    """A rubric that was moved to is another version than before; only with one goes its issuer's signature."""
    before, rubric = moved_from(stated), stated.get("rubric")
    if "rubric_moved" in stated and not before:
        yield f"{layout.stated} says that its rubric was moved, and not from which version"
    if before and isinstance(rubric, dict) and rubric.get("version") == before:
        yield f"{layout.stated} says that its rubric was moved to the version that it had"
    if RUBRIC_SIGNATURE in found and not before:
        yield f"{RUBRIC_SIGNATURE} is there although the rubric was not moved"


def _undecided(decision: Mapping[str, Any], feedback: Any) -> Iterator[str]:
    """A decision has feedback with the same outcome, unless it passes the review back."""
    passed_back = decision.get("kind") == "passed_back"
    if passed_back != (feedback is None):
        yield (
            f"{FEEDBACK} is missing" if feedback is None else f"{FEEDBACK} is in a decision that passes back"
        )
    elif isinstance(feedback, dict) and feedback.get("outcome") != decision.get("outcome"):
        yield f"{FEEDBACK} says another outcome than {DECISION}"


def _parsed(content: bytes) -> Any:
    try:
        return parsed(content)
    except ValueError:
        return None


def _missing(archive: Archive, required: Sequence[str]) -> Iterator[str]:
    found = archive.files
    listed = [
        name
        for manifest in (TAG_MANIFEST, MANIFEST)
        for name in read_manifest(found.get(manifest, b"")) or ()
    ]
    absent = dict.fromkeys(name for name in (*required, *listed) if name not in found)
    yield from (f"{name} is missing" for name in absent)
    if not any(map(SIGNATURE_NAME.fullmatch, found)):
        yield f"{SIGNATURES} holds no signature"


def _halves(found: Files) -> Iterator[str]:
    if len(FROM_THE_ISSUER & found.keys()) == 1:
        yield f"{ASSIGNMENT_SIGNATURE if ASSIGNMENT in found else ASSIGNMENT} is missing"


def _extra(archive: Archive) -> Iterator[str]:
    found = archive.files
    yield from (f"{name} lies outside the packet's folder" for name in archive.outside)
    payload = read_manifest(found.get(MANIFEST, b"")) or {}
    tags = read_manifest(found.get(TAG_MANIFEST, b"")) or {}
    for name in found:
        signed_for = name in payload or name in tags or name == TAG_MANIFEST
        if not signed_for and not name.startswith(SIGNATURES):
            yield f"{name} was added: no signed list names it"


def _unknown(archive: Archive) -> Iterator[str]:
    """Files of no name that this format has, signed for or not."""
    found, layout = archive.files, layout_of(archive.top)
    for name in found:
        if name.startswith(SIGNATURES) and not is_signature_file(name, found):
            yield f"{name} is no signature of this packet"
    payload = read_manifest(found.get(MANIFEST, b"")) or {}
    tags = read_manifest(found.get(TAG_MANIFEST, b"")) or {}
    yield from _wrongly_listed(payload, layout.may_hold, layout, MANIFEST)
    yield from _wrongly_listed(tags, {BAGIT, MANIFEST, *layout.tags}.__contains__, layout, TAG_MANIFEST)


def _wrongly_listed(
    listed: Mapping[str, str], known: Callable[[str], bool], layout: Layout, manifest: str
) -> Iterator[str]:
    yield from (f"{name} in {manifest} is no file of a {layout.title}" for name in listed if not known(name))
