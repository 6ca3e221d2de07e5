"""Fields for personal data in answers: masked ones that cannot be forgotten to mask, and clear ones for the few who reveal.

A test looks at every schema of an answer: a field that may be a person's name, phone or number is one of these, and clear
ones stand only where a reveal is on record.
"""

from collections.abc import Callable
from typing import Any

from marshmallow import fields

from services.masking import mask_bank_account, mask_id_number, mask_name, mask_phone, mask_plate
from services.privacy import minors

STAR = "*"


class Masked(fields.String):
    """Shows the mask that is stored; what comes without one is masked here, so that forgetting shows stars, not a name."""

    mask: Callable[[str], str]

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        text = super()._serialize(value, attr, obj, **kwargs)
        return text if text is None or STAR in text else type(self).mask(text)


class MaskedName(Masked):
    """王*兰; of children only that they are."""

    mask = staticmethod(lambda name: name if name == minors.HIDDEN else mask_name(name))


class CalledName(fields.String):
    """李师傅, 王*兰: what somebody is called before others, as ``Person.known_as`` has it, or else the mask.

    Who works for others chose to be known by it, so it has no stars and cannot be told from a name here: a test asks every
    list for full names.
    """


class MaskedPhone(Masked):
    """138****8000."""

    mask = staticmethod(mask_phone)


class MaskedIdNumber(Masked):
    """2105**********0012."""

    mask = staticmethod(mask_id_number)


class MaskedPlate(Masked):
    """辽E·**123."""

    mask = staticmethod(mask_plate)


class MaskedBankAccount(Masked):
    """**** 7890."""

    mask = staticmethod(mask_bank_account)


class Clear(fields.String):
    """Personal data in full: only in answers of routes that put the look on record."""


class ClearName(Clear):
    """A name in full."""


class ClearPhone(Clear):
    """A phone in full, E.164."""


class ClearIdNumber(Clear):
    """The number of a paper in full."""
