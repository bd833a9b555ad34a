"""VERIFY.txt: how to check a packet or decision with tools that everybody can get.

Its commands are run by the tests as printed.
"""

from __future__ import annotations

from assessor_desk.protocol.documents import instant
from assessor_desk.verdict.layout import (
    ASSIGNMENT,
    ASSIGNMENT_SIGNATURE,
    CHAIN,
    EVIDENCE,
    MANIFEST,
    RECORD_PDF,
    REVIEW,
    TAG_MANIFEST,
    signature_files,
)

from .facts import BagFacts, signer_title

OPENING = """\
How to check this {kind} without the program that made it
{rule}

Put the {kind} and the programme's trust list (trust.pem) into one empty folder and run the indented lines there,
in this order. The trust list comes from the programme, never out of a {kind}: certs/ in here proves nothing.
With the program itself: assessor-desk verify *.zip --trust trust.pem
"""

_TASKS = {"packet": "assess", "decision": "decide on"}

CLOSING = """\
What none of this proves: what the signer only states (blindness, attestations), and, without a receipt or a
time-stamp in signatures/, that the time of signing is true. Nor does it find one changed byte that no signature
covers, such as in the wrapping of a signature file; assessor-desk verify does.
"""


def instructions(facts: BagFacts) -> str:
    """The text of VERIFY.txt for this packet or decision."""
    top = facts.layout.top_folder(facts.own_id)
    record = _record() if facts.layout.has_record else ""
    shown = _evidence() if facts.layout.has_record else ""
    steps = [
        _unpacking(top),
        _signature(facts),
        _contents(),
        _attested(facts),
        record,
        shown,
        _receipt(facts),
    ]
    kind = facts.layout.kind
    opening = OPENING.format(top=top, kind=kind, rule="=" * (51 + len(kind)))
    numbered = (f"{number}. {step}" for number, step in enumerate(filter(None, steps), 1))
    return "\n".join([opening, *numbered, CLOSING])


def _step(title: str, *commands: str, then: str = "") -> str:
    lines = "".join(f"\n    {command}" for command in commands)
    return f"{title}\n{lines}\n" + (f"\n   {then}\n" if then else "")


def _unpacking(top: str) -> str:
    return _step("Unpack.", "unzip -q *.zip", f"cd {top}")


def _check(signature: str, content: str, facts: BagFacts) -> str:
    """Certificates and revocation as of the signing, so that the line still works when they have expired."""
    return (
        f"openssl cms -verify -cades -binary -inform DER -in {signature} -content {content}"
        f" -CAfile ../trust.pem -crl_check_all -attime {int(facts.at.timestamp())} -out /dev/null"
    )


def _signature(facts: BagFacts) -> str:
    signature = signature_files(facts.assignment.role.value).name
    return _step(
        f"The signature. {signer_title(facts)} signed the list of contents on {instant(facts.at)}.",
        _check(signature, TAG_MANIFEST, facts),
        then="It must say: CAdES Verification successful. If it does not, nothing below matters.",
    )


def _contents() -> str:
    return _step(
        "The contents. Every file is what was signed, and there is none besides.",
        f"sha256sum --check --quiet {TAG_MANIFEST}",
        f"sha256sum --check --quiet {MANIFEST}",
        "python3 -m bagit --validate .",
        then="The first two must say nothing, the third: . is valid (bagit comes from pip install bagit).",
    )


def _attested(facts: BagFacts) -> str:
    if facts.attested is None:
        return ""
    return _step(
        f"The assignment. The issuer asked this person to {_TASKS[facts.layout.kind]} this submission.",
        _check(ASSIGNMENT_SIGNATURE, ASSIGNMENT, facts),
        then="It must say: CAdES Verification successful.",
    )


def _record() -> str:
    return _step(
        "The record. The PDF is signed with the same key and carries the same review.",
        "mkdir ../nss && certutil -N -d sql:../nss --empty-password",
        "openssl x509 -in ../trust.pem -out ../root.pem",
        "certutil -A -d sql:../nss -n root -t C,C,C -i ../root.pem",
        f"openssl x509 -in {CHAIN} -out ../issuing.pem",
        "certutil -A -d sql:../nss -n issuing -t ,, -i ../issuing.pem",
        f"pdfsig -nssdir sql:../nss {RECORD_PDF}",
        f"qpdf --show-attachment=review.json {RECORD_PDF} | cmp - {REVIEW}",
        then="pdfsig must say: Total document signed, Signature is Valid, Certificate is Trusted; cmp nothing.",
    )


def _evidence() -> str:
    return _step(
        f"The evidence booklet, where there is {EVIDENCE}: the places that the review cites, as pictures and words.",
        f"test ! -e {EVIDENCE} || sha256sum {EVIDENCE}",
        f'test ! -e {EVIDENCE} || grep -o \'"evidence":"[0-9a-f]*"\' {REVIEW}',
        then="Where there is one, both must give the same digest. It shows what the programme let leave; keep it safe.",
    )


def _receipt(facts: BagFacts) -> str:
    receipt = signature_files(facts.assignment.role.value).receipt
    return _step(
        f"The receipt, where there is {receipt}: when it reached the programme.",
        f"test ! -e {receipt} || openssl cms -verify -binary -inform DER -in {receipt} -CAfile ../trust.pem",
        f"sha256sum {TAG_MANIFEST}",
        then="“packet” in the receipt must be the digest that the second line prints.",
    )
