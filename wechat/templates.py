"""Compares the templates of the settings with those of the mini-program (小程序文档：获取个人模板列表)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from config import MessageTemplate
from wechat.client import WeChatApi
from wechat.endpoints import TEMPLATES
from wechat.formats import KNOWN_TYPES, field_type

_FIELD = re.compile(r"\{\{\s*([A-Za-z_]+\d+)\.DATA\s*\}\}")
ENUM = "enum"


def listed(api: WeChatApi) -> list[dict[str, Any]]:
    """Return the templates that the mini-program has."""
    answer = api.ask_with_token(TEMPLATES, None)
    return [one for one in answer.get("data") or [] if isinstance(one, dict)]


def problems(
    kind: str, ours: MessageTemplate, theirs: Sequence[Mapping[str, Any]], choices: Mapping[str, Sequence[str]]
) -> list[str]:
    """Say in Chinese what has to be mended in the settings of one kind of message."""
    found = next((one for one in theirs if one.get("priTmplId") == ours.template_id), None)
    if found is None:
        return [f"“{kind}”：小程序里没有编号为 {ours.template_id} 的模板。请在微信后台“订阅消息”里核对编号。"]
    wanted = _FIELD.findall(str(found.get("content", "")))
    title = f"“{kind}”（{found.get('title', '')}）"
    said = []
    for name, key in ours.fields.items():
        if key not in wanted:
            said.append(f"{title}：模板里没有 {key} 这一项（我们用它放 {name}）。模板里有：{'、'.join(wanted)}。")
        elif field_type(key) not in KNOWN_TYPES and field_type(key) != ENUM:
            said.append(f"{title}：{key} 的类型 {field_type(key)} 我们不认识，请换一个模板。")
        elif field_type(key) == ENUM:
            said += _enum_problems(title, key, _allowed(found, key), choices.get(name, ()))
    left_out = [key for key in wanted if key not in ours.fields.values()]
    if left_out:
        said.append(f"{title}：模板里的 {'、'.join(left_out)} 没有对应的内容，微信会整条退回。请换成只有这些项的模板。")
    return said


def _enum_problems(title: str, key: str, allowed: Sequence[str], ours: Sequence[str]) -> list[str]:
    if not ours:
        return [f"{title}：{key} 只能填固定的几个词，我们要放的内容不固定。请换一个模板。"]
    unknown = [word for word in ours if word not in allowed]
    if not unknown:
        return []
    return [f"{title}：{key} 只能填{'、'.join(allowed)}，而我们会发{'、'.join(unknown)}。请换成“短语”类型的模板。"]


def _allowed(template: Mapping[str, Any], key: str) -> list[str]:
    """Return the words that WeChat takes for a field with a fixed list."""
    for one in template.get("keywordEnumValueList") or []:
        if isinstance(one, Mapping) and str(one.get("keywordCode", "")).removesuffix(".DATA") == key:
            return [str(word) for word in one.get("enumValueList") or []]
    return []
