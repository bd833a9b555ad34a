"""Where a new hub keeps its database and its files, as `hub init` is told; secrets come by file or environment."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.domain.errors import Refused

if TYPE_CHECKING:
    from assessor_desk.hub.whereabouts import Whereabouts


def add_options(init: argparse.ArgumentParser) -> None:
    """Options of `hub init`. Without any, everything lies in the hub's folder."""
    group = init.add_argument_group("beyond one machine (docs/operating-a-hub.md)")
    group.add_argument("--database", default="", metavar="URL", help="postgresql://USER@HOST/NAME")
    group.add_argument("--database-password-file", type=Path, metavar="FILE")
    group.add_argument("--blobs", default="", metavar="URL", help="s3://BUCKET/PREFIX, for the sealed files")
    group.add_argument(
        "--blobs-endpoint", default="", metavar="URL", help="where the object store answers the hub"
    )
    group.add_argument(
        "--blobs-public", default="", metavar="URL", help="where it answers desks, if that is another address"
    )
    group.add_argument("--blobs-region", default="", metavar="NAME")
    group.add_argument(
        "--blobs-credentials-file",
        type=Path,
        metavar="FILE",
        help="access key id and secret access key, a line each",
    )


def told(args: argparse.Namespace) -> Whereabouts:
    """What was said. Raises Refused for what is not understood, or a file that cannot be read."""
    from assessor_desk.hub.whereabouts import told_whereabouts

    return told_whereabouts(
        args.database,
        _secret(args.database_password_file),
        args.blobs,
        args.blobs_endpoint,
        args.blobs_public,
        args.blobs_region,
        _credentials(args.blobs_credentials_file),
    )


def _credentials(path: Path | None) -> tuple[str, str]:
    if path is None:
        return "", ""
    lines = _secret(path).split()
    if len(lines) != 2:
        raise Refused(f"{path} should hold two lines: the access key id, and the secret access key")
    return lines[0], lines[1]


def _secret(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise Refused(f"{path} cannot be read") from error
