"""Bodies that are in order, made from our own OpenAPI description: what a test needs to get past the schema."""

import re
from typing import Any

Json = dict[str, Any]
SAMPLES = {
    "date": "2026-11-23",
    "date-time": "2026-11-23T09:00:00+08:00",
    "uuid": "6f1c1d9e-7a3c-4b0e-9a51-0c3f0a3f8f11",
    "email": "nobody@example.com",
    "uri": "https://example.com/",
}


def body_for(spec: Json, method: str, rule: str, **known: Any) -> Any:
    """Return the smallest body that an operation takes; ``known`` gives fields by name, wherever they stand."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)
    operation = spec["paths"].get(path, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return sample(spec, content["schema"], known) if content else None


def query_for(spec: Json, method: str, rule: str) -> Json:
    """Return the query that an operation cannot do without."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)
    asked = spec["paths"].get(path, {}).get(method.lower(), {}).get("parameters", [])
    return {
        one["name"]: sample(spec, one["schema"], {})
        for one in asked
        if one.get("in") == "query" and one.get("required")
    }


def sample(spec: Json, schema: Json, known: Json) -> Any:
    """Return the plainest value that a schema takes."""
    schema = resolved(spec, schema)
    for key in ("const", "example"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return next(value for value in schema["enum"] if value is not None)
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema:
            return sample(spec, next(one for one in schema[key] if one.get("type") != "null"), known)
    return _by_kind(spec, schema, known)


def resolved(spec: Json, schema: Json) -> Json:
    """Follow references to the schema itself."""
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def _by_kind(spec: Json, schema: Json, known: Json) -> Any:
    kinds = schema.get("type", "object")
    kind = next(one for one in ([kinds] if isinstance(kinds, str) else kinds) if one != "null")
    if kind == "object":
        fields = schema.get("properties", {})
        return {
            name: known[name] if name in known else sample(spec, field, known)
            for name, field in fields.items()
            if name in schema.get("required", ()) or name in known
        }
    if kind == "array":
        return [sample(spec, schema["items"], known)] * max(schema.get("minItems", 0), 1)
    if kind in {"integer", "number"}:
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    if kind == "boolean":
        return False
    if schema.get("format") in SAMPLES:
        return SAMPLES[schema["format"]]
    return "请看看这里" * (schema.get("minLength", 1) // 5 + 1)
