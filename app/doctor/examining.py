"""Goes through the steps of an examination, one after the other, whatever one of them finds."""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from services.errors import ServiceError
from services.ports import Finding

log = structlog.get_logger(__name__)


class Health(enum.StrEnum):
    """How a step ended."""

    WELL = "well"
    ILL = "ill"
    UNSEEN = "unseen"
    """Not looked at, because a step before it is ill."""


@dataclass(frozen=True)
class Step:
    """One thing to look at.  ``needs`` are the codes of the steps without which looking would tell nothing new."""

    code: str
    title: str
    look: Callable[[], Finding]
    needs: Sequence[str] = ()


@dataclass(frozen=True)
class Result:
    """What came of a step."""

    code: str
    title: str
    health: Health
    words: str
    mend: str = ""
    said: str = ""


def examine(steps: Sequence[Step]) -> list[Result]:
    """Take every step.  Whatever one raises is its finding, told without the error's words, which might hold a secret."""
    results: dict[str, Result] = {}
    for step in steps:
        blocked = [results[code].title for code in step.needs if results[code].health is not Health.WELL]
        if blocked:
            words = f"先修好“{'”“'.join(blocked)}”，再看这一步。"
            results[step.code] = Result(step.code, step.title, Health.UNSEEN, words)
            continue
        found = _look(step)
        health = Health.WELL if found.well else Health.ILL
        results[step.code] = Result(step.code, step.title, health, found.words, found.mend, found.said)
    return list(results.values())


def _look(step: Step) -> Finding:
    try:
        return step.look()
    except ServiceError as error:
        return Finding(well=False, words=error.detail)
    except Exception as error:
        log.exception("doctor.step_broke", step=step.code)
        name = type(error).__name__
        return Finding(well=False, words=f"这一步没能查完（{name}）。", mend="看程序的日志，上面有详细的原因。")
