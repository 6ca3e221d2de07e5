"""Access tokens: forged, foreign, changed and old ones are worth nothing."""

import base64
import datetime as dt

import orjson
import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from app import freshness, identity
from config.settings import DEVELOPMENT_KEY
from models import Membership, Role
from services import rights
from services.errors import NotSignedIn
from tests.app.asking import expect_refusal
from tests.world import NOW

CLAIMS = {"sub": 1, "acc": 1, "sid": 1, "hat": ["district_officer", None, 1, "/", None], "may": None, "case": None,
          "gen": 0, "agt": None, "homes": [], "exp": 9999999999}  # fmt: skip


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims, key=DEVELOPMENT_KEY, **header):
    return jws.serialize_compact({"alg": "HS256", **header}, orjson.dumps(claims), OctKey.import_key(key))


def changed(token):
    head, body, signature = token.split(".")
    claims = orjson.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{head}.{b64(orjson.dumps(claims | {'sub': claims['sub'] + 1}))}.{signature}"


FORGED = {
    "no token at all": lambda token: "nonsense",
    "two dots": lambda token: "..",
    "signed by nobody": lambda token: f"{b64(orjson.dumps({'alg': 'none'}))}.{b64(orjson.dumps(CLAIMS))}.",
    "signature left out": lambda token: token.rsplit(".", 1)[0] + ".",
    "signed with another key": lambda token: signed(CLAIMS, key="another key of thirty-two letters"),
    "another person written in": changed,
    "another algorithm": lambda token: f"{b64(orjson.dumps({'alg': 'HS512'}))}.{token.split('.', 1)[1]}",
    "an unknown role": lambda token: signed(CLAIMS | {"hat": ["king", None, 1, "/", None]}),
    "a claim missing": lambda token: signed({"sub": 1}),
    "no claims but a list": lambda token: signed([1, 2]),
    "Chinese": lambda token: "令牌".encode().decode("latin-1"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused(client, world, name):
    token = world.headers(world.resident)["Authorization"].removeprefix("Bearer ")
    response = client.get("/api/v1/me", headers={"Authorization": f"Bearer {FORGED[name](token)}"})
    expect_refusal(response, 401, "token_invalid")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dTpw", "bearer x", "Token x"])
def test_another_way_of_signing_in_is_none(client, header):
    expect_refusal(client.get("/api/v1/me", headers={"Authorization": header}), 401, "not_signed_in")


def test_a_token_ends(client, world):
    now = dt.datetime.now(dt.UTC)
    actor = world.actor(world.resident)
    for age, ends in ((dt.timedelta(minutes=9), False), (dt.timedelta(minutes=10, seconds=1), True)):
        token = identity.issue(actor, now=now - age, lifetime=dt.timedelta(minutes=10))
        response = client.get("/api/v1/tickets/mine", headers={"Authorization": f"Bearer {token}"})
        if ends:
            expect_refusal(response, 401, "token_expired")
        else:
            assert response.status_code == 200


@pytest.mark.parametrize("name", ["resident", "manager", "repairer", "community_officer"])
def test_a_token_says_all_that_a_scope_check_needs(app, world, name):
    actor = world.actor(getattr(world, name))
    now = dt.datetime.now(dt.UTC)
    assert identity.read(identity.issue(actor, now=now, lifetime=dt.timedelta(minutes=1)), now=now) == actor


def test_a_token_reads_no_row(client, world, statements):
    headers = world.headers(world.repairer, Role.REPAIRER)
    statements.clear()
    assert client.get("/api/v1/tickets/assigned", headers=headers).status_code == 200
    assert len(statements) == 1  # the list itself


def test_a_token_from_before_a_change_of_rights_is_refused_at_once(client, world):
    old, others = world.headers(world.resident), world.headers(world.neighbor)
    rights.changed(world.session, person_ids=[world.resident.id], now=dt.datetime.now(dt.UTC))
    world.session.commit()
    expect_refusal(client.get("/api/v1/me", headers=old), 401, "token_stale")
    assert client.get("/api/v1/me", headers=others).status_code == 200
    assert client.get("/api/v1/me", headers=world.headers(world.resident)).status_code == 200


def test_a_change_that_is_rolled_back_ends_no_token(client, world):
    headers = world.headers(world.resident)
    rights.changed(world.session, person_ids=[world.resident.id], now=dt.datetime.now(dt.UTC))
    world.session.rollback()
    assert client.get("/api/v1/me", headers=headers).status_code == 200


def test_signing_out_ends_the_token_too(client, world):
    headers = world.headers(world.resident)
    assert client.post("/api/v1/sign-out", json={}, headers=headers).status_code == 204
    expect_refusal(client.get("/api/v1/me", headers=headers), 401, "token_stale")


def test_changed_rights_are_looked_at_once_a_second_whatever_the_requests(app, world, monkeypatch):
    looks = []
    monkeypatch.setattr(rights, "recent", lambda _connection, since: looks.append(since) or {7: 2})
    clock = iter([0.0, 0.0, 0.4, 0.9, 1.1, 1.1, 601.0, 601.0])
    monkeypatch.setattr(freshness.time, "monotonic", lambda: next(clock))
    fresh = freshness.Freshness()
    now = dt.datetime.now(dt.UTC)
    assert [fresh.is_stale(7, generation, now=now) for generation in (1, 2, 3, 1, 1)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    # The first and the third look go back to the oldest token; the second only to the first look.
    assert [now - since for since in looks] == [
        freshness.LONGEST_TOKEN + freshness.LONGEST_REQUEST,
        freshness.LONGEST_REQUEST,
        freshness.LONGEST_TOKEN + freshness.LONGEST_REQUEST,
    ]


def test_each_change_counts(world):
    now = dt.datetime.now(dt.UTC)
    for _ in range(2):
        rights.changed(world.session, person_ids=[world.resident.id, world.neighbor.id, world.resident.id], now=now)
    assert [rights.generation_of(world.session, one.id) for one in (world.resident, world.neighbor, world.manager)] == [
        2,
        2,
        0,
    ]


def test_a_token_ends_with_the_term_of_its_hat(world):
    membership = world.session.query(Membership).filter_by(person_id=world.manager.id).one()
    membership.ends_at = NOW + dt.timedelta(minutes=3)
    world.session.flush()
    token = identity.issue(world.actor(world.manager), now=NOW, lifetime=dt.timedelta(minutes=10))
    assert identity.read(token, now=NOW + dt.timedelta(minutes=2)).role is Role.STATION_MANAGER
    with pytest.raises(NotSignedIn):
        identity.read(token, now=NOW + dt.timedelta(minutes=3))
