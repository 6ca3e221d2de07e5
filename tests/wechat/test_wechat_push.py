"""Pushes: believed only when signed, fresh and for us, in every mode and form; the official examples first."""

import base64
import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto

from config import WeChatSettings
from services.errors import CallbackRefused
from wechat.push import BYTES_MOST, PushReader
from wechat.push_crypto import decrypt, is_genuine, open_session_data, signature

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
NOW = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)
SETTINGS = WeChatSettings()
EVENT = {
    "ToUserName": "gh_1", "FromUserName": "openid-1", "CreateTime": "1620963428", "MsgType": "event",
    "Event": "subscribe_msg_popup_event", "List": {"TemplateId": "T", "SubscribeStatusString": "accept"},
}  # fmt: skip
XML = """<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[openid-1]]></FromUserName>
<CreateTime>1620963428</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe_msg_popup_event]]></Event>
<SubscribeMsgPopupEvent>{}</SubscribeMsgPopupEvent></xml>"""
ITEM = "<List><TemplateId><![CDATA[{}]]></TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List>"


def stamp(now: dt.datetime = NOW) -> str:
    return str(int(now.timestamp()))


def sealed(message: str, appid: str = SETTINGS.appid) -> str:
    """Encrypt with another's implementation, so that each shows the other's mistakes."""
    return PrpCrypto(base64.b64decode(SETTINGS.push_key + "=")).encrypt(message, appid).decode()


def secure(
    message: str, *, now: dt.datetime = NOW, appid: str = SETTINGS.appid, **more: str
) -> tuple[dict[str, str], bytes]:
    encrypted = sealed(message, appid)
    query = {"timestamp": stamp(now), "nonce": "1", "encrypt_type": "aes", "openid": "openid-1"}
    query["msg_signature"] = signature(SETTINGS.push_token, query["timestamp"], "1", encrypted)
    return query, json.dumps({"ToUserName": "gh_1", "Encrypt": encrypted, **more}).encode()


def plain(body: bytes) -> tuple[dict[str, str], bytes]:
    query = {"timestamp": stamp(), "nonce": "1"}
    return {**query, "signature": signature(SETTINGS.push_token, query["timestamp"], "1")}, body


def reader(mode: str = "secure", **changes: str) -> PushReader:
    return PushReader(replace(SETTINGS, push_mode=mode, **changes))


def refusal(query: dict[str, str], body: bytes, mode: str = "secure", **changes: str) -> str:
    with pytest.raises(CallbackRefused) as refused:
        reader(mode, **changes).read(query, body, now=NOW)
    return refused.value.reason


def test_the_official_example_of_the_address_check() -> None:
    vector = VECTORS["push_url_verification_GET"]
    query = {name: vector["inputs"][name] for name in ("timestamp", "nonce", "echostr")}
    query["signature"] = vector["expected"]["signature"]
    then = dt.datetime.fromtimestamp(int(query["timestamp"]), dt.UTC)
    assert reader(push_token="AAAAA").echo(query, now=then) == vector["expected"]["reply"]
    with pytest.raises(CallbackRefused):
        reader(push_token="AAAAA").echo({**query, "signature": "0" * 40}, now=then)


def test_the_official_example_in_plain_mode() -> None:
    vector = VECTORS["push_plain_mode_json"]
    given_, expected = vector["inputs"], vector["expected"]
    query = {"timestamp": given_["timestamp"], "nonce": given_["nonce"], "signature": expected["signature"]}
    then = dt.datetime.fromtimestamp(int(given_["timestamp"]), dt.UTC)
    push = reader("plain", push_token="AAAAA").read(query, json.dumps(given_["body"]).encode(), now=then)
    assert (push.event, push.fields["debug_str"]) == ("debug_demo", "hello world")


def test_the_official_example_in_secure_mode() -> None:
    vector = VECTORS["push_secure_mode_json_decrypt"]
    inputs = vector["inputs"]
    ours = {"push_token": "AAAAA", "push_key": inputs["encoding_aes_key"], "appid": inputs["appid"]}
    then = dt.datetime.fromtimestamp(int(inputs["query"]["timestamp"]), dt.UTC)
    push = reader(**ours).read(inputs["query"], json.dumps(inputs["body"]).encode(), now=then)
    assert push.fields == json.loads(vector["expected"]["msg"])


def test_the_official_example_of_an_encrypted_answer() -> None:
    vector = VECTORS["push_secure_mode_json_reply_encrypt"]
    inputs, expected = vector["inputs"], vector["expected"]
    assert decrypt(expected["Encrypt"], inputs["encoding_aes_key"], inputs["appid"]).decode() == inputs["msg"]
    signed = signature(inputs["token"], inputs["timestamp"], inputs["nonce"], expected["Encrypt"])
    assert signed == expected["MsgSignature"]


def test_the_official_example_of_open_data() -> None:
    vector = VECTORS["miniprogram_encryptedData_aes128cbc_official_demo"]
    inputs = vector["inputs"]
    opened = open_session_data(inputs["encryptedData"], inputs["iv"], inputs["session_key"])
    assert json.loads(opened) == vector["expected"]["plaintext_json"]


