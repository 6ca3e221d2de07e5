"""What a robot may post, with the limits of its page (企业微信文档：群机器人配置说明), and how the page here shows it."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from wechat.sandbox.markdown import render
from wechat.sandbox.refusal import Refusal

Json = dict[str, Any]

BYTE_LIMITS: Mapping[str, int] = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
IMAGE_BYTES = 2 * 1024 * 1024
IMAGE_KINDS = {b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png"}
CARD_KINDS = {"text_notice", "news_notice"}
MOST_LINES, MOST_JUMPS = 6, 3


def read(message: Mapping[str, Any]) -> Json:
    """Return the kind and the content of a post.  Raises the refusal that WeCom would answer."""
    kind = str(message.get("msgtype"))
    reader: Callable[[Mapping[str, Any]], Any] | None = {"image": _image, "template_card": _card}.get(kind)
    if kind in BYTE_LIMITS:
        return {"msgtype": kind, "content": _text(message, kind), "called": _called(message, kind)}
    if reader is None:
        raise Refusal(40008, "invalid message type")
    part = message.get(kind)
    if not isinstance(part, Mapping):
        raise Refusal(44001, "empty media data")
    return {"msgtype": kind, "content": reader(part), "called": []}


def shown(post: Mapping[str, Any]) -> Markup:
    """Return a post as the page shows it."""
    content = post["content"]
    if post["msgtype"] == "image":
        return Markup('<img class="posted" alt="群里的图片" src="data:image/{};base64,{}">').format(*content)
    if post["msgtype"] == "share":
        return Markup(
            '<p class="message-title">小程序卡片：{title}</p><p>{line}</p><p class="small">{who} 分享的</p>'
        ).format(**{"line": "", **content})
    if post["msgtype"] == "template_card":
        lines = Markup("").join(Markup("<p>{}：{}</p>").format(name, value) for name, value in content["lines"])
        return Markup('<p class="message-title">{}</p><p>{}</p>{}<p class="small">点开：{}</p>').format(
            content["title"], content["description"], lines, content["opens"]
        )
    called = "".join(f"@{'所有人' if who == '@all' else who} " for who in post.get("called", ()))
    return render(f"{called}{content}")


def _text(message: Mapping[str, Any], kind: str) -> str:
    part = message.get(kind)
    content = part.get("content") if isinstance(part, Mapping) else None
    if not isinstance(content, str) or not content:
        raise Refusal(44001, "empty media data")
    size, limit = len(content.encode("utf-8", "replace")), BYTE_LIMITS[kind]
    if size > limit:
        raise Refusal(40058, f"{kind}.content exceed max length {limit}. invalid Request Parameter")
    return content


def _called(message: Mapping[str, Any], kind: str) -> list[str]:
    called = message[kind].get("mentioned_list", [])
    if not isinstance(called, list) or not all(isinstance(one, str) for one in called):
        raise Refusal(40058, "mentioned_list invalid Request Parameter")
    return called


def _image(part: Mapping[str, Any]) -> tuple[str, str]:
    given = part.get("base64")
    if not isinstance(given, str) or not given:
        raise Refusal(44001, "empty media data")
    try:
        content = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(40058, "image.base64 invalid Request Parameter") from None
    kind = next((kind for start, kind in IMAGE_KINDS.items() if content.startswith(start)), None)
    if kind is None or len(content) > IMAGE_BYTES:
        raise Refusal(40058, "image must be jpg or png of at most 2M. invalid Request Parameter")
    if part.get("md5") != hashlib.md5(content, usedforsecurity=False).hexdigest():
        raise Refusal(40058, "image.md5 does not match. invalid Request Parameter")
    return kind, given


def _card(part: Mapping[str, Any]) -> Json:
    title = part.get("main_title")
    if part.get("card_type") not in CARD_KINDS or not isinstance(title, Mapping) or not title.get("title"):
        raise Refusal(40058, "template_card.card_type and main_title are required. invalid Request Parameter")
    lines, jumps = part.get("horizontal_content_list", []), part.get("jump_list", [])
    if len(lines) > MOST_LINES or len(jumps) > MOST_JUMPS:
        raise Refusal(40058, "too many lines in template_card. invalid Request Parameter")
    return {
        "title": str(title["title"]),
        "description": str(title.get("desc", "")),
        "lines": [(str(line.get("keyname", "")), str(line.get("value", ""))) for line in lines],
        "opens": _opened(part.get("card_action")),
    }


def _opened(action: object) -> str:
    """Return what a tap opens: an address (1) or a page of a mini-program (2)."""
    if isinstance(action, Mapping) and action.get("type") == 1 and action.get("url"):
        return str(action["url"])
    if isinstance(action, Mapping) and action.get("type") == 2 and action.get("appid"):  # noqa: PLR2004 - see above
        return f"小程序 {action.get('pagepath', '')}"
    raise Refusal(40058, "template_card.card_action is required. invalid Request Parameter")
