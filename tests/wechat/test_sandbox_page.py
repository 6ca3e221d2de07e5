"""The sandbox's page: readable, and safe whatever people write."""

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scanning import scene_in
from tests.wechat.conftest import PROGRESS
from wechat.sandbox import World
from wechat.sandbox.markdown import render
from wechat.sandbox.phones import openid_of

EVIL = '<script>alert("1")</script><img src=x onerror=alert(1)>'
VALUES = {"character_string1": "BX-1", "thing2": "<b>灯</b>", "phrase3": "已派单", "time4": "9:00", "thing5": "无"}


def page(client: FlaskClient) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_page_says_that_nothing_reaches_real_wechat(client: FlaskClient) -> None:
    assert "不会发到真的微信" in page(client)


def test_the_empty_page_says_what_will_come(client: FlaskClient) -> None:
    html = page(client)
    assert "还没有手机" in html
    assert "还没有群" in html


def test_a_phone_shows_its_grants_and_its_messages(client: FlaskClient, world: World) -> None:
    world.phones.put("zhang", "张阿姨")
    for _ in range(3):
        world.phones.answer("zhang", PROGRESS, "accept")
    data = {key: {"value": value} for key, value in VALUES.items()}
    world.phones.deliver({"touser": openid_of("zhang"), "template_id": PROGRESS, "data": data, "page": "pages/t?id=1"})
    html = page(client)
    assert "张阿姨" in html
    assert "<strong>报修进度通知</strong>：还能收 2 条" in html
    assert "<dt>进度</dt><dd>已派单</dd>" in html
    assert 'data-phone="zhang" data-message="pages/t?id=1"' in html
    assert "&lt;b&gt;灯&lt;/b&gt;" in html


def test_each_phone_has_a_place_for_the_mini_program(client: FlaskClient, world: World) -> None:
    world.phones.put("zhang", "张阿姨")
    assert '<div class="mini-program" data-phone="zhang" data-name="张阿姨"></div>' in page(client)


def test_the_phones_of_the_story_come_first(client: FlaskClient, world: World) -> None:
    assert "<h2>怎么玩</h2>" not in page(client)
    for slug in ("stranger", "sun-min", "li-shifu", "zhang-li"):
        world.phones.put(slug, slug)
    assert "<h2>怎么玩</h2>" not in page(client)
    world.phones.put("wang-guilan", "王桂兰")
    html = page(client)
    assert "<h2>怎么玩</h2>" in html
    order = [
        html.index(f'id="phone-{slug}"') for slug in ("wang-guilan", "zhang-li", "li-shifu", "sun-min", "stranger")
    ]
    assert order == sorted(order)


def test_a_name_cannot_leave_its_attribute(client: FlaskClient, world: World) -> None:
    world.phones.put("zhang", '" onclick="alert(1)')
    assert 'data-name="&#34; onclick=&#34;alert(1)"' in page(client)


def test_names_and_texts_are_escaped(client: FlaskClient, world: World) -> None:
    world.phones.put("zhang", EVIL)
    world.groups.put("g", EVIL)
    world.groups.deliver("sandbox-robot-g", {"msgtype": "markdown", "markdown": {"content": EVIL}})
    html = page(client)
    assert "<script>alert" not in html
    assert "<img" not in html
    assert html.count("&lt;script&gt;") >= 3


def test_the_switchboard_shows_the_faults_in_force(client: FlaskClient, world: World) -> None:
    assert "现在一切正常" in page(client)
    world.faults.put("send", {"errcode": 45009})
    world.faults.put("login", {"delay": 3.0, "times": 2})
    world.faults.put("group", {"http": 500})
    html = page(client)
    assert "通知：回答错误码 45009" in html
    assert "登录：晚 3 秒，还有 2 次" in html
    assert "群消息：回答 HTTP 500" in html


@pytest.mark.parametrize("label", ["微信繁忙", "令牌失效", "额度用完", "慢3秒", "恢复正常"])
def test_the_switchboard_has_its_buttons(label: str, client: FlaskClient) -> None:
    assert f">{label}</button>" in page(client)


def test_the_page_uses_only_its_own_files(client: FlaskClient) -> None:
    html = page(client)
    assert "http://127.0.0.1:5050" in html
    assert html.replace("http://127.0.0.1:5050", "").count("://") == 0
    for name in ("sandbox.css", "sandbox.js"):
        assert f"/static/{name}" in html
        with client.get(f"/static/{name}") as answer:
            assert answer.status_code == 200


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**急**修", '<p class="md-line"><strong>急</strong>修</p>'),
        ("# 新报修", '<p class="md-heading">新报修</p>'),
        ("> 三楼", '<p class="md-quote">三楼</p>'),
        ('<font color="warning">急</font>', '<p class="md-line"><span class="md-warning">急</span></p>'),
        ("一\n二", '<p class="md-line">一</p><p class="md-line">二</p>'),
        ('<font color="red">x</font>', '<p class="md-line">&lt;font color=&#34;red&#34;&gt;x&lt;/font&gt;</p>'),
    ],
)
def test_the_markdown_of_robots_is_shown(markdown: str, html: str) -> None:
    assert render(markdown) == html


@settings(deadline=None)
@given(st.text(alphabet='<>&"\'*#/ font color="info"scriptx\n', max_size=120))
def test_markdown_can_make_no_element_of_its_own(text: str) -> None:
    html = str(render(text))
    for known in ("p", "strong", "span"):
        html = html.replace(f"</{known}>", "")
    for known in ("md-line", "md-quote", "md-heading"):
        html = html.replace(f'<p class="{known}">', "")
    for colour in ("info", "comment", "warning"):
        html = html.replace(f'<span class="md-{colour}">', "")
    assert "<" not in html.replace("<strong>", "")


def test_a_tapped_link_asks_on_which_phone_and_a_code_can_be_scanned(client: FlaskClient, world: World) -> None:
    world.phones.put("wang", "王桂兰")
    made = world.codes.link(
        {"path": "pages/scan/index", "query": "h=7Qm2ZtVb0sXyK4LwN9dPaR", "expire_type": 1, "expire_interval": 1},
        "http://127.0.0.1/",
    )
    world.codes.picture({"scene": "h=7Qm2ZtVb0sXyK4LwN9dPaR", "page": "pages/scan/index"})
    answer = client.get(made["url_link"].removeprefix("http://127.0.0.1"))
    assert answer.status_code == 302
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert 'data-message="pages/scan/index?h=7Qm2ZtVb0sXyK4LwN9dPaR"' in page
    assert 'data-message="pages/scan/index?scene=h%3D7Qm2ZtVb0sXyK4LwN9dPaR"' in page
    picture = client.get("/sandbox/codes/picture?scene=h%3D7Qm2ZtVb0sXyK4LwN9dPaR&page=pages/scan/index")
    assert scene_in(picture.get_data()) == ("pages/scan/index", "h=7Qm2ZtVb0sXyK4LwN9dPaR")


def test_a_link_of_nobody_says_what_to_do(client: FlaskClient) -> None:
    answer = client.get("/l/no-such-link")
    assert answer.status_code == 404
    assert "再点一次" in answer.get_data(as_text=True)
