"""The hub that a command names, open for as long as it works."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assessor_desk.cli.speaking import passphrase_in

if TYPE_CHECKING:
    from assessor_desk.hub.hub import Hub


@contextlib.contextmanager
def opened_hub(args: argparse.Namespace) -> Iterator[Hub]:
    """Open it. Raises Refused where there is none, or for a wrong passphrase."""
    from assessor_desk.hub.hub import Hub

    hub = Hub.open(args.at, passphrase_in(args))
    try:
        yield hub
    finally:
        hub.close()
