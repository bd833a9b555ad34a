"""Which certificate authorities a connection trusts: read once, since that takes as long as a whole quiet round."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

_SAID_BY = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def authorities(heed_surroundings: bool) -> ssl.SSLContext:
    """What httpx trusts; other authorities only where the surroundings name them and are to be heeded."""
    said = tuple(os.environ.get(name, "") for name in _SAID_BY) if heed_surroundings else ()
    return _read(heed_surroundings, said)


@cache
def _read(heed_surroundings: bool, _said: tuple[str, ...]) -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context(trust_env=heed_surroundings)
