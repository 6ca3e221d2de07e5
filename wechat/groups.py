"""Texts into a WeCom group through its robot (企业微信文档：群机器人配置说明)."""

from wechat.client import WeChatApi
from wechat.endpoints import ROBOT_SEND

MARKDOWN_BYTES = 4096
CUT_MARK = "…"


class GroupRobot:
    """Implements ``services.ports.GroupNotifier``."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    def send(self, robot_key: str, markdown: str) -> None:
        """Post a text, cut to 4096 bytes.

        Raises ``Rejected`` with code ``robot_removed``, or ``QuotaExceeded`` after 20 messages within a minute.
        """
        self._api.ask(
            ROBOT_SEND,
            params={"key": robot_key},
            body={"msgtype": "markdown", "markdown": {"content": cut_bytes(markdown, MARKDOWN_BYTES)}},
            base_url=self._api.settings.wecom_url,
            hide=(robot_key,),
        )


def cut_bytes(text: str, limit: int) -> str:
    """Return the text within so many bytes of UTF-8, never through the middle of a character.

    A text that was cut ends with an ellipsis.
    """
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= limit:
        return encoded.decode("utf-8")
    room = limit - len(CUT_MARK.encode("utf-8"))
    return encoded[:room].decode("utf-8", "ignore") + CUT_MARK
