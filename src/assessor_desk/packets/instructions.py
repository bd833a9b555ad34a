"""VERIFY.txt: how to check a packet or decision with tools that everybody can get.

Its commands are run by the tests as printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assessor_desk.protocol.documents import instant
from assessor_desk.verdict.layout import (
    ASSIGNMENT,
    ASSIGNMENT_SIGNATURE,
    AWARD,
    AWARD_SIGNATURE,
    BADGE,
    CHAIN,
    EVIDENCE,
    MANIFEST,
    REVIEW,
    RUBRIC,
    RUBRIC_SIGNATURE,
    TAG_MANIFEST,
    signature_files,
)

from .facts import AssignedFacts, BagFacts, moved_from, signer_title

OPENING = """\
How to check this {kind} without the program that made it
{rule}

Put the {kind} and the programme's trust list (trust.pem) into one empty folder and run the indented lines there,
in this order. The trust list comes from the programme, never out of a {kind}: certs/ in here proves nothing.
Keep a trust list for each programme: every authority in the one given is believed.
With the program itself: assessor-desk verify *.zip --trust trust.pem
In a browser, which sends nothing anywhere: the page verify.html, which the programme's hub has at /verify.
"""

_TASKS = {"packet": "assess", "decision": "decide on"}

CLOSING = """\
What none of this proves: what the signer only states (blindness, attestations), and, without a receipt or a
time-stamp in signatures/, that the time of signing is true. Nor does it find one changed byte that no signature
covers, such as in the wrapping of a signature file; assessor-desk verify does.
"""


def instructions(facts: AssignedFacts) -> str:
    """The text of VERIFY.txt for this packet or decision."""
    shown = _evidence() if facts.layout.record else ""
    return _text(
        facts, _contents(), _attested(facts), _record(facts), shown, _receipt(facts), _time_stamp(facts)
    )


@dataclass(frozen=True, slots=True)
class Contained:
    """A bag in a case file: its top folder, and which role signed it when."""

    top: str
    role: str
    sealed_at: datetime


def case_instructions(facts: BagFacts, contained: Sequence[Contained]) -> str:
    """The text of VERIFY.txt for a case file with these decisions and packets."""
    return _text(
        facts,
        _contents(),
        _award(facts),
        _badge(),
        _record(facts),
        _inner(contained),
        _receipt(facts),
        _time_stamp(facts),
    )


def _text(facts: BagFacts, *steps: str) -> str:
    top, kind = facts.layout.top_folder(facts.own_id), facts.layout.title
    opening = OPENING.format(kind=kind, rule="=" * (51 + len(kind)))
    every = (_unpacking(top), _one_programme(), _signature(facts), *steps)
    numbered = (f"{number}. {step}" for number, step in enumerate(filter(None, every), 1))
    return "\n".join([opening, *numbered, CLOSING])


def _step(title: str, *commands: str, then: str = "") -> str:
    lines = "".join(f"\n    {command}" for command in commands)
    return f"{title}\n{lines}\n" + (f"\n   {then}\n" if then else "")


def _unpacking(top: str) -> str:
    return _step("Unpack.", "unzip -q *.zip", f"cd {top}")


def _one_programme() -> str:
    """openssl believes every root in a file. Which part is whose says the order of a trust list: its root is first."""
    itself = "openssl verify -no_check_time -CAfile $one $one && openssl x509 -in $one -noout -ext basicConstraints"
    return _step(
        "The trust list, taken apart by programme: each begins with its root.",
        "csplit -s -z -f ../part- ../trust.pem '/^-----BEGIN/' '{*}'",
        f"n=0; for one in ../part-*; do ({itself}) 2>/dev/null | grep -q CA:TRUE && n=$((n+1));"
        " cat $one >> ../programme-$n.pem; done",
        "for one in ../programme-*.pem; do openssl x509 -in $one -noout -subject -fingerprint -sha256; done",
        then="One root is usual. Where there are several, put that of the programme in question in the place of\n"
        "   the list (cp ../programme-2.pem ../trust.pem): the one with the fingerprint that the programme publishes.\n"
        "   Else another programme on the list could have signed what is said to be this one's.",
    )


def _check(signature: str, content: str, at: datetime) -> str:
    """Certificates and revocation as of the signing, so that the line still works when they have expired."""
    return (
        f"openssl cms -verify -cades -binary -inform DER -in {signature} -content {content}"
        f" -CAfile ../trust.pem -crl_check_all -attime {int(at.timestamp())} -out /dev/null"
    )


def _signature(facts: BagFacts) -> str:
    signature = signature_files(facts.role).name
    return _step(
        f"The signature. {_signer(facts)} signed the list of contents on {instant(facts.at)}.",
        _check(signature, TAG_MANIFEST, facts.at),
        then="It must say: CAdES Verification successful. If it does not, nothing below matters.",
    )


def _signer(facts: BagFacts) -> str:
    return "The issuer" if facts.role == facts.person else signer_title(facts)


def _contents() -> str:
    return _step(
        "The contents. Every file is what was signed, and there is none besides.",
        f"sha256sum --check --quiet {TAG_MANIFEST}",
        f"sha256sum --check --quiet {MANIFEST}",
        "python3 -m bagit --validate .",
        then="The first two must say nothing, the third: . is valid (bagit comes from pip install bagit).",
    )


def _attested(facts: AssignedFacts) -> str:
    if facts.attested is None:
        return ""
    before = moved_from(facts)
    moved = (
        f" It names version {before} of the rubric; version {facts.rubric.version}, used here, is the issuer's too."
        if before
        else ""
    )
    lines = [_check(ASSIGNMENT_SIGNATURE, ASSIGNMENT, facts.at)]
    lines += [_check(RUBRIC_SIGNATURE, RUBRIC, facts.at)] if before else []
    return _step(
        f"The assignment. The issuer asked this person to {_TASKS[facts.layout.kind]} this submission.{moved}",
        *lines,
        then=f"It must say{' each time' if before else ''}: CAdES Verification successful.",
    )


def _award(facts: BagFacts) -> str:
    return _step(
        "The award record, which says whom this is about. The issuer signed it by itself too.",
        _check(AWARD_SIGNATURE, AWARD, facts.at),
        then="It must say: CAdES Verification successful.",
    )


def _badge() -> str:
    """Its proof signs RDF, not bytes: no line of openssl and coreutils can check it."""
    return _step(
        f"The badge, where there is {BADGE}: an Open Badges 3.0 credential that the issuer gave for the decision.",
        f"test ! -e {BADGE} || grep -o '\"urn:sha256:[0-9a-f]*\"' {BADGE}",
        f'grep -o \'"decision":"[0-9a-f]*"\' {AWARD}',
        then="Where there is one, the first digest must be that in the second. That nothing in it was changed since\n"
        "   the case file was signed, steps 3 and 4 have shown. Its own proof (Data Integrity, eddsa-rdfc-2022) signs\n"
        "   what it means in RDF, which openssl and coreutils cannot check: use @digitalbazaar/vc (npm) with its\n"
        "   cryptosuite @digitalbazaar/eddsa-rdfc-2022-cryptosuite, or the page verify.html. Whether the badge was\n"
        "   revoked since says the issuer's status list, which no case file holds.",
    )


def _inner(contained: Sequence[Contained]) -> str:
    """Each contained bag's signature and contents, as of its own signing."""
    unpacked = "for bag in data/decisions/*.zip data/packets/*.zip; do unzip -q -d ../inner $bag; done"
    lines = []
    for one in contained:
        inside = f"../inner/{one.top}"
        signature = f"{inside}/{signature_files(one.role).name}"
        lines.append(_check(signature, f"{inside}/{TAG_MANIFEST}", one.sealed_at))
        lines.append(f"(cd {inside} && sha256sum --check --quiet {TAG_MANIFEST} {MANIFEST})")
        lines.append(f"sha256sum {inside}/{TAG_MANIFEST}")
    return _step(
        "The decision and the packets it rests on.",
        unpacked,
        *lines,
        then="openssl must say each time: CAdES Verification successful. The digests printed must be those in "
        f"{AWARD}. Each has a VERIFY.txt of its own for more.",
    )


