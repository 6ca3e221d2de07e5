"""Errors become ``application/problem+json`` (RFC 9457) here, and nowhere else; below some paths they become pages."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from services.errors import (
    CallbackRefused,
    Conflict,
    GatewayError,
    InvalidInput,
    NotFound,
    NotSignedIn,
    PersonRefused,
    QuotaExceeded,
    Rejected,
    ServiceError,
    StaleVersion,
    TooMany,
    UnsupportedMedia,
    WrongHat,
)

log = structlog.get_logger(__name__)

STATUS: dict[type[ServiceError], int] = {
    InvalidInput: 422,
    UnsupportedMedia: 415,
    NotSignedIn: 401,
    WrongHat: 403,
    NotFound: 404,
    Conflict: 409,
    StaleVersion: 412,
    CallbackRefused: 403,
    TooMany: 429,
    GatewayError: 503,
    QuotaExceeded: 503,
    Rejected: 422,
    PersonRefused: 409,
}

# What the framework itself answers: code, title and what to do, by status.
FRAMEWORK = {
    400: ("bad_request", "请求读不懂", "提交的内容格式不对，请返回重新填写。"),
    404: ("no_such_page", "没有这个页面", "地址不对。请从首页或菜单重新进入。"),
    405: ("method_not_allowed", "不能这样操作", "这个地址不支持这种操作。请更新小程序后再试。"),
    413: ("too_large", "内容太大了", "一次提交的内容太大了，照片一张最多10兆。请压缩后再发。"),
    415: ("unsupported_media_type", "格式不对", "请求的格式不对，请用 JSON 提交。"),
    422: ("invalid_input", "填写的内容有问题", "有几处填得不对，请看每一项下面的说明。"),
    429: ("too_many", "次数太多了", "操作太快了，请过一会儿再试。"),
}
OTHERWISE = ("request_failed", "没有办成", "请返回重新试一次；还是不行请联系服务站。")
BROKEN = (
    "internal_error",
    "系统出错了",
    "系统出了点问题，已经记下来了。请过几分钟再试；着急的事请直接给服务站打电话。",
)
DATABASE_AWAY = ("database_unavailable", "系统正忙", "系统正忙，您的内容没有丢。请过一会儿再点一次。")
BY_FIELD = ("json", "query", "form", "files", "headers", "path", "query_and_json")


PAGES = "wuyou_problem_pages"
Page = Callable[[int, str, str, str, Mapping[str, Any]], Response]


def register(app: Flask, pages: Mapping[str, Page]) -> None:
    """Answer every error with a problem document, or with the page that ``pages`` names for the beginning of a path."""
    app.extensions[PAGES] = pages
    app.register_error_handler(ServiceError, answer)

    @app.errorhandler(HTTPException)
    def on_http_error(error: HTTPException) -> Response:
        status = error.code or 500
        code, title, detail = FRAMEWORK.get(status, OTHERWISE)
        extra = {"errors": fields} if (fields := _fields(error)) else {}
        response = problem(status, code, title, detail, extra)
        if allowed := getattr(error, "valid_methods", None):
            response.headers["Allow"] = ", ".join(allowed)
        return response

    @app.errorhandler(SQLAlchemyError)
    def on_database_error(error: SQLAlchemyError) -> Response:
        if isinstance(error, OperationalError):
            log.error("database.away", error=str(error.orig))
            response = problem(503, *DATABASE_AWAY, {})
            response.headers["Retry-After"] = "5"
            return response
        return on_bug(error)

    @app.errorhandler(Exception)
    def on_bug(error: Exception) -> Response:
        log.error("request.broken", exc_info=error)
        return problem(500, *BROKEN, {})


def answer(error: ServiceError) -> Response:
    """Return what a use case's refusal looks like; views use it for an answer that must keep its effects."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    extra: dict[str, Any] = dict(error.facts)
    if isinstance(error, InvalidInput) and error.errors:
        extra["errors"] = error.errors
    response = problem(status, error.reason, error.title, error.detail, extra)
    if isinstance(error, GatewayError | TooMany) and error.retry_after is not None:
        response.headers["Retry-After"] = str(int(error.retry_after))
    if isinstance(error, NotSignedIn):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def problem(status: int, code: str, title: str, detail: str, extra: dict[str, Any]) -> Response:
    """Return a problem document, or the page that says the same."""
    pages: Mapping[str, Page] = current_app.extensions[PAGES]
    for beginning, page in pages.items():
        if request.path.startswith(beginning):
            return page(status, code, title, detail, extra)
    body = {"type": "about:blank", "status": status, "code": code, "title": title, "detail": detail, **extra}
    body["request_id"] = g.get("request_id", "")
    # Items of a list are numbered in the errors by field.
    content = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    return Response(content, status, mimetype="application/problem+json")


def _fields(error: HTTPException) -> dict[str, Any]:
    """Return the messages of a failed schema, by field, without telling where in the request each field stood."""
    messages = getattr(error, "data", {}).get("messages", {})
    if not isinstance(messages, dict):
        return {}
    found: dict[str, Any] = {}
    for place, inner in messages.items():
        found |= inner if place in BY_FIELD and isinstance(inner, dict) else {place: inner}
    return found
