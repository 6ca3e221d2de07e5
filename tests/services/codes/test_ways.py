"""Pictures and links: made through the outbox, renewed before they end, never in the way when WeChat is."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import Channel, CodeEnd, CodeWay, OutboxMessage, OutboxState, WayKind
from services import health
from services.codes import ending, landing, making, scanning, ways
from services.errors import Misconfigured, NotFound, TryLater
from tests.coding import carry_out, code_of
from tests.scanning import scene_in
from tests.world import NOW

DAY = dt.timedelta(days=1)


def live(world, code, now=NOW):
    return ways.live(world.session, code, now=now)


def waiting(world):
    return world.session.scalar(
        sa.select(sa.func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.channel == Channel.CODE, OutboxMessage.state == OutboxState.WAITING)
    )


def renew(world, now):
    return ways.renew(world.session, now=now)


def test_a_new_code_gets_a_picture_and_links_that_carry_its_token_only(world, gateways):
    code = code_of(world)
    assert live(world, code) == {}
    assert carry_out(world, gateways) == 3
    found = live(world, code)
    assert set(found) == set(WayKind)
    assert scene_in(gateways.files.get(found[WayKind.IMAGE])) == ("pages/scan/index", f"h={code.token}")
    for kind in (WayKind.LINK, WayKind.SCHEME):
        facts = gateways.codes.look_up(found[kind])
        assert (facts.path, facts.query) == ("pages/scan/index", f"h={code.token}")
        assert facts.ends_at <= NOW + 30 * DAY


def test_links_are_made_anew_before_they_end_and_pictures_never(world, gateways):
    code = code_of(world)
    carry_out(world, gateways)
    before = live(world, code)
    assert renew(world, NOW + 20 * DAY) == 0
    assert renew(world, NOW + 26 * DAY) == 2
    assert renew(world, NOW + 26 * DAY) == 0
    carry_out(world, gateways, now=NOW + 26 * DAY)
    after = live(world, code, NOW + 40 * DAY)
    assert after[WayKind.IMAGE] == before[WayKind.IMAGE]
    assert after[WayKind.LINK] != before[WayKind.LINK]


def test_an_unused_code_gets_no_more_links_until_somebody_opens_it(world, gateways):
    code = code_of(world)
    carry_out(world, gateways)
    later = NOW + 100 * DAY
    assert renew(world, later) == 0
    assert landing.arrive(world.session, token=code.token, now=later).link is None
    assert waiting(world) == 2
    carry_out(world, gateways, now=later)
    assert landing.arrive(world.session, token=code.token, now=later).link


def test_a_revoked_code_gets_nothing_more(world, gateways):
    code = code_of(world)
    ending.revoke(world.session, actor=None, code_id=code.id, why=CodeEnd.LOST, now=NOW)
    carry_out(world, gateways)
    assert gateways.codes.images == []
    assert renew(world, NOW + 2 * DAY) == 0
    assert world.session.scalars(sa.select(CodeWay.value)).all() == [None] * 3


def test_while_wechat_is_away_codes_are_made_and_scanned_and_the_rest_waits(world, gateways):
    gateways.codes.error = TryLater("微信暂时没有响应，请过几分钟再试。")
    code = code_of(world)
    carry_out(world, gateways)
    assert live(world, code) == {}
    assert scanning.scan(world.session, actor=world.actor(world.resident), scanned=code.token, now=NOW).can
    gateways.codes.error = None
    assert carry_out(world, gateways, now=NOW + dt.timedelta(minutes=2)) == 3
    assert set(live(world, code)) == set(WayKind)


def test_what_was_given_up_is_asked_again_the_next_day(world, gateways):
    gateways.codes.error = Misconfigured("小程序里没有这个页面。请联系管理员检查微信设置。")
    code = code_of(world)
    for hours in (0, 1, 2, 4, 8, 24):
        carry_out(world, gateways, now=NOW + dt.timedelta(hours=hours))
    assert health.queue(world.session, now=NOW).failed == 3
    gateways.codes.error = None
    assert renew(world, NOW + 2 * DAY) == 3
    carry_out(world, gateways, now=NOW + 2 * DAY)
    assert set(live(world, code, NOW + 2 * DAY)) == set(WayKind)


def test_an_address_of_nobody_is_not_there(world):
    with pytest.raises(NotFound):
        landing.arrive(world.session, token="x" * 22, now=NOW)


def test_a_tickets_address_tells_a_browser_nothing_of_the_ticket(world):
    filed = world.file()
    code = making.for_ticket(world.session, actor=world.actor(world.clerk), ticket_id=filed.id, now=NOW)
    found = landing.arrive(world.session, token=code.token, now=NOW)
    assert (found.place, found.number) == (None, None)
