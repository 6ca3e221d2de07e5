"""What nobody does for another, not even with a mandate: to agree, to be erased, to become one with another person."""

from services.actors import Actor
from services.errors import WrongHat

OWN_HANDS = "这件事要本人自己办，代办的人不能替。本人不用手机的，请到服务站说一声。"


def own(actor: Actor) -> None:
    """Raise ``WrongHat`` when the actor's phone is in somebody else's hands."""
    if actor.agent_id is not None:
        raise WrongHat(OWN_HANDS, code="own_hands")
