"""Secrets: the desk's data key and how it is wrapped, the signing key, the system keyring."""
