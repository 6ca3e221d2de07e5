"""Subscribe messages to one person (小程序文档：发送订阅消息)."""

from collections.abc import Mapping, Sequence

from config import MessageTemplate
from services.errors import Misconfigured
from services.ports import SubscribeMessage
from wechat.client import WeChatApi
from wechat.clock import utc_now
from wechat.endpoints import SUBSCRIBE_SEND
from wechat.formats import fit
from wechat.templates import listed, problems


class SubscribeSender:
    """Implements ``services.ports.MessageSender``."""

    def __init__(self, api: WeChatApi) -> None:
        self._api = api

    def template_id(self, kind: str) -> str:
        """Return the template behind a kind of message.  Raises ``Misconfigured`` when none is set."""
        return self._template(kind).template_id

    def templates(self) -> Mapping[str, str]:
        """Return the template ids by kind."""
        return {kind: template.template_id for kind, template in self._api.settings.templates.items()}

    def template_problems(self, choices: Mapping[str, Sequence[str]]) -> list[str]:
        """Compare our templates with those of the mini-program; return what has to be mended, in Chinese."""
        theirs = listed(self._api)
        ours = self._api.settings.templates
        return [said for kind, one in ours.items() for said in problems(kind, one, theirs, choices)]

    def send(self, message: SubscribeMessage) -> str:
        """Send it and return WeChat's message id, or an empty string where WeChat gives none.

        Values that our template has no field for are left out, fields without a value get a placeholder.
        Raises ``PersonRefused`` when no grant is left.
        """
        template = self._template(message.kind)
        now = utc_now()
        body = {
            "touser": message.openid,
            "template_id": template.template_id,
            "miniprogram_state": self._api.settings.miniprogram_state,
            "lang": "zh_CN",
            "data": {
                key: {"value": fit(key, message.values.get(name, ""), now)} for name, key in template.fields.items()
            },
        }
        if message.page:
            body["page"] = message.page
        answer = self._api.ask_with_token(SUBSCRIBE_SEND, body, hide=(message.openid,))
        return str(answer.get("msgid") or "")

    def _template(self, kind: str) -> MessageTemplate:
        template = self._api.settings.templates.get(kind)
        if template is None:
            raise Misconfigured(f"消息“{kind}”还没有设置模板，请管理员在 WUYOU_WECHAT_TEMPLATES 里补上。")
        return template
