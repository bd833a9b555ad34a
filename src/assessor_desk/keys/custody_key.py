"""A desk's custody key (Ed25519): it signs receipts of destruction while the desk is open, and nothing else.

The signing key is under the passphrase and may not be at hand when evidence has to go; so it attests this one in
advance, while the passphrase is there (docs/decisions/0215). At rest it lies in the desk's encrypted file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class CustodyKey:
    """A private key."""

    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> CustodyKey:
        """A new random key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_secret(cls, secret: bytes) -> CustodyKey:
        """From the 32 bytes that `secret` gave."""
        return cls(Ed25519PrivateKey.from_private_bytes(secret))

    @property
    def secret(self) -> bytes:
        """The private key's 32 bytes, to be kept encrypted."""
        return self.private.private_bytes_raw()

    @property
    def public(self) -> bytes:
        """The public key's 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    def sign(self, content: bytes) -> bytes:
        """An Ed25519 signature (RFC 8032), 64 bytes."""
        return self.private.sign(content)


def signed_by(public: bytes, content: bytes, signature: bytes) -> bool:
    """Whether the signature over `content` was made with the key of that public one."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True