def _record(facts: BagFacts) -> str:
    record, stated = facts.layout.record, facts.layout.stated
    if not record:
        return ""
    carried = stated.removeprefix("data/")
    return _step(
        f"The {'record' if stated == REVIEW else 'first page'}. The PDF is signed with the same key and carries the "
        f"same {facts.layout.about}.",
        "mkdir ../nss && certutil -N -d sql:../nss --empty-password",
        "openssl x509 -in ../trust.pem -out ../root.pem",
        "certutil -A -d sql:../nss -n root -t C,C,C -i ../root.pem",
        f"openssl x509 -in {CHAIN} -out ../issuing.pem",
        "certutil -A -d sql:../nss -n issuing -t ,, -i ../issuing.pem",
        f"pdfsig -nssdir sql:../nss {record}",
        f"qpdf --show-attachment={carried} {record} | cmp - {stated}",
        then="pdfsig must say: Total document signed, Signature is Valid, Certificate is Trusted; cmp nothing. Once\n"
        "   the certificate has ended, pdfsig says: Certificate has Expired. Step 3 asks as of the day of signing.",
    )


def _evidence() -> str:
    return _step(
        f"The evidence booklet, where there is {EVIDENCE}: the places that the review cites, as pictures and words.",
        f"test ! -e {EVIDENCE} || sha256sum {EVIDENCE}",
        f'test ! -e {EVIDENCE} || grep -o \'"evidence":"[0-9a-f]*"\' {REVIEW}',
        then="Where there is one, both must give the same digest. It shows what the programme let leave; keep it safe.",
    )


def _receipt(facts: BagFacts) -> str:
    """The hub's certificate is asked for no date: the receipt may be read long after it has ended."""
    receipt = signature_files(facts.role).receipt
    verified = f"openssl cms -verify -binary -inform DER -in {receipt} -CAfile ../trust.pem -crl_check_all"
    return _step(
        f"The receipt, where there is {receipt}: when it reached the programme.",
        f"test ! -e {receipt} || {verified} -no_check_time -signer ../hub.pem",
        f"test ! -e {receipt} || openssl x509 -in ../hub.pem -noout -dates",
        f"sha256sum {TAG_MANIFEST}",
        then="It must say: CMS Verification successful. “packet” in the receipt must be the digest that the last line\n"
        "   prints, and “received_at” must lie between the two dates. -no_check_time lets the hub's certificate\n"
        "   have ended since; that the programme issued it, and on no list revoked it, is checked.",
    )


def _time_stamp(facts: BagFacts) -> str:
    """As the receipt: whoever stamped has another certificate by now."""
    files = signature_files(facts.role)
    verified = f"openssl ts -verify -data {files.name} -in {files.token} -token_in -CAfile ../trust.pem"
    return _step(
        f"The time-stamp, where there is {files.token}: by when the signature was there.",
        f"test ! -e {files.token} || {verified} -partial_chain -no_check_time",
        f"test ! -e {files.token} || openssl ts -reply -in {files.token} -token_in -text",
        then="They must say: Verification: OK, and the time. -no_check_time as in the receipt.",
    )
