"""How what a hub writes looks: its notes, the first pages of its case files, its badges."""

from __future__ import annotations

from assessor_desk.domain.programme_look import ProgrammeLook
from assessor_desk.hub.hub import Hub
from assessor_desk.rubric_files import look_of

#: In the hub's folder, with its logo beside it; the form is that of `resources/looks` (docs/schemas/look.schema.json).
FILE = "look.yaml"


def own_look(hub: Hub) -> ProgrammeLook:
    """The look in the hub's folder, else the programme's own that comes with the program, else a plain one.

    Raises FaultyFile, naming file and line, for a look that cannot be used.
    """
    hub.papers.refresh()
    return look_of(hub.programme, hub.folder / FILE)
