"""The states of a content check as a table: what WeChat or a person says, and where that leads."""

import enum

from models import ContentState

S = ContentState


class Word(enum.StrEnum):
    """What can be said of a content."""

    PASS = "pass"  # noqa: S105 - WeChat's word for harmless
    RISKY = "risky"
    UNSURE = "unsure"
    """WeChat wants a person to look, or could not be asked."""
    APPROVE = "approve"
    REFUSE = "refuse"


MOVES: dict[tuple[ContentState, Word], ContentState] = {
    (S.PENDING, Word.PASS): S.PASSED,
    (S.PENDING, Word.RISKY): S.RISKY,
    (S.PENDING, Word.UNSURE): S.REVIEW,
    # WeChat's word that comes late, while nobody has looked yet.
    (S.REVIEW, Word.PASS): S.PASSED,
    (S.REVIEW, Word.RISKY): S.RISKY,
    (S.REVIEW, Word.APPROVE): S.APPROVED,
    (S.REVIEW, Word.REFUSE): S.REFUSED,
    (S.RISKY, Word.APPROVE): S.APPROVED,
    (S.RISKY, Word.REFUSE): S.REFUSED,
}
"""What is not here changes nothing: a person's decision stands against WeChat's, and the first decision stands."""
