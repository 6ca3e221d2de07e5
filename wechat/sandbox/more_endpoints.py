"""More of WeChat's own addresses: phone numbers, session keys, content checks, templates, allowances, codes and links."""

from typing import Any

from flask import Blueprint, Response, request

from wechat.sandbox.library import CATEGORIES
from wechat.sandbox.refusal import Refusal
from wechat.sandbox.world import World

Json = dict[str, Any]

DAILY = {
    "/cgi-bin/message/subscribe/send": 10_000_000,
    "/wxa/msg_sec_check": 2_000_000,
    "/wxa/media_check_async": 200_000,
}
COUNTED = {"/cgi-bin/message/subscribe/send": "send", "/wxa/msg_sec_check": "text", "/wxa/media_check_async": "media"}


def add_people(blueprint: Blueprint, world: World) -> None:
    """Add what is about a person's phone: its number, its session key."""

    @blueprint.post("/wxa/business/getuserphonenumber")
    def phone_number() -> Json:
        _enter(world, "phone")
        number = world.phones.number_for(str(wechat_body().get("code", "")))
        watermark = {"timestamp": int(world.clock()), "appid": world.appid}
        info = {"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86", "watermark": watermark}
        return {"errcode": 0, "errmsg": "ok", "phone_info": info}

    @blueprint.get("/wxa/checksession")
    def check_session() -> Json:
        _enter(world, "session")
        world.phones.check_session(*_session_arguments())
        return {"errcode": 0, "errmsg": "ok"}

    @blueprint.get("/wxa/resetusersessionkey")
    def reset_session() -> Json:
        _enter(world, "session")
        openid, signature = _session_arguments()
        return {"errcode": 0, "errmsg": "ok", "openid": openid, "session_key": world.phones.renew(openid, signature)}


def add_content(blueprint: Blueprint, world: World) -> None:
    """Add content checks and allowances."""

    @blueprint.post("/wxa/msg_sec_check")
    def check_text() -> Json:
        _enter(world, "text")
        return world.safety.check_text(wechat_body())

    @blueprint.post("/wxa/media_check_async")
    def check_media() -> Json:
        _enter(world, "media")
        return world.safety.check_media(wechat_body())

    @blueprint.post("/cgi-bin/openapi/quota/get")
    def quota() -> Json:
        _enter(world, "quota")
        path = wechat_body().get("cgi_path")
        if path not in DAILY:
            raise Refusal(76021, "cgi_path not found")
        used = world.calls[COUNTED[path]]
        left = max(DAILY[path] - used, 0)
        return {"errcode": 0, "errmsg": "ok", "quota": {"daily_limit": DAILY[path], "used": used, "remain": left}}


def add_templates(blueprint: Blueprint, world: World) -> None:
    """Add the management of templates."""
    library = world.library

    @blueprint.get("/wxaapi/newtmpl/gettemplate")
    def get_template() -> Json:
        _enter(world, "templates")
        return library.listed()

    @blueprint.get("/wxaapi/newtmpl/getcategory")
    def get_category() -> Json:
        _enter(world, "templates")
        return {"errcode": 0, "errmsg": "ok", "data": CATEGORIES}

    @blueprint.get("/wxaapi/newtmpl/getpubtemplatetitles")
    def get_titles() -> Json:
        _enter(world, "templates")
        given = request.args
        return library.titles(given.get("ids", ""), given.get("start", ""), given.get("limit", ""))

    @blueprint.get("/wxaapi/newtmpl/getpubtemplatekeywords")
    def get_keywords() -> Json:
        _enter(world, "templates")
        return library.keywords(request.args.get("tid", ""))

    @blueprint.post("/wxaapi/newtmpl/addtemplate")
    def add_template() -> Json:
        _enter(world, "templates")
        return library.add(wechat_body())

    @blueprint.post("/wxaapi/newtmpl/deltemplate")
    def delete_template() -> Json:
        _enter(world, "templates")
        return library.remove(wechat_body())


def add_scan_codes(blueprint: Blueprint, world: World) -> None:
    """Add codes and links.  A code that is refused is answered with JSON in place of the picture."""

    @blueprint.post("/wxa/getwxacodeunlimit")
    def unlimited_code() -> Response:
        _enter(world, "code")
        content, content_type = world.codes.picture(wechat_body())
        return Response(content, content_type=content_type)

    @blueprint.post("/wxa/generate_urllink")
    def url_link() -> Json:
        _enter(world, "link")
        return world.codes.link(wechat_body(), request.host_url)

    @blueprint.post("/wxa/query_urllink")
    def query_link() -> Json:
        _enter(world, "link")
        return world.codes.query(wechat_body())

    @blueprint.post("/wxa/generatescheme")
    def scheme() -> Json:
        _enter(world, "link")
        return world.codes.scheme(wechat_body())


def wechat_body() -> Json:
    """Return the JSON object in a request; WeChat reads it whatever its content type says."""
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Refusal(47001, "data format error")
    return body


def _enter(world: World, endpoint: str) -> None:
    world.enter(endpoint)
    world.tokens.check(request.args.get("access_token", ""))


def _session_arguments() -> tuple[str, str]:
    if request.args.get("sig_method") != "hmac_sha256":
        raise Refusal(87008, "invalid sig_method")
    return request.args.get("openid", ""), request.args.get("signature", "")
