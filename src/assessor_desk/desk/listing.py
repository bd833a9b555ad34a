"""What is on a desk, in lists: the inbox, and what of it and of its artifacts is found by words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from assessor_desk.desk.room import Room

if TYPE_CHECKING:
    from assessor_desk.store.lines import InboxOrder, InboxRow


class Listing(Room):
    """The lists of one desk. They read the store: a window asks on a lane."""

    def inbox(self, search: str = "") -> list[InboxRow]:
        """What was assigned: work by due date, then what waits to be sent, what is done, what was set aside."""
        return self.store.inbox(search)

    def inbox_order(self, search: str, now: datetime) -> InboxOrder:
        """What is in the inbox, under its headings as of the local day of `now`; its lines come by `inbox_rows`."""
        return self.store.browsing.order(search, now)

    def inbox_rows(self, ids: Sequence[str]) -> dict[str, InboxRow]:
        """Some lines of the inbox, by the ids of their submissions; those left out that are not here."""
        return self.store.browsing.rows(ids)

    def inbox_keys(self, letters: str) -> set[str]:
        """The submissions in the inbox whose keys begin with these letters, whatever their case, by id."""
        return self.store.browsing.keys(letters)

    def seek(self, words: str, most: int) -> tuple[list[InboxRow], list[tuple[str, str, str, str, str]]]:
        """Submissions and artifacts that words stand in, `most` of each; artifacts as `artifact_names` gives them."""
        ids, artifacts = self.store.browsing.seek(words, most)
        rows = self.inbox_rows(ids)
        return [rows[one] for one in ids if one in rows], artifacts

    def find(self, key_or_id: str) -> str:
        """The id of a submission from its id, its key or the beginning of either.

        Raises Refused for an unknown one, naming near ones, and for one that fits several.
        """
        from assessor_desk.desk.naming import submission_named

        with self.store.reading() as view:
            return submission_named(key_or_id, view.names())

    def artifact_names(self) -> list[tuple[str, str, str, str, str]]:
        """Of every artifact that can be opened: submission, its key, artifact, name and label; in the inbox's order."""
        with self.store.reading() as view:
            return view.artifact_names()
