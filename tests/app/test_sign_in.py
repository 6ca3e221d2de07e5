"""Signing in over HTTP, with everything that must be kept although the answer is no."""

import datetime as dt

import sqlalchemy as sa
import time_machine

from models import Role, SignIn
from services.residencies import invitations
from tests.app.asking import expect_refusal
from tests.world import account_of

URL = "/api/v1/sign-in"


def signed_in(client, gateways, openid="o-new", code="c"):
    gateways.login.codes[code] = openid
    response = client.post(URL, json={"code": code})
    assert response.status_code == 200, response.get_json()
    return response.get_json()


def bearer(tokens):
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def refresh(client, tokens):
    return client.post(f"{URL}/refresh", json={"refresh_token": tokens["refresh_token"]})


def test_a_code_becomes_tokens(client, world, gateways):
    tokens = signed_in(client, gateways)
    assert tokens["expires_in"] == 600
    assert tokens["hat"]["role"] == "resident"
    assert client.get("/api/v1/me", headers=bearer(tokens)).get_json()["person_id"] == tokens["person_id"]


def test_a_code_used_twice_is_refused(client, world, gateways):
    signed_in(client, gateways)
    expect_refusal(client.post(URL, json={"code": "c"}), 422, "wechat_code_invalid")


def test_each_refresh_gives_new_tokens(client, world, gateways):
    tokens = signed_in(client, gateways)
    fresh = refresh(client, tokens).get_json()
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert client.get("/api/v1/me", headers=bearer(fresh)).status_code == 200


def test_a_copied_token_ends_the_sign_in_and_that_is_committed(client, world, gateways):
    tokens = signed_in(client, gateways)
    refresh(client, tokens)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2)):
        response = refresh(client, tokens)
    expect_refusal(response, 401, "token_ended")
    world.session.rollback()  # whatever was not committed is gone now
    world.session.expire_all()
    assert world.session.scalar(sa.select(SignIn.ended_at)) is not None


def test_a_copied_token_takes_the_access_token_along(client, world, gateways):
    tokens = signed_in(client, gateways)
    fresh = refresh(client, tokens).get_json()
    assert client.get("/api/v1/me", headers=bearer(fresh)).status_code == 200
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2)):
        expect_refusal(refresh(client, tokens), 401, "token_ended")
        expect_refusal(client.get("/api/v1/me", headers=bearer(fresh)), 401, "token_stale")


def test_a_sign_in_that_has_ended_gets_no_token_for_a_code(client, world, gateways):
    """A code from the station exchanges tokens too: not for a device that was signed out meanwhile."""
    body = {"home_id": world.place.home.id, "kind": "tenant"}
    made = client.post("/api/v1/invitations", json=body, headers=world.headers(world.manager)).get_json()
    tokens = signed_in(client, gateways)
    world.session.execute(sa.update(SignIn).values(ended_at=dt.datetime.now(dt.UTC)))
    world.session.commit()
    answer = client.post("/api/v1/invitations/redeem", json={"code": made["code"]}, headers=bearer(tokens))
    expect_refusal(answer, 401, "token_ended")


def test_a_code_that_makes_somebody_else_of_a_phone_ends_the_tokens_of_before(client, world, gateways):
    person_id = world.resident.id
    body = {"home_id": world.place.home.id, "kind": "owner", "person_id": person_id}
    made = client.post("/api/v1/invitations", json=body, headers=world.headers(world.manager)).get_json()
    tokens = signed_in(client, gateways)
    fresh = client.post("/api/v1/invitations/redeem", json={"code": made["code"]}, headers=bearer(tokens)).get_json()
    assert fresh["person_id"] == person_id
    expect_refusal(client.get("/api/v1/me", headers=bearer(tokens)), 401, "token_stale")


