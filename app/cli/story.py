"""``flask story repair``: the seed's own case, played through real processes over HTTP.

A crushed manhole cover by building 1: an old resident reports it, the station sends somebody, a barrier comes first, the
cover is replaced, the resident says it still wobbles, then that it is fixed.  Fails loudly when anything is missing.
"""

import datetime as dt
import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click
from flask.cli import AppGroup
from PIL import Image, ImageDraw

from app.cli.phones import Phone, Sandbox, Unexpected
from app.cli.stack import NotReady, Stack
from services.clocks import SHANGHAI
from services.demo.cast import CAST

GROUP = "bx-cj"
SOON = 10.0
"""Seconds within which a message must have arrived."""

story = AppGroup("story", help="故事：用真正的程序把一件事从头演到尾。")


@story.command("repair", help="井盖压坏了：从报修到修好。")
def repair() -> None:
    """Play the story in a folder and on ports of its own; nothing is left behind."""
    with tempfile.TemporaryDirectory(prefix="wuyou-story-") as folder:
        try:
            with Stack(Path(folder)) as stack:
                stack.flask("demo", "load")
                stack.flask("demo", "phones")
                play(stack.sandbox_url, stack.api_url)
        except (NotReady, Unexpected) as error:
            raise click.ClickException(str(error)) from error


@dataclass
class Stage:
    """The phones on the table, and what has been said so far."""

    sandbox: Sandbox
    phones: dict[str, Phone]
    number: int = 0
    shown: dict[str, set[int]] = field(default_factory=dict)
    """Which messages of each receiver have been shown: one that came before does not count again."""

    def say(self, text: str) -> None:
        """Announce a step."""
        self.number += 1
        click.secho(f"\n第{self.number}步　{text}", bold=True)

    def expect(self, what: str, look: Callable[[], list[str]], *words: str) -> None:
        """Wait until a message with all the words is there, and show it; fail when it does not come."""
        until = time.monotonic() + SOON
        shown = self.shown.setdefault(what, set())
        while True:
            seen = look()
            fresh = ((place, text) for place, text in enumerate(seen) if place not in shown)
            found = next(((place, text) for place, text in fresh if all(word in text for word in words)), None)
            if found is not None:
                shown.add(found[0])
                click.echo(f"　　{what}：{found[1]}".replace("\n", "\n　　　"))
                return
            if time.monotonic() > until:
                raise Unexpected(f"{what}在{SOON:.0f}秒内没有收到“{'、'.join(words)}”。收到的是：{seen}")
            time.sleep(0.2)

    def group_hears(self, *words: str) -> None:
        """The station's group must hear it."""
        self.expect("服务站群", lambda: self.sandbox.group_messages(GROUP), *words)

    def inbox_of(self, slug: str, *words: str) -> None:
        """It must be in somebody's inbox."""
        self.expect(f"{self.phones[slug].name}的消息箱", self.phones[slug].inbox, *words)

    def wechat_of(self, slug: str, *words: str) -> None:
        """It must arrive as a subscribe message."""
        phone = self.phones[slug]
        self.expect(
            f"{phone.name}的微信", lambda: ["，".join(values.values()) for values in phone.wechat_messages()], *words
        )


def play(sandbox_url: str, api_url: str) -> None:
    """Play the story against running addresses."""
    sandbox = Sandbox(sandbox_url)
    names = {member.slug: member.name for member in CAST}
    cast = ("wang-guilan", "zhang-li", "li-shifu")
    stage = Stage(sandbox, {slug: Phone(sandbox, api_url, slug, names[slug]) for slug in cast})
    wang, zhang, li = (stage.phones[slug] for slug in cast)
    sign_in(stage, wang, zhang, li)
    ticket_id = report(stage, wang)
    dispatch(stage, zhang, ticket_id)
    work(stage, li, ticket_id, note="井盖换好了，新盖子已经放平。")
    not_fixed(stage, wang, zhang, li, ticket_id)
    fixed(stage, wang, ticket_id)
    check_history(stage, wang, ticket_id)
    click.secho("\n演完了：每一步都有记录，该收到消息的人都收到了。", bold=True)


def sign_in(stage: Stage, wang: Phone, zhang: Phone, li: Phone) -> None:
    """Everybody opens the mini-program."""
    stage.say("三个人打开小程序：王桂兰（住户）、张丽（站长）、李国强（维修师傅）。")
    for phone in (wang, zhang, li):
        hat = phone.open_mini_program()["hat"]
        click.echo(f"　　{phone.name}登录了，身份是“{hat['role_name']}”，允许了{phone.allow_messages()}种通知。")
    homes = wang.get("me/homes")["items"]
    click.echo(f"　　王桂兰的家：{homes[0]['label']}。")


def report(stage: Stage, wang: Phone) -> int:
    """The manhole cover by building 1 is crushed."""
    stage.say("王桂兰看见1号楼旁边的井盖压坏了，拍照报修。")
    home = wang.get("me/homes")["items"][0]
    photo = wang.upload(picture("crushed"))
    filed = wang.post(
        "tickets",
        {
            "category": "manhole",
            "text": "1号楼旁边的井盖被车压坏了，掉下去半块，天黑看不见，很危险。",
            "building_id": home["building_id"],
            "place_note": "东侧路边",
            "photos": [photo],
        },
    )
    click.echo(f"　　单号 {filed['number']}，级别 {filed['urgency'].upper()}（急修）。")
    stage.group_hears("急修", filed["number"])
    stage.inbox_of("wang-guilan", "已收到", filed["number"])
    stage.inbox_of("zhang-li", "新报修", filed["number"])
    return int(filed["id"])


