"""A copy of the data key in the operating system's keyring, as a convenience: never the only copy, never in plaintext.

`keyring` silently picks a plaintext file where `keyrings.alt` is installed, so the backends that count are listed here.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

_SERVICE = "Assessor Desk"
_ALLOWED = {
    ("keyring.backends.SecretService", "Keyring"),
    ("keyring.backends.libsecret", "Keyring"),
    ("keyring.backends.kwallet", "DBusKeyring"),
    ("keyring.backends.macOS", "Keyring"),
    ("keyring.backends.Windows", "WinVaultKeyring"),
}


def available() -> bool:
    """Whether this computer has a keyring that encrypts what it keeps."""
    return _allowed_backend() is not None


def keep(desk_id: str, data_key: bytes) -> bool:
    """Keep a copy; False where there is no allowed keyring or it declined."""
    return _asked("set_password", desk_id, b64encode(data_key).decode()) is not _DECLINED


def recall(desk_id: str) -> bytes | None:
    """The copy, or None where there is none."""
    found = _asked("get_password", desk_id)
    if not isinstance(found, str):
        return None
    try:
        return b64decode(found, validate=True)
    except ValueError:
        return None


def forget(desk_id: str) -> None:
    """Remove the copy; none to remove is no fault."""
    _asked("delete_password", desk_id)


_DECLINED = object()


def _asked(verb: str, *words: str) -> Any:
    backend = _allowed_backend()
    if backend is None:
        return _DECLINED
    from keyring.errors import KeyringError

    try:
        return getattr(backend, verb)(_SERVICE, *words)
    except (KeyringError, RuntimeError, OSError):
        # Locked, dismissed by the person, or its daemon is gone: the passphrase is asked for instead.
        return _DECLINED


def _allowed_backend() -> Any | None:
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    candidates = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    return next((one for one in candidates if (type(one).__module__, type(one).__name__) in _ALLOWED), None)
