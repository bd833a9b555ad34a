"""Files by which a person and their programme's authority exchange request and certificate where no hub is reached.

Canonical JSON: a request (`docs/schemas/identity-request.schema.json`) and its answer (`identity.schema.json`). Neither
holds a secret; whether the request is the person's own is for the programme to ask them, by the key's words.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.roles import Role
from assessor_desk.protocol.documents import canonical

REQUEST, ANSWER = "assessor-desk identity request", "assessor-desk identity"
#: No such file is larger: a trust list grows by some fifteen revocation lists a year.
LARGEST = 8 << 20


@dataclass(frozen=True, slots=True)
class IdentityRequest:
    """A certificate request (PKCS #10, PEM). For a renewal with the `proof`: the present key's detached signature.

    `person` and `roles` are what the desk knows of itself; the programme says what they are.
    """

    csr: bytes
    person: str = ""
    roles: tuple[Role, ...] = ()
    proof: bytes = b""

    def to_bytes(self) -> bytes:
        """The file."""
        return canonical(
            {
                "kind": REQUEST,
                "version": 1,
                "request": self.csr.decode("ascii"),
                "person": self.person,
                "roles": [role.value for role in self.roles],
                "proof": base64.b64encode(self.proof).decode(),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> IdentityRequest:
        """Read a request. Raises Refused for anything else."""
        told = _document(data, REQUEST, "a request for a certificate")
        try:
            return cls(
                told["request"].encode("ascii"),
                str(told["person"]),
                tuple(Role(role) for role in told["roles"]),
                base64.b64decode(told["proof"], validate=True),
            )
        except _MALFORMED as trouble:
            raise Refused("The request for a certificate cannot be read. Ask for the file again") from trouble


@dataclass(frozen=True, slots=True)
class IdentityAnswer:
    """A certificate for a request, whose it is, and the trust list it is checked with. All but `trust` as in PEM."""

    person: str
    programme: str
    roles: tuple[Role, ...]
    certificate: bytes
    chain: bytes
    trust: Mapping[str, bytes] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The file."""
        return canonical(
            {
                "kind": ANSWER,
                "version": 1,
                "person": self.person,
                "programme": self.programme,
                "roles": [role.value for role in self.roles],
                "certificate": self.certificate.decode("ascii"),
                "chain": self.chain.decode("ascii"),
                "trust": {name: base64.b64encode(one).decode() for name, one in self.trust.items()},
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> IdentityAnswer:
        """Read an answer. Raises Refused for anything else."""
        told = _document(data, ANSWER, "a certificate from a programme")
        try:
            trust = {name: base64.b64decode(one, validate=True) for name, one in told["trust"].items()}
            return cls(
                str(told["person"]),
                str(told["programme"]),
                tuple(Role(role) for role in told["roles"]),
                told["certificate"].encode("ascii"),
                told["chain"].encode("ascii"),
                {name: trust[name] for name in ("trust.pem", "trust.pem.p7s")},
            )
        except _MALFORMED as trouble:
            raise Refused(
                "The certificate's file cannot be read. Ask your programme for it again"
            ) from trouble


_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, binascii.Error)


def _document(data: bytes, kind: str, what: str) -> dict[str, Any]:
    try:
        told = json.loads(data) if len(data) <= LARGEST else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("kind") != kind:
        raise Refused(f"This file is not {what}")
    if told.get("version") != 1:
        raise Refused(f"This file is {what} in a newer form. Update Assessor Desk")
    return told
