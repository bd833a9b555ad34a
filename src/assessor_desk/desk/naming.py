"""Which submission a person means."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from assessor_desk.domain.errors import Refused


def submission_named(key_or_id: str, names: Sequence[tuple[str, str, str]]) -> str:
    """The id of a submission from its id, its key or the beginning of either; `names` are id, key and title.

    Raises Refused for an unknown one, naming near ones, and for one that fits several.
    """
    wanted = key_or_id.strip().casefold()
    exact = [own_id for own_id, key, _ in names if wanted in (own_id, key.casefold())]
    begun = [
        own_id
        for own_id, key, _ in names
        if wanted and (own_id.startswith(wanted) or key.casefold().startswith(wanted))
    ]
    found = exact or begun
    if len(found) == 1:
        return found[0]
    keys = [key for own_id, key, _ in names if not found or own_id in found]
    if found:
        raise Refused(f"“{key_or_id}” fits several submissions: {', '.join(keys[:5])}")
    near = difflib.get_close_matches(key_or_id.upper(), keys, 3, 0.4)
    raise Refused(
        f"There is no submission “{key_or_id}” on this desk"
        + (f"; near it are {', '.join(near)}" if near else "")
    )
