"""What a box showed before it was signed: nothing else is.

A round may bring what the person's other computers wrote, or a correction, until the very moment of the seal, and a
window learns of it a moment later. So a box hands over what it showed, and whoever seals looks whether it still stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from assessor_desk.domain.decision import Decision
from assessor_desk.domain.errors import ChangedElsewhere
from assessor_desk.domain.review import Sheet, TextField

if TYPE_CHECKING:
    from assessor_desk.desk.answers import Case
    from assessor_desk.desk.standing import Standing


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a submission would be signed: two that are equal would be signed alike.

    `packets` are the digests of the reviews that a decision rests on, `versions` those of submission, rubric and
    policy. `reason` is why a review is passed back; as it is typed in the box itself, it is not compared.
    """

    sheet: Sheet
    packets: tuple[str, ...]
    versions: tuple[int | str, ...]
    reason: str = field(default="", compare=False)

    @classmethod
    def of(cls, case: Case) -> Self:
        """What a box shows that is opened on this case."""
        sheet, reason = case.sheet, ""
        if isinstance(sheet, Decision):
            # With the first letter of a reason the decision begins, and with it what it looked at.
            sheet, reason = replace(sheet, reason="", version_seen="", artifacts_seen=()), sheet.reason
        versions = (case.submission.version, case.rubric.version, case.policy.version)
        return cls(sheet, tuple(one.packet for one in case.delivered), versions, reason)


def came_meanwhile(key: str, then: str = "sign") -> ChangedElsewhere:
    """That what a box shows is not what would be signed any more; `then` says what was about to be done."""
    return ChangedElsewhere(
        f"Something on {key} came with a round just now, and is not shown here. Look at it, then {then}"
    )


def refuse_unshown(
    standing: Standing, shown: Shown | None, reason: str | None = None, then: str = "sign"
) -> None:
    """Raise ChangedElsewhere where another thing would be signed than was shown; None shows nothing, as a command does.

    `then` says what is about to be done.

    With `reason` a review is passed back: it, or the one that it was typed over, is the only one that may stand there.
    """
    if shown is None:
        return
    now = Shown.of(standing.case({}))
    same = now == shown
    if reason is not None:
        stands_alone = (TextField.REASON, "") not in standing.sheet.disputed
        same = same and stands_alone and now.reason.strip() in (reason.strip(), shown.reason.strip())
    if not same:
        raise came_meanwhile(standing.submission.key, then)
