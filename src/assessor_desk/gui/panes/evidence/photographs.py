"""The pictures of a submission as a set, so that a viewer can show a strip of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assessor_desk.desk.answers import Case
from assessor_desk.domain.errors import DeskError
from assessor_desk.domain.submission import Artifact
from assessor_desk.gui.artifact_names import short_titles
from assessor_desk.gui.session import Session

if TYPE_CHECKING:
    from assessor_desk.desk import Desk
    from assessor_desk.gui.viewers.film_strip import Photograph
    from assessor_desk.gui.viewers.image import ImageViewer

Key = tuple[str, tuple[str, ...]]


class Photographs:
    """Which artifacts are pictures their bytes tell, so they are looked at once for each submission shown."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: tuple[Key, Sequence[Photograph]] | None = None
        self._asked: tuple[Key, str] | None = None
        """The set that is being looked for, and the artifact in front meanwhile."""

    def show_in(
        self, viewer: ImageViewer, case: Case, artifacts: Sequence[Artifact], current: Artifact
    ) -> None:
        """Hand the set that `current` belongs to over to its viewer."""
        here = [one for one in artifacts if (state := case.artifact_states.get(one.id)) and state.here]
        key = case.submission.id, tuple(one.id for one in here)
        if self._kept is not None and self._kept[0] == key:
            viewer.show_set(self._kept[1], current.id)
            return
        under_way = self._asked is not None and self._asked[0] == key
        self._asked = key, current.id
        if under_way:
            return
        desk = self._session.desk

        def found(photographs: Sequence[Photograph]) -> None:
            if self._asked is None or self._asked[0] != key:
                return
            (_, in_front), self._asked = self._asked, None
            self._kept = key, photographs
            if viewer.artifact_id == in_front:
                viewer.show_set(photographs, in_front)

        self._session.tasks.side(lambda: _pictures(desk, key[0], here), found, lambda _: None)


def _pictures(desk: Desk, submission_id: str, artifacts: Sequence[Artifact]) -> list[Photograph]:
    from assessor_desk.gui.viewers.film_strip import Photograph

    found, titles = [], short_titles(artifacts)
    for artifact in artifacts:
        try:
            evidence = desk.evidence(submission_id, artifact.id)
            if evidence.kind() == "image":
                found.append(Photograph(artifact.id, titles[artifact.id], evidence.thumbnail))
        except DeskError:
            continue  # one that cannot be opened has no place on the strip; its tab says why
    return found
