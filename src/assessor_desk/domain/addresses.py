"""Where a source is: on a network, or in a folder that is carried there and back."""

from __future__ import annotations

#: How the address of a folder begins.
FOLDER = "folder:"


def is_folder(address: str) -> bool:
    """Whether an address is that of a folder on a stick, and not of a network."""
    return address.strip().lower().startswith(FOLDER)


def folder_named(address: str) -> str:
    """The folder in such an address, as it was written; empty where none is named."""
    return address.strip()[len(FOLDER) :]
