"""A time-stamping authority that runs in memory and that an issuer certified."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from assessor_desk.keys.authority import Authority


@dataclass
class StampingAuthority:
    """Stamps with RSA, the one key that pyHanko's stamper takes. Its certificate is good for a day around `now`."""

    authority: Authority
    now: datetime
    purpose: x509.ObjectIdentifier = x509.ExtendedKeyUsageOID.TIME_STAMPING

    def __post_init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Stamping Office")]))
            .issuer_name(self.authority.issuing.subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now - timedelta(days=1))
            .not_valid_after(self.now + timedelta(days=1))
            .add_extension(x509.ExtendedKeyUsage([self.purpose]), critical=True)
        )
        self.certificate = builder.sign(self.authority.issuing_key, hashes.SHA256())

    def stamp(self, signature: bytes, at: datetime | None = None) -> bytes:
        """A token over a signature file, of a minute after `now` unless told."""
        private = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        stamper = DummyTimeStamper(
            asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER)),
            keys.PrivateKeyInfo.load(private),
            fixed_dt=at or self.now + timedelta(minutes=1),
        )
        token = asyncio.run(stamper.async_timestamp(hashlib.sha256(signature).digest(), "sha256"))
        der: bytes = token.dump()
        return der
