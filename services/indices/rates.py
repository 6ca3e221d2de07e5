"""Percentages of counts: exact until they are said, and none where nothing was counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from services.indices.parts import Part

STEPS: Mapping[Part, Fraction] = {
    Part.SATISFIED: Fraction(1),
    Part.MOSTLY: Fraction(4, 5),
    Part.FAIR: Fraction(3, 5),
    Part.UNSATISFIED: Fraction(0),
}
"""What a rating counts: 满意 1, 基本满意 0.8, 一般 0.6, 不满意 0."""


@dataclass(frozen=True)
class Rate:
    """A share of ``of``; ``points`` is how much of it was reached."""

    points: Fraction
    of: int

    @property
    def percent(self) -> Fraction | None:
        """The rate; nothing when nothing was counted, for that is neither 0 nor 100 percent."""
        return 100 * self.points / self.of if self.of else None


@dataclass(frozen=True)
class Weights:
    """How much each rate counts in the score, in percent.  Together they are 100."""

    response: int
    resolution: int
    satisfaction: int


@dataclass(frozen=True)
class Rates:
    """The three rates, and how often work did not last."""

    response: Rate
    """Answered in time, of those answered or late."""
    resolution: Rate
    """Mended by the resident's last word, of those with a word."""
    satisfaction: Rate
    """Ratings by their steps, of those rated."""
    return_rate: Rate
    """Came back within 90 days, of those done."""

    def score(self, weights: Weights) -> Fraction | None:
        """Return the weighted sum; nothing while one of the three has nothing to count."""
        three = (self.response.percent, self.resolution.percent, self.satisfaction.percent)
        if any(percent is None for percent in three):
            return None
        shares = (weights.response, weights.resolution, weights.satisfaction)
        return sum(
            (Fraction(share, 100) * (percent or 0) for share, percent in zip(shares, three, strict=True)), Fraction()
        )


def rates(counts: Mapping[Part, int]) -> Rates:
    """Return the rates of counts."""
    said = counts[Part.FIXED] + counts[Part.NOT_FIXED]
    judged = counts[Part.IN_TIME] + counts[Part.LATE]
    rated = sum(counts[step] for step in STEPS)
    points = sum((counts[step] * weight for step, weight in STEPS.items()), Fraction())
    return Rates(
        response=Rate(Fraction(counts[Part.IN_TIME]), judged),
        resolution=Rate(Fraction(counts[Part.FIXED]), said),
        satisfaction=Rate(points, rated),
        return_rate=Rate(Fraction(counts[Part.CAME_BACK]), counts[Part.DONE]),
    )


def said(percent: Fraction | None) -> str | None:
    """Return a percentage as it is published: three places, half up (80.375), without noughts at the end."""
    if percent is None:
        return None
    thousandths = int(percent * 1000 + Fraction(1, 2))
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}.{rest:03}".rstrip("0").rstrip(".")
