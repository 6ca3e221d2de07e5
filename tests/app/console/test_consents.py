"""Consents at the console: read out, signed or spoken before a colleague, shown again, taken back."""

import sqlalchemy as sa

from models import AuditEntry, Consent
from tests.app.test_isolation import signed
from tests.services.privacy.test_consents import text_of


def page_of(person):
    return f"/console/persons/{person.id}/consents"


def answers(world):
    found = world.session.execute(
        sa.select(Consent.kind_code, Consent.how, Consent.ended_at).order_by(Consent.id)
    ).all()
    world.session.commit()
    return [(row.kind_code, row.how.value, row.ended_at is None) for row in found]


def test_a_signed_paper_is_written_down_and_taken_back(browser, world):
    browser.enter(world, world.clerk)
    url, text = page_of(world.resident), text_of(world, "care").id
    world.session.commit()
    browser.get(url)
    page = browser.post(url, text_id=text, given="true", how="paper")
    assert browser.status == 422
    assert "纸放在哪个本子里" in page
    browser.post(url, csrf=browser.token, text_id=text, given="true", how="paper", paper_place="蓝本子第3页")
    assert "记下了" in browser.follow()
    assert answers(world) == [("care", "paper", True)]
    browser.post(f"{url}/withdraw", kind="care")
    assert "收回了" in browser.follow()
    assert answers(world) == [("care", "paper", False)]


def test_a_spoken_word_needs_a_colleague_who_heard_it(browser, world):
    heard_by = world.manager.id
    browser.enter(world, world.clerk)
    url, text = page_of(world.resident), text_of(world, "care").id
    world.session.commit()
    browser.get(url)
    browser.post(url, text_id=text, given="false", how="spoken")
    assert browser.status == 422
    browser.post(url, csrf=browser.token, text_id=text, given="false", how="spoken", witness_id=heard_by)
    assert "不同意" in browser.follow()
    assert answers(world) == [("care", "spoken", True)]


def test_the_photo_of_a_signed_paper_is_one_tap_away_and_on_record(browser, world):
    consent = signed(world).id
    world.session.commit()
    browser.enter(world, world.clerk)
    url = page_of(world.resident)
    assert "看签过字的纸" in browser.get(url)
    browser.post(f"{url}/{consent}/paper")
    assert browser.status == 303
    assert "signature=" in browser.response.headers["Location"]
    seen = world.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "consent.paper_seen")).one()
    assert (seen.actor_id, seen.about_person_id) == (world.clerk.id, world.resident.id)