def test_the_official_example_of_signed_raw_data() -> None:
    vector = VECTORS["miniprogram_rawData_signature_sha1"]
    inputs, wanted = vector["inputs"], vector["expected"]["signature"]
    assert is_genuine(inputs["rawData"], wanted, inputs["session_key"])
    assert not is_genuine(inputs["rawData"] + " ", wanted, inputs["session_key"])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_one_entry_or_several_in_json_and_in_xml(count: int) -> None:
    items = [{"TemplateId": str(at), "SubscribeStatusString": "accept"} for at in range(count)]
    as_json = json.dumps({**EVENT, "List": items if count > 1 else items[0]})
    as_xml = XML.format("".join(ITEM.format(at) for at in range(count)))
    for message in (as_json, as_xml):
        push = reader().read(*secure(message), now=NOW)
        assert (push.event, push.openid) == ("subscribe_msg_popup_event", "openid-1")
        assert [item["TemplateId"] for item in push.items] == [str(at) for at in range(count)]


@pytest.mark.parametrize("moment", [1620963428, "1620963428"])
def test_moments_come_as_numbers_and_as_texts(moment: Any) -> None:
    assert reader().read(*secure(json.dumps({**EVENT, "CreateTime": moment})), now=NOW).fields["CreateTime"] == moment


def test_the_envelope_may_be_xml_too() -> None:
    query, body = secure(XML.format(ITEM.format("T")))
    encrypted = json.loads(body)["Encrypt"]
    envelope = f"<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
    assert reader().read(query, envelope, now=NOW).openid == "openid-1"


def test_compatible_mode_believes_the_encrypted_part_only() -> None:
    query, body = secure(json.dumps(EVENT), FromUserName="somebody-else", Event="forged")
    assert reader("compatible").read(query, body, now=NOW).openid == "openid-1"
    assert refusal(query, body) == "callback_wrong_mode"


def test_what_is_not_signed_with_our_token_is_forged() -> None:
    query, body = secure(json.dumps(EVENT))
    for changed in ("", "0" * 40, query["msg_signature"][::-1], "签名"):
        assert refusal({**query, "msg_signature": changed}, body) == "callback_forged"
    other = json.dumps({"ToUserName": "gh_1", "Encrypt": sealed(json.dumps(EVENT))}).encode()
    assert refusal(query, other) == "callback_forged"
    # The signature that does not cover the body is of no use here.
    only_plain = {**query, "signature": signature(SETTINGS.push_token, query["timestamp"], "1"), "msg_signature": ""}
    assert refusal(only_plain, body) == "callback_forged"


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
def test_what_was_signed_long_ago_is_stale(seconds: float) -> None:
    query, body = secure(json.dumps(EVENT), now=NOW + dt.timedelta(seconds=seconds))
    assert refusal(query, body) == "callback_stale"


def test_a_moment_that_is_none_is_stale() -> None:
    for moment in ("soon", "٣", "1" * 13, ""):
        query = {"timestamp": moment, "nonce": "1", "signature": signature(SETTINGS.push_token, moment, "1")}
        assert refusal(query, json.dumps(EVENT).encode(), "plain") == "callback_stale"


def test_a_push_for_another_mini_program_is_refused() -> None:
    assert refusal(*secure(json.dumps(EVENT), appid="wxsomebodyelse0000")) == "callback_wrong_appid"


def test_a_push_in_another_mode_is_refused() -> None:
    assert refusal(*plain(json.dumps(EVENT).encode())) == "callback_wrong_mode"
    query, body = secure(json.dumps(EVENT))
    signed = {**query, "signature": signature(SETTINGS.push_token, query["timestamp"], "1")}
    assert refusal(signed, body, "plain") == "callback_wrong_mode"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"<xml>", b"<a/>", b"\xff\xfe", b"success", b'{"a":' * 3000,
     b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Event>&a;</Event></xml>'],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(body: bytes) -> None:
    assert refusal(*plain(body), "plain") == "callback_unreadable"


def test_a_push_that_breaks_off_is_refused() -> None:
    query, body = secure(json.dumps(EVENT))
    for length in range(0, len(body) - 1, 17):
        assert refusal(query, body[:length]) == "callback_unreadable"


def test_a_push_that_is_too_large_is_refused_before_it_is_read() -> None:
    assert refusal(*plain(b" " * (BYTES_MOST + 1)), "plain") == "callback_too_large"


def test_without_a_token_nothing_is_believed() -> None:
    query = {"timestamp": stamp(), "nonce": "1", "signature": signature("", stamp(), "1")}
    assert refusal(query, json.dumps(EVENT).encode(), "plain", push_token="") == "callback_not_set_up"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_no_sealed_rubbish_opens(rubbish: bytes, flip: bool) -> None:
    encrypted = base64.b64encode(rubbish).decode()
    if flip:
        whole = bytearray(base64.b64decode(sealed(json.dumps(EVENT))))
        whole[len(rubbish) % len(whole)] ^= 1
        encrypted = base64.b64encode(bytes(whole)).decode()
    try:
        opened = decrypt(encrypted, SETTINGS.push_key, SETTINGS.appid)
    except ValueError:
        return
    # A flipped bit may hide in the random head or garble one block, never the appid at the end.
    assert flip
    assert len(opened) <= len(json.dumps(EVENT)) + 16
