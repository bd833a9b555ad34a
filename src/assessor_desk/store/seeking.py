"""A few submissions and artifacts that words stand in, out of however many there are, by the driver alone."""

from __future__ import annotations

from typing import Any

#: Keys come first in what is searched, so that what begins with the words comes first.
_SUBMISSIONS = """SELECT submission_id FROM inbox INDEXED BY inbox_in_order
    WHERE instr(search_text, :words) ORDER BY instr(search_text, :words) LIMIT :most"""
#: The first condition spares most submissions being taken apart; it cannot be asked for letters that JSON escapes.
_ARTIFACTS = """SELECT inbox.submission_id, inbox.key, json_extract(one.value, '$.id'),
        json_extract(one.value, '$.name') AS name, coalesce(json_extract(one.value, '$.label'), '') AS label
    FROM submissions JOIN inbox ON inbox.submission_id = submissions.id,
        json_each(submissions.content, '$.artifacts') AS one
    WHERE (NOT :plain OR instr(lower(submissions.content), :words) OR instr(lower(inbox.key), :words))
        AND NOT inbox.set_aside AND (instr(lower(name || ' · ' || inbox.key), :words) OR instr(lower(label), :words))
        AND NOT EXISTS (SELECT 1 FROM json_each(submissions.content, '$.artifacts') AS spoken
            WHERE json_extract(spoken.value, '$.captions') = json_extract(one.value, '$.id'))
    LIMIT :most"""


def seek_submissions(connection: Any, words: str, most: int) -> list[str]:
    """The ids of submissions in the inbox whose key, title or educator these words stand in, `most` at most."""
    asked = {"words": words.strip().casefold(), "most": most}
    return [own_id for (own_id,) in connection.execute(_SUBMISSIONS, asked)]


def seek_artifacts(connection: Any, words: str, most: int) -> list[tuple[str, str, str, str, str]]:
    """Artifacts whose name, key or label these words stand in: submission, key, artifact, name, label.

    Letters beyond ASCII count as they are typed, in their case: SQLite folds no others.
    """
    said = words.strip()
    plain = said.isascii() and not set(said) & {'"', "\\"}
    folded = "".join(sign.lower() if sign.isascii() else sign for sign in said)
    asked = {"words": folded, "plain": plain, "most": most}
    return [tuple(found) for found in connection.execute(_ARTIFACTS, asked)]
