"""Percentages: exact, with what they are counted from, and none of nothing."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.indices.parts import PARTS, Part
from services.indices.rates import Weights, rates, said

WEIGHTS = Weights(30, 35, 35)
NOTHING = dict.fromkeys(Part, 0)
WORKED = NOTHING | {
    Part.ALL: 10, Part.IN_TIME: 9, Part.LATE: 1, Part.FIXED: 6, Part.NOT_FIXED: 2, Part.NO_WORD: 2,
    Part.SATISFIED: 4, Part.MOSTLY: 2, Part.FAIR: 1, Part.UNSATISFIED: 1,
}  # fmt: skip
"""Ten tickets: nine answered in time, eight with a word, eight rated 4/2/1/1 (the worked case of the domain reference)."""


def test_the_worked_case_comes_out_to_the_thousandth():
    found = rates(WORKED)
    assert said(found.response.percent) == "90"
    assert said(found.resolution.percent) == "75"
    assert said(found.satisfaction.percent) == "77.5"
    assert said(found.score(WEIGHTS)) == "80.375"


def test_each_rate_says_from_how_many_it_is():
    found = rates(WORKED)
    assert (found.response.of, found.resolution.of, found.satisfaction.of) == (10, 8, 8)


def test_of_nothing_there_is_no_rate_and_no_score():
    found = rates(NOTHING)
    assert [found.response.percent, found.resolution.percent, found.satisfaction.percent] == [None] * 3
    assert found.score(WEIGHTS) is None
    assert said(None) is None


@pytest.mark.parametrize("silent", [Part.SILENT, Part.NO_WORD, Part.UNANSWERED, Part.DONE])
def test_silence_and_waiting_move_no_rate(silent):
    before, after = rates(WORKED), rates(WORKED | {silent: 1_000})
    assert (before.response, before.resolution, before.satisfaction) == (
        after.response, after.resolution, after.satisfaction,
    )  # fmt: skip


@given(st.fixed_dictionaries({part: st.integers(0, 10**7) for part in PARTS}))
def test_rates_lie_between_nought_and_a_hundred(counts):
    found = rates(counts)
    for rate in (found.response, found.resolution, found.satisfaction):
        assert rate.percent is None or 0 <= rate.percent <= 100


@pytest.mark.parametrize(
    ("percent", "text"),
    [(Fraction(200, 3), "66.667"), (Fraction(1, 2000), "0.001"), (Fraction(0), "0"), (Fraction(100), "100")],
)
def test_percentages_are_rounded_half_up_to_thousandths(percent, text):
    assert said(percent) == text
