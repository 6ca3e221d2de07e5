"""Template management of the simulated WeChat (小程序文档：订阅消息 · 获取个人模板列表 and its neighbors)."""

import secrets
from collections.abc import Mapping
from typing import Any

from wechat.sandbox.catalogue import Template
from wechat.sandbox.refusal import Refusal

Json = dict[str, Any]

CATEGORIES = [{"id": 616, "name": "物业管理"}, {"id": 642, "name": "政务民生"}]
PUBLIC: Mapping[str, tuple[str, Mapping[int, tuple[str, str]]]] = {
    "1101": ("报修进度通知", {1: ("编号", "character_string"), 2: ("事项", "thing"), 3: ("进度", "phrase")}),
    "1102": ("缴费提醒", {1: ("房号", "thing"), 2: ("金额", "amount"), 3: ("截止日期", "date")}),
}
"""Public templates: number to title, and keywords by their id."""
PRIVATE_MOST = 25
TITLES_MOST = 30
KEYWORDS = range(2, 6)
SCENE_MOST = 15


class TemplateLibrary:
    """The templates that the mini-program has: those it started with, and those that were added."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self._given = templates
        self.reset()

    def reset(self) -> None:
        """Have those of the beginning again."""
        self._own = {one.template_id: _described(one) for one in self._given.values()}

    def listed(self) -> Json:
        """Answer ``gettemplate``."""
        return {"errcode": 0, "errmsg": "ok", "data": list(self._own.values())}

    def spoil(self, template_id: str, content: str) -> None:
        """Give a template other fields, as if it had been added anew by hand."""
        self._own[template_id] = {**self._own[template_id], "content": content}

    def titles(self, ids: str, start: str, limit: str) -> Json:
        """Answer ``getpubtemplatetitles``."""
        if not ids:
            raise Refusal(200018, "ids is empty")
        if not set(ids.split(",")) <= {str(one["id"]) for one in CATEGORIES}:
            raise Refusal(200019, "ids is invalid")
        if not start.isdigit():
            raise Refusal(200016, "start is invalid")
        if not limit.isdigit() or int(limit) > TITLES_MOST:
            raise Refusal(200017, "limit is invalid")
        data = [{"tid": int(tid), "title": title, "type": 2, "categoryId": "616"} for tid, (title, _) in PUBLIC.items()]
        return {"errcode": 0, "errmsg": "ok", "count": len(data), "data": data[int(start) :][: int(limit)]}

    def keywords(self, tid: str) -> Json:
        """Answer ``getpubtemplatekeywords``."""
        _, words = _public(tid)
        data = [{"kid": kid, "name": name, "example": name, "rule": kind} for kid, (name, kind) in words.items()]
        return {"errcode": 0, "errmsg": "ok", "count": len(data), "data": data}

    def add(self, body: Mapping[str, Any]) -> Json:
        """Answer ``addtemplate``."""
        title, words = _public(str(body.get("tid", "")))
        chosen = body.get("kidList")
        if not isinstance(chosen, list) or len(chosen) not in KEYWORDS or not set(chosen) <= set(words):
            raise Refusal(200020, "kidList is invalid")
        scene = body.get("sceneDesc")
        if not isinstance(scene, str) or not 0 < len(scene) <= SCENE_MOST:
            raise Refusal(200021, "sceneDesc is invalid")
        content = _content([(words[kid][0], f"{words[kid][1]}{kid}") for kid in chosen])
        if any(one["title"] == title and one["content"] == content for one in self._own.values()):
            raise Refusal(200022, "a template with the same keywords is there")
        if len(self._own) >= PRIVATE_MOST:
            raise Refusal(200012, "too many templates")
        template_id = secrets.token_urlsafe(32)
        self._own[template_id] = _entry(template_id, title, content)
        return {"errcode": 0, "errmsg": "ok", "priTmplId": template_id}

    def remove(self, body: Mapping[str, Any]) -> Json:
        """Answer ``deltemplate``."""
        if self._own.pop(str(body.get("priTmplId", "")), None) is None:
            raise Refusal(200002, "no such template")
        return {"errcode": 0, "errmsg": "ok"}


def _public(tid: str) -> tuple[str, Mapping[int, tuple[str, str]]]:
    if tid not in PUBLIC:
        raise Refusal(200014, "tid is invalid")
    return PUBLIC[tid]


def _described(template: Template) -> Json:
    fields = [(label, key) for key, label in template.labels.items()]
    return _entry(template.template_id, template.title, _content(fields))


def _entry(template_id: str, title: str, content: str) -> Json:
    return {
        "priTmplId": template_id,
        "title": title,
        "content": content,
        "example": content,
        "type": 2,
        "keywordEnumValueList": [],
    }


def _content(fields: list[tuple[str, str]]) -> str:
    return "".join(f"{label}:{{{{{key}.DATA}}}}\n" for label, key in fields)
