"""Calls of WeCom on behalf of the company: its own access token, and the mass message to customer groups.

WeCom hands out the same token to everybody who asks until it ends (企业微信文档：获取access_token).  It knows no forced
renewal.
"""

import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

from PIL import Image

from services.errors import Misconfigured, Rejected, TokenRejected
from services.group_ports import Fate, MassDraft, MassLook, MassReminder, MassTaken
from services.ports import StoredToken, TokenStore
from wechat.client import Answer, WeChatApi
from wechat.clock import utc_now
from wechat.codes import Endpoint
from wechat.endpoints import (
    CUSTOMER_MESSAGE,
    CUSTOMER_REMIND,
    CUSTOMER_RESULT,
    OPENGID_TO_CHAT,
    WECOM_MEDIA,
    WECOM_TOKEN,
)
from wechat.errors import unreadable
from wechat.tokens import AccessTokens

NOT_SET_UP = "还没有接企业微信。请管理员设置 WUYOU_WECOM_CORPID 和 WUYOU_WECOM_SECRET，再重启。"
COVER = (520, 416)
"""Pixels of the picture on a mini-program card: five to four."""
COVER_COLOR = "#2f7d4f"
TITLE_BYTES = 64
FATES: Mapping[int, Fate] = {0: Fate.WAITING, 1: Fate.SENT, 2: Fate.FAILED, 3: Fate.FAILED}
"""``status`` of a group (企业微信文档：获取企业群发成员执行结果): not yet, sent, not a customer any more, limit reached."""
MOST_PAGES = 10


class WeCom:
    """Implements ``services.group_ports.MassGateway``."""

    def __init__(self, api: WeChatApi, store: TokenStore) -> None:
        self._api = api
        settings = api.settings
        self.is_set_up = bool(settings.wecom_corpid and settings.wecom_secret)
        self.tokens = AccessTokens(f"wecom:{settings.wecom_corpid}:access_token", store, self._fetch_token)

    def prepare(self, draft: MassDraft) -> MassTaken:
        """Have a message prepared; groups that are no customer groups of the company are left out."""
        chats = {target: self._chat_of(opengid) for target, opengid in draft.opengids.items()}
        reached = sorted({chat for chat in chats.values() if chat})
        if not reached:
            raise Rejected(
                "这些微信群都不是企业微信的客户群，发不了。请先在企业微信里建客户群。", code="no_customer_group"
            )
        body: dict[str, Any] = {
            "chat_type": "group",
            "chat_id_list": reached,
            "sender": draft.sender,
            "text": {"content": draft.text},
        }
        if draft.page:
            body["attachments"] = [{"msgtype": "miniprogram", "miniprogram": self._card(draft)}]
        answer = self._ask(CUSTOMER_MESSAGE, body)
        failed = answer.get("fail_list")
        if not answer.get("msgid"):
            raise unreadable()
        left_out = set(failed) if isinstance(failed, list) else set()
        return MassTaken(str(answer["msgid"]), {target: chat for target, chat in chats.items() if chat not in left_out})

    def remind(self, reminder: MassReminder) -> None:
        """Have WeCom remind the member; three times in 24 hours at most."""
        self._ask(CUSTOMER_REMIND, {"msgid": reminder.msgid})

    def results(self, look: MassLook) -> Mapping[str, Fate]:
        """Return what became of the message in each group, by WeCom's id of the group."""
        found: dict[str, Fate] = {}
        cursor = ""
        for _ in range(MOST_PAGES):
            body = {"msgid": look.msgid, "userid": look.sender, "limit": 1000, "cursor": cursor}
            answer = self._ask(CUSTOMER_RESULT, body)
            try:
                found |= {str(one["chat_id"]): FATES[int(one["status"])] for one in answer["send_list"]}
            except (KeyError, TypeError, ValueError):
                raise unreadable() from None
            cursor = str(answer.get("next_cursor") or "")
            if not cursor:
                break
        return found

    def _chat_of(self, opengid: str) -> str | None:
        """Return WeCom's id of a WeChat group, or nothing for a group that is none of the company's."""
        try:
            return str(self._ask(OPENGID_TO_CHAT, {"opengid": opengid})["chat_id"])
        except Rejected:
            return None
        except KeyError:
            raise unreadable() from None

    def _card(self, draft: MassDraft) -> dict[str, str]:
        cover = io.BytesIO()
        Image.new("RGB", COVER, COVER_COLOR).save(cover, "PNG")
        files = {"media": ("cover.png", cover.getvalue(), "image/png")}
        media = self._ask(WECOM_MEDIA, None, params={"type": "image"}, files=files)
        if not media.get("media_id"):
            raise unreadable()
        title = draft.title.encode()[:TITLE_BYTES].decode(errors="ignore")
        appid = self._api.settings.appid
        return {"title": title, "pic_media_id": str(media["media_id"]), "appid": appid, "page": draft.page}

    def _ask(
        self,
        endpoint: Endpoint,
        body: Mapping[str, Any] | None,
        *,
        params: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> Answer:
        """Call WeCom with its access token, and once more with another when that token is refused."""
        if not self.is_set_up:
            raise Misconfigured(NOT_SET_UP, code="wecom_not_set_up")
        token = self.tokens.current()
        base = self._api.settings.wecom_url
        query = dict(params or {})
        try:
            given = {**query, "access_token": token}
            return self._api.ask(endpoint, params=given, body=body, files=files, base_url=base, hide=(token,))
        except TokenRejected:
            token = self.tokens.replace(token)
        given = {**query, "access_token": token}
        return self._api.ask(endpoint, params=given, body=body, files=files, base_url=base, hide=(token,))

    def _fetch_token(self, *, force: bool) -> StoredToken:
        del force
        settings = self._api.settings
        asked_at = utc_now()
        answer = self._api.ask(
            WECOM_TOKEN,
            params={"corpid": settings.wecom_corpid, "corpsecret": settings.wecom_secret},
            base_url=settings.wecom_url,
            hide=(settings.wecom_secret,),
        )
        try:
            return StoredToken(str(answer["access_token"]), asked_at + dt.timedelta(seconds=int(answer["expires_in"])))
        except (KeyError, TypeError, ValueError):
            raise unreadable() from None