def test_signing_out_makes_the_refresh_token_worthless(client, world, gateways):
    tokens = signed_in(client, gateways)
    assert client.post("/api/v1/sign-out", headers=bearer(tokens)).status_code == 204
    expect_refusal(refresh(client, tokens), 401, "token_ended")


def test_a_hat_is_put_on_and_taken_off(client, world, gateways):
    tokens = signed_in(client, gateways, account_of_openid(world, world.manager))
    assert tokens["hat"]["role"] == "station_manager"
    other = client.post("/api/v1/me/hat", json={"membership_id": None}, headers=bearer(tokens)).get_json()
    assert other["hat"]["role"] == "resident"
    me = client.get("/api/v1/me", headers=bearer(other)).get_json()
    assert [hat["role"] for hat in me["hats"]] == ["station_manager", "resident"]
    expect_refusal(
        client.post("/api/v1/me/hat", json={"membership_id": 987}, headers=bearer(other)), 403, "no_such_hat"
    )


def account_of_openid(world, person):
    account = account_of(world.session, person)
    account.appid = "wx0000sandbox00000"
    world.session.commit()
    return account.openid


def test_an_invitation_over_http_gives_a_home(client, world, gateways):
    body = {"home_id": world.place.home.id, "kind": "tenant"}
    made = client.post("/api/v1/invitations", json=body, headers=world.headers(world.manager)).get_json()
    tokens = signed_in(client, gateways)
    fresh = client.post("/api/v1/invitations/redeem", json={"code": made["code"].lower()}, headers=bearer(tokens))
    homes = client.get("/api/v1/me/homes", headers=bearer(fresh.get_json())).get_json()["items"]
    assert [(home["label"], home["kind"]) for home in homes] == [("1号楼1单元201室", "tenant")]
    again = client.post(
        "/api/v1/invitations/redeem", json={"code": made["code"]}, headers=world.headers(world.stranger)
    )
    expect_refusal(again, 409, "invitation_used")


def test_who_is_invited_to_work_wears_the_hat_of_the_work_at_once(client, world, gateways):
    made = invitations.invite_worker(
        world.session,
        phone=world.vault.open(world.repairer.phone_sealed, "person.phone"),
        vault=world.vault,
        now=dt.datetime.now(dt.UTC),
    )
    world.session.commit()
    tokens = signed_in(client, gateways)
    assert tokens["hat"]["role"] == "resident"
    fresh = client.post("/api/v1/invitations/redeem", json={"code": made.code}, headers=bearer(tokens)).get_json()
    assert (fresh["person_id"], fresh["hat"]["role"]) == (world.repairer.id, "repairer")


def test_ones_own_name_and_phone_come_back_masked(client, world):
    headers = world.headers(world.resident)
    body = {"name": "王桂花", "phone": "１３８-0000-1234"}
    answer = client.patch("/api/v1/me", json=body, headers=headers).get_json()
    assert (answer["name"], answer["phone"]) == ("王*花", "138****1234")
    expect_refusal(client.patch("/api/v1/me", json={"phone": "12"}, headers=headers), 422, "phone_invalid")
    expect_refusal(client.patch("/api/v1/me", json={"name": "  "}, headers=headers), 422, "invalid_input")


def test_the_inbox_and_the_grants_are_ones_own(client, world):
    headers = world.headers(world.repairer, Role.REPAIRER)
    kinds = [item["kind"] for item in client.get("/api/v1/grants", headers=headers).get_json()["items"]]
    assert kinds == ["ticket_work", "notice"]
    body = {"kind": "ticket_work", "answer": "accept"}
    assert client.post("/api/v1/grants", json=body, headers=headers).get_json() == {"remaining": 1}
    for wrong in ({"kind": "spam", "answer": "accept"}, {"kind": "ticket_work", "answer": "ban"}):
        expect_refusal(client.post("/api/v1/grants", json=wrong, headers=headers), 422, "invalid_input")
    assert client.post("/api/v1/inbox/read-all", headers=headers).status_code == 204
