"""Of two copies of one authority's folder, as after a restore: which knows of more issuing authorities or their end."""

from __future__ import annotations

import json
from pathlib import Path

from .private_files import write_privately
from .signing import read_certificates, read_crls

#: What the older copy may know more of: it is merged line by line, by whoever restores.
_MERGED = "revoked.json"


def keep_newer_issuing(there: Path, restored: Path) -> bool:
    """Take the keys and lists of the copy `there` where it knows of more than the restored one; whether that was so.

    A hub that was put back must not issue by an authority that was revoked meanwhile, nor forget that it was. A copy
    that is not whole is left alone.
    """
    try:
        newer = _knows(there) > _knows(restored)
        contents = (
            {path.name: path.read_bytes() for path in there.iterdir() if _counts(path)} if newer else {}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False
    for gone in [
        path for path in restored.iterdir() if newer and path.suffix == ".pem" and path.name not in contents
    ]:
        gone.unlink()  # hub or issuer certified by what was revoked: made anew when they are next needed
    for name, content in sorted(contents.items(), key=lambda one: one[0] == "authority.json"):
        write_privately(restored / name, content)
    return newer


def _counts(path: Path) -> bool:
    return path.is_file() and path.suffix in (".json", ".key", ".pem") and path.name != _MERGED


def _knows(folder: Path) -> tuple[int, int]:
    """How many issuing authorities there are, and how often the root has revoked; each certificate is read."""
    names = json.loads((folder / "authority.json").read_bytes()).get("issuing", ["issuing"])
    for name in names:
        read_certificates((folder / f"{name}.pem").read_bytes())
        if not any((folder / f"{name}{ending}").is_file() for ending in (".key", ".key.json")):
            raise ValueError(f"{name} has no key")
    return len(names), len(read_crls((folder / "root.crl.pem").read_bytes()))
