"""What stands in a code and beside it: read back from everything that a scan can give."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.codes.tokens import ALPHABET, LENGTH, heard, new_token, number_of, printed, scene
from services.errors import InvalidInput
from wechat.sandbox.scan_codes import SCENE

TOKEN = "7Qm2ZtVb0sXyK4LwN9dPaR"
tokens = st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH)


@given(token=tokens)
def test_a_token_is_heard_in_every_form_in_which_it_is_scanned(token):
    address = f"https://wuyou.example.cn/s/{token}"
    forms = [
        token, scene(token), quote(scene(token), safe=""), quote(quote(scene(token), safe=""), safe=""), address,
        quote(address, safe=""), f"{address}?from=sms", f"scene={quote(scene(token), safe='')}", f"  {address}\n",
        f"pages/scan/index?h={token}",
    ]  # fmt: skip
    assert [heard(form) for form in forms] == [token] * len(forms)


@given(token=tokens)
def test_a_scene_is_one_that_wechat_takes(token):
    assert SCENE.fullmatch(scene(token))


def test_tokens_do_not_repeat_and_use_the_whole_alphabet():
    made = {new_token() for _ in range(500)}
    assert len(made) == 500
    assert set("".join(made)) == set(ALPHABET)


@given(serial=st.integers(1, 99_999))
def test_a_number_is_heard_as_it_is_printed_and_as_it_is_read_aloud(serial):
    number = number_of(serial)
    assert heard(printed(number)) == number
    assert heard(" ".join(printed(number))) == number
    assert heard("－".join(printed(number))) == number


@given(serial=st.integers(1, 99_999), at=st.integers(0, 5), by=st.integers(1, 9))
def test_one_digit_misheard_is_noticed(serial, at, by):
    digits = list(printed(number_of(serial)))
    at %= len(digits)
    digits[at] = str((int(digits[at]) + by) % 10)
    with pytest.raises(InvalidInput) as caught:
        heard("".join(digits))
    assert caught.value.reason == "code_number_wrong"


@given(serial=st.integers(1, 99_999), at=st.integers(0, 5))
def test_two_neighboring_digits_swapped_are_noticed(serial, at):
    digits = list(printed(number_of(serial)))
    at %= len(digits) - 1
    if digits[at] == digits[at + 1]:
        return
    digits[at], digits[at + 1] = digits[at + 1], digits[at]
    with pytest.raises(InvalidInput):
        heard("".join(digits))


@pytest.mark.parametrize(
    "text", ["", " ", "12", "1234567890", "https://example.com/", "h=short", f"h={TOKEN}x", "灯坏了", "\x00", "h=%E6"]
)
def test_what_is_no_code_is_refused_with_what_to_do(text):
    with pytest.raises(InvalidInput) as caught:
        heard(text)
    assert caught.value.reason == "code_unreadable"
    assert "服务站" in caught.value.detail
