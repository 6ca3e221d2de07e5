"""What all schemas share: unknown fields are refused, and every message is Chinese and says what to do."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

_SAY: dict[type[fields.Field[Any]], dict[str, str]] = {
    fields.Field: {
        "required": "这一项要填。",
        "null": "这一项不能空着。",
        "validator_failed": "填得不对，请检查。",
    },
    fields.String: {"invalid": "请填文字。", "invalid_utf8": "有认不出的字符，请重新输入。"},
    fields.Integer: {"invalid": "请填整数。", "too_large": "数字太大了。"},
    fields.Number: {"invalid": "请填数字。", "too_large": "数字太大了。", "special": "请填数字。"},
    fields.Boolean: {"invalid": "请选“是”或“否”。"},
    fields.DateTime: {
        "invalid": "时间写得不对，请写成2026-11-24T08:00:00+08:00这样。",
        "invalid_awareness": "时间要带时区，请写成2026-11-24T08:00:00+08:00这样。",
    },
    fields.List: {"invalid": "请按列表提交。"},
    fields.Nested: {"type": "格式不对，请检查。"},
    fields.Enum: {
        "unknown": "没有这个选项，请从列表里选：{choices}。",
        "must_be_one_of": "没有这个选项，请从列表里选：{choices}。",
    },
}
for _kind, _messages in _SAY.items():
    _kind.default_error_messages = {**_kind.default_error_messages, **_messages}

BIGGEST_ID = 2**63 - 1


class BaseSchema(Schema):
    """A schema that refuses what it does not know: a misspelled field must not vanish silently."""

    error_messages = {"unknown": "没有这一项，请检查名称。", "type": "格式不对，请检查。"}  # noqa: RUF012 - marshmallow's

    class Meta:
        """Refuse unknown fields, keep the order in which they are written."""

        unknown = RAISE


def words(most: int, *, least: int = 1, required: bool = True) -> fields.String:
    """Return a field for what people write."""
    said = f"请写{least}到{most}个字。" if least else f"最多{most}个字。"
    checks: list[Any] = [validate.Length(min=least, max=most, error=said), _no_null_character]
    if least:
        checks.append(validate.Predicate("strip", error=said))
    return fields.String(required=required, validate=checks)


def row_id(*, required: bool = True) -> fields.Integer:
    """Return a field for the key of a row."""
    return fields.Integer(
        required=required, strict=True, validate=validate.Range(min=1, max=BIGGEST_ID, error="编号不对，请从列表里选。")
    )


def query_id() -> fields.Integer:
    """Return a field for the key of a row in an address, where numbers are text."""
    return fields.Integer(validate=validate.Range(min=1, max=BIGGEST_ID, error="编号不对，请从列表里选。"))


def tokens(most: int) -> fields.List[str]:
    """Return a field for the photos of a step, as ``POST /photos`` named them."""
    return fields.List(
        words(64), load_default=list, validate=validate.Length(max=most, error=f"照片最多{most}张，每张只放一次。")
    )


def _no_null_character(value: str) -> None:
    if "\x00" in value:
        raise ValidationError("有认不出的字符，请重新输入。")


class PageQuery(BaseSchema):
    """Which page of a list."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100, error="一页1到100条。"))
    cursor = fields.String(
        load_default=None, validate=validate.Length(max=64, error="这一页的位置不对，请回到第一页。")
    )


class Problem(Schema):
    """An error, as RFC 9457 has it."""

    type = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; for programs."})
    title = fields.String(required=True, metadata={"description": "Chinese; what kind of trouble."})
    detail = fields.String(required=True, metadata={"description": "Chinese; what to do next."})
    errors = fields.Dict(keys=fields.String(), values=fields.Raw(), metadata={"description": "Messages by field."})
    state = fields.String(metadata={"description": "The present state, where the state forbids it."})
    needed = fields.List(fields.String(), metadata={"description": "Roles that may do it."})
    hats = fields.List(fields.Raw(), metadata={"description": "Hats of yours that may do it."})
    blocking = fields.List(fields.Raw(), metadata={"description": "What still hangs on it: kind, count, first ids."})
    conflicts = fields.List(fields.Raw(), metadata={"description": "Conflicts of interest: code, why, source."})
    source = fields.String(metadata={"description": "Where the rule is from."})
    version = fields.Integer(metadata={"description": "The newest version, where an older one was given."})
    request_id = fields.String(required=True)