def dispatch(stage: Stage, zhang: Phone, ticket_id: int) -> None:
    """The station sends Master Li."""
    stage.say("站长张丽看值班名单，派李师傅去。")
    station = zhang.get("me")["hat"]["neighborhood_id"]
    worker = next(one for one in zhang.get(f"neighborhoods/{station}/duty")["items"] if one["name"] == "李师傅")
    zhang.post(f"tickets/{ticket_id}/assign", {"assignee_id": worker["id"], "note": "先围挡，再换井盖。"})
    stage.wechat_of("li-shifu", "井盖")
    stage.inbox_of("li-shifu", "派给您")
    stage.inbox_of("wang-guilan", "已派师傅")
    stage.group_hears("已派师傅")


def work(stage: Stage, li: Phone, ticket_id: int, note: str) -> None:
    """Barrier first, then the cover."""
    stage.say("李师傅接单、到场，先围挡拍照，再换井盖拍照。")
    for step in ("accept", "arrive"):
        li.post(f"tickets/{ticket_id}/{step}")
    li.post(
        f"tickets/{ticket_id}/make-safe", {"photos": [li.upload(picture("barrier"))], "note": "围挡和警示牌放好了。"}
    )
    stage.inbox_of("wang-guilan", "现场已防护")
    li.post(f"tickets/{ticket_id}/start")
    done = li.post(f"tickets/{ticket_id}/finish", {"photos": [li.upload(picture("new cover"))], "note": note})
    click.echo(f"　　李师傅点了“完工”，单子现在等报修人确认（{done['state']}）。")
    stage.wechat_of("wang-guilan", "待确认")
    stage.group_hears("等报修人确认")


def not_fixed(stage: Stage, wang: Phone, zhang: Phone, li: Phone, ticket_id: int) -> None:
    """It still wobbles."""
    stage.say("王桂兰去看了，盖子还晃，点“没修好”。")
    wang.post(f"tickets/{ticket_id}/reopen", {"note": "踩上去还晃，一边没垫实。"})
    stage.group_hears("没修好")
    stage.inbox_of("zhang-li", "没修好")
    stage.inbox_of("li-shifu", "没修好")
    worker = wang.get(f"tickets/{ticket_id}")["assignee_id"]
    wang.allow_messages()
    li.allow_messages()
    zhang.post(f"tickets/{ticket_id}/assign", {"assignee_id": worker, "note": "再去垫实一下。"})
    stage.wechat_of("li-shifu", "井盖")
    work(stage, li, ticket_id, note="垫实了，踩上去不晃了。")


def fixed(stage: Stage, wang: Phone, ticket_id: int) -> None:
    """Now it is fixed."""
    stage.say("王桂兰又去看，这回修好了：点“确认”，评价“满意”。")
    wang.post(f"tickets/{ticket_id}/confirm")
    stage.group_hears("确认修好了")
    wang.post(f"tickets/{ticket_id}/rate", {"satisfaction": "satisfied", "words": "李师傅来得快，谢谢。"})
    stage.group_hears("满意", "办完了")
    stage.inbox_of("li-shifu", "满意")


def check_history(stage: Stage, wang: Phone, ticket_id: int) -> None:
    """Everything must stand in the timeline, in order."""
    stage.say("翻开单子，看看全过程。")
    events = wang.get(f"tickets/{ticket_id}")["timeline"]
    for event in events:
        photos = f"，照片{len(event['photos'])}张" if event["photos"] else ""
        note = f"：{event['note']}" if event["note"] else ""
        at = dt.datetime.fromisoformat(event["at"]).astimezone(SHANGHAI)
        click.echo(f"　　{at:%H:%M:%S} {event['by'] or event['role_name']}　{event['action_name']}{note}{photos}")
    again = ["assign", "accept", "arrive", "make_safe", "start", "finish"]
    expected = ["file", *again, "reopen", *again, "confirm", "rate"]
    if [event["action"] for event in events] != expected:
        raise Unexpected(f"经过对不上，应该是：{expected}")


def picture(what: str) -> bytes:
    """Draw a photo: enough to be looked at, and really a JPEG."""
    image = Image.new("RGB", (1200, 900), "#8d8d86")
    draw = ImageDraw.Draw(image)
    draw.ellipse((350, 250, 850, 750), fill="#2c2c2a", outline="#5b5b55", width=18)
    if what == "crushed":
        draw.polygon([(420, 330), (620, 420), (560, 690), (400, 600)], fill="#6d6d66")
    elif what == "barrier":
        for left in range(150, 1050, 180):
            draw.polygon([(left, 820), (left + 60, 560), (left + 120, 820)], fill="#d9541e")
    else:
        for top in range(330, 700, 60):
            draw.line((400, top, 800, top), fill="#5b5b55", width=12)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()
