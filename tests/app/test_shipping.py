"""Payments are reported to WeChat as given, where the setting says so: both sides over real HTTP."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.extensions import db
from app.settings import SETTINGS
from app.worker import drain
from models import Channel, InboxItem, OutboxMessage
from tests.app.pay_scene import Scene, scene


@pytest.fixture
def till(databases) -> Iterator[Scene]:
    with scene(databases) as made:
        _set(made, ships=True)
        yield made


def _set(till: Scene, *, ships: bool) -> None:
    settings = till.app.extensions[SETTINGS]
    till.app.extensions[SETTINGS] = replace(settings, wechat=replace(settings.wechat, ships=ships))


def _rows(till: Scene) -> list[tuple[str, str | None]]:
    """State and last error of every report."""
    with till.app.app_context():
        query = sa.select(OutboxMessage.state, OutboxMessage.last_error).where(
            OutboxMessage.channel == Channel.SHIPPING
        )
        return [(str(state), error) for state, error in db.session.execute(query)]


def _report(till: Scene) -> None:
    """A minute goes by, or the next try is due."""
    with till.app.app_context():
        due = sa.update(OutboxMessage).where(
            OutboxMessage.channel == Channel.SHIPPING, OutboxMessage.settled_at.is_(None)
        )
        db.session.execute(due.values(due_at=dt.datetime.now(dt.UTC)))
        db.session.commit()
    drain(till.app, seconds=20)


def _paid(till: Scene) -> tuple[int, str]:
    order = till.pay_a_charge()
    till.tell()
    return order, str(till.mine(order)["transaction_id"])


def test_a_payment_is_reported_once(till):
    _, number = _paid(till)
    till.work()
    _report(till)
    _report(till)
    shipped = till.sandbox.shipping.of(number)
    assert (shipped.words, shipped.times) == ("门禁卡工本费", 1)
    assert _rows(till) == [("sent", None)]
    assert till.sandbox.calls["shipping"] == 1


def test_a_payment_heard_of_by_asking_is_reported_too(till):
    till.sandbox.callbacks.faults.put("pay", "lost")
    order = till.pay_a_charge()
    till.tell()
    till.work()
    _report(till)
    assert till.sandbox.shipping.of(till.mine(order)["transaction_id"]) is not None


def test_nothing_is_reported_without_the_setting(till):
    _set(till, ships=False)
    _, number = _paid(till)
    _report(till)
    assert till.sandbox.shipping.of(number) is None
    assert _rows(till) == []


def test_wechat_is_given_a_minute(till):
    _paid(till)
    drain(till.app, seconds=20)
    assert till.sandbox.calls["shipping"] == 0


def test_a_payment_that_wechat_does_not_know_yet_is_reported_later(till):
    till.sandbox.faults.put("shipping", {"errcode": 10060001, "times": 1})
    order, number = _paid(till)
    _report(till)
    assert _rows(till) == [("waiting", "wechat_busy")]
    assert till.state(order) == "paid"
    _report(till)
    assert _rows(till) == [("sent", None)]
    assert till.sandbox.shipping.of(number) is not None


def test_what_wechat_never_takes_is_told_to_people(till):
    till.sandbox.faults.put("shipping", {"errcode": 10060004})
    order, _ = _paid(till)
    _report(till)
    assert _rows(till)[0][0] == "failed"
    with till.app.app_context():
        titles = db.session.scalars(sa.select(InboxItem.title)).all()
    assert "有一笔收款要去微信补登记" in titles
    assert till.state(order) == "paid"


def test_what_was_paid_back_meanwhile_is_not_reported(till):
    order, _ = _paid(till)
    till.refund(order, 12345)
    till.work()
    till.sandbox.clock.step(5.0)
    till.tell()
    assert till.state(order) == "refunded"
    _report(till)
    assert _rows(till) == [("refused", "recipient_gone")]
    assert till.sandbox.calls["shipping"] == 0


def test_payments_of_before_the_setting_are_reported_on_order(till):
    _set(till, ships=False)
    _, number = _paid(till)
    said = till.app.test_cli_runner().invoke(args=["pay", "shipping", "--days", "7"])
    assert said.exit_code == 0
    assert "微信要求上传发货信息。" in said.output
    assert "请尽快打开" in said.output
    assert "有1笔收款" in said.output
    _report(till)
    assert till.sandbox.shipping.of(number) is not None


def test_the_command_says_when_wechat_is_away(till):
    till.sandbox.faults.put("shipping", {"http": 500})
    said = till.app.test_cli_runner().invoke(args=["pay", "shipping", "--days", "7"])
    assert said.exit_code != 0
    assert "微信" in said.output
    assert _rows(till) == []


def test_below_a_provider_it_is_reported_the_same_way(databases):
    with scene(databases, mode="partner") as till:
        _set(till, ships=True)
        _, number = _paid(till)
        _report(till)
        assert till.sandbox.shipping.of(number) is not None
