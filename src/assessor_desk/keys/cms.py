"""Signatures as CMS (RFC 5652) with the CAdES baseline attributes (ETSI EN 319 122-1): P-256, SHA-256, the
leaf certificate alone.

Embedding the chain as well would leave bytes in the file that no signature covers. pyHanko is imported when
a signature is made: importing it costs about a third of a second.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from .signing import SigningKey

if TYPE_CHECKING:
    from pyhanko.sign.signers import SimpleSigner


#: The attribute “message digest” (RFC 5652, 11.2) up to the 32 bytes of a SHA-256, as DER has it. Looked for as bytes:
#: asn1crypto, once it has named an attribute, would no longer learn the names that pyHanko brings when it is imported.
_MESSAGE_DIGEST = bytes.fromhex("302f 0609 2a864886f70d010904 3122 0420")


def sign_detached(content: bytes, key: SigningKey, certificate: x509.Certificate, at: datetime) -> bytes:
    """A detached CAdES signature (DER) over `content`, with `at` as the signing time the signer claims."""
    return _sign(content, key, certificate, at, detached=True)


def sign_with_content(content: bytes, key: SigningKey, certificate: x509.Certificate, at: datetime) -> bytes:
    """A CAdES signature (DER) that carries its content, as a hub's receipt does."""
    return _sign(content, key, certificate, at, detached=False)


def _sign(
    content: bytes, key: SigningKey, certificate: x509.Certificate, at: datetime, detached: bool
) -> bytes:
    from pyhanko.sign.ades.api import CAdESSignedAttrSpec
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    attributes = PdfCMSSignedAttributes(
        signing_time=whole_second(at), cades_signed_attrs=CAdESSignedAttrSpec()
    )
    signature = asyncio.run(
        pyhanko_signer(key, certificate).async_sign_general_data(
            content, "sha256", detached=detached, use_cades=True, signed_attr_settings=attributes
        )
    )
    der: bytes = signature.dump()
    return der


def pyhanko_signer(key: SigningKey, certificate: x509.Certificate) -> SimpleSigner:
    """The key and its certificate in pyHanko's terms, embedding that certificate alone."""
    from asn1crypto import keys
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    return SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
        signing_key=keys.PrivateKeyInfo.load(key.pkcs8()),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
        embed_roots=False,
    )


def is_over(signature: bytes, content: bytes) -> bool:
    """Whether a detached signature (DER) was made over these bytes, by the digest it signs.

    Says that the two belong together, not that the signature counts: for that there is `verdict`.
    """
    return _MESSAGE_DIGEST + hashlib.sha256(content).digest() in signature


def whole_second(at: datetime) -> datetime:
    """`at` in UTC without its fraction, as a signing time carries it."""
    return at.astimezone(UTC).replace(microsecond=0)
