"""Posts into a WeCom group through its robot (企业微信文档：群机器人配置说明)."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from services.errors import Rejected
from services.group_ports import Card, GroupPost, Markdown, Picture, PlainText
from wechat.client import WeChatApi
from wechat.cutting import cut_markdown, cut_text
from wechat.endpoints import ROBOT_SEND

TEXT_BYTES = 2048
MARKDOWN_BYTES = 4096
PICTURE_BYTES = 2 * 1024 * 1024
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
TITLE_CHARACTERS = 26
DESCRIPTION_CHARACTERS = 30
NAME_CHARACTERS = 5
VALUE_CHARACTERS = 26
LINES = 6
OPENS_ADDRESS, OPENS_MINI_PROGRAM = 1, 2


class GroupRobot:
    """Implements ``services.group_ports.GroupNotifier``."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    def send(self, robot_key: str, post: GroupPost) -> None:
        """Post something."""
        self._api.ask(
            ROBOT_SEND,
            params={"key": robot_key},
            body=self._body(post),
            base_url=self._api.settings.wecom_url,
            hide=(robot_key,),
        )

    def _body(self, post: GroupPost) -> Mapping[str, Any]:
        if isinstance(post, Markdown):
            return {"msgtype": "markdown", "markdown": {"content": cut_markdown(post.content, MARKDOWN_BYTES)}}
        if isinstance(post, PlainText):
            content: dict[str, Any] = {"content": cut_text(post.content, TEXT_BYTES)}
            return {
                "msgtype": "text",
                "text": content | ({"mentioned_list": list(post.mentioned)} if post.mentioned else {}),
            }
        if isinstance(post, Picture):
            return {"msgtype": "image", "image": _picture(post.content)}
        return {"msgtype": "template_card", "template_card": self._card(post)}

    def _card(self, card: Card) -> Mapping[str, Any]:
        if card.pagepath:
            action = {"type": OPENS_MINI_PROGRAM, "appid": self._api.settings.appid, "pagepath": card.pagepath}
        else:
            action = {"type": OPENS_ADDRESS, "url": card.url}
        return {
            "card_type": "text_notice",
            "main_title": {
                "title": shortened(card.title, TITLE_CHARACTERS),
                "desc": shortened(card.description, DESCRIPTION_CHARACTERS),
            },
            "horizontal_content_list": _lines(card.lines),
            "card_action": action,
        }


def shortened(text: str, characters: int) -> str:
    """Return a text within so many characters; one that was cut ends with an ellipsis.  Cards count characters."""
    return text if len(text) <= characters else text[: characters - 1] + "…"


def _lines(lines: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [
        {"keyname": shortened(name, NAME_CHARACTERS), "value": shortened(value, VALUE_CHARACTERS)}
        for name, value in lines[:LINES]
    ]


def _picture(content: bytes) -> dict[str, str]:
    """Return a picture as the interface takes it.  Raises ``Rejected`` for what it would refuse."""
    if len(content) > PICTURE_BYTES:
        raise Rejected("图片超过2兆，群里发不出去。请换一张小一点的。", code="picture_too_big")
    if not content.startswith(PICTURES):
        raise Rejected("群里只能发 JPG 或 PNG 图片。请换一张。", code="picture_kind")
    return {
        "base64": base64.b64encode(content).decode(),
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
    }
