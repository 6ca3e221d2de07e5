"""What is counted.  The same condition makes a number and the list behind it, so that one always opens the other."""

import enum
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from models import Satisfaction, TruthKind


class Part(enum.StrEnum):
    """Some of the tickets of an index."""

    ALL = "all"
    IN_TIME = "in_time"
    """Answered before the clock of answering ran out."""
    LATE = "late"
    TURNED_AWAY = "turned_away"
    """Rejected or redirected before the clock ran out: neither in time nor late."""
    UNANSWERED = "unanswered"
    """Nothing yet: the clock still runs, or the resident withdrew the ticket before."""
    FIXED = "fixed"
    """The resident's last word is: it is mended."""
    NOT_FIXED = "not_fixed"
    NO_WORD = "no_word"
    """The resident has said nothing; those of them that ended in silence are ``SILENT``."""
    SILENT = "silent"
    """Seven days passed without a word after the last repair: not confirmed, and never counted as content."""
    SATISFIED = "satisfied"
    MOSTLY = "mostly"
    FAIR = "fair"
    UNSATISFIED = "unsatisfied"
    DONE = "done"
    """The worker says it is done."""
    CAME_BACK = "came_back"
    """The same trouble was reported at the same point within 90 days."""


Facts = sa.FromClause
Condition = Callable[[Any], sa.ColumnElement[bool]]


def _rated(step: Satisfaction) -> Condition:
    return lambda c: c.satisfaction == step


PARTS: Mapping[Part, Condition] = {
    Part.ALL: lambda c: c.id.is_not(None),
    Part.IN_TIME: lambda c: c.in_time,
    Part.LATE: lambda c: c.late,
    Part.TURNED_AWAY: lambda c: c.turned_away,
    Part.UNANSWERED: lambda c: sa.and_(sa.not_(c.in_time), sa.not_(c.late), sa.not_(c.turned_away)),
    Part.FIXED: lambda c: c.word == TruthKind.FIXED,
    Part.NOT_FIXED: lambda c: c.word == TruthKind.NOT_FIXED,
    Part.NO_WORD: lambda c: c.word.is_(None),
    Part.SILENT: lambda c: c.silent,
    Part.SATISFIED: _rated(Satisfaction.SATISFIED),
    Part.MOSTLY: _rated(Satisfaction.MOSTLY),
    Part.FAIR: _rated(Satisfaction.FAIR),
    Part.UNSATISFIED: _rated(Satisfaction.UNSATISFIED),
    Part.DONE: lambda c: c.done,
    Part.CAME_BACK: lambda c: c.came_back,
}
NAMES: Mapping[Part, str] = {
    Part.ALL: "全部",
    Part.IN_TIME: "按时答复的",
    Part.LATE: "答复超时的",
    Part.TURNED_AWAY: "退回或者转办的",
    Part.UNANSWERED: "还没答复的",
    Part.FIXED: "居民说修好了的",
    Part.NOT_FIXED: "居民说没修好的",
    Part.NO_WORD: "居民还没说的",
    Part.SILENT: "到期没回音的",
    Part.SATISFIED: "满意",
    Part.MOSTLY: "基本满意",
    Part.FAIR: "一般",
    Part.UNSATISFIED: "不满意",
    Part.DONE: "师傅说完工了的",
    Part.CAME_BACK: "又坏了的",
}
BY_WORKER: Mapping[Part, str] = {
    **dict.fromkeys((Part.FIXED, Part.NOT_FIXED), "word_worker_id"),
    **dict.fromkeys((Part.SATISFIED, Part.MOSTLY, Part.FAIR, Part.UNSATISFIED), "rating_worker_id"),
    **dict.fromkeys((Part.DONE, Part.CAME_BACK, Part.SILENT), "done_worker_id"),
}
"""Whose work each part is about.  Answering is the station's, so it is nobody's here."""


def is_about(part: Part, worker_id: int) -> Condition:
    """Return the condition that what a part counts is this worker's."""
    return lambda c: c[BY_WORKER[part]] == worker_id
