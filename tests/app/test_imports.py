"""Imports and exports over HTTP; the worker's step is called as the worker calls it."""

import io

import openpyxl
import pytest

from app import importing
from models import ImportBatch, ImportState
from services.imports import runs
from tests.app.asking import expect_refusal
from tests.importing import workbook
from tests.world import NOW

FIRST = "1号楼,1单元,101,52.30,冯大山,15400000101"


@pytest.fixture
def headers(world):
    return world.headers(world.manager)


def send(client, world, headers, content, name="名册.csv"):
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/imports"
    return client.post(url, headers=headers, data={"file": (io.BytesIO(content), name)})


def work(app):
    while importing.run_due():
        pass


def test_from_upload_to_undo(app, client, world, headers):
    answer = send(client, world, headers, workbook(FIRST, "8号楼,1单元,101,60,赵大力,15400000102"))
    assert answer.status_code == 201
    batch = answer.get_json()
    assert batch["actions"] == ["confirm", "discard"]
    assert [column["field"] for column in batch["sheets"][0]["columns"]] == [
        "building", "stairwell", "room", "area", "owner", "phone",
    ]  # fmt: skip
    assert batch["sheets"][0]["columns"][4]["examples"] == ["冯*山", "赵*力"]
    url = f"/api/v1/imports/{batch['id']}"
    assert client.post(f"{url}/columns", json={"new_buildings": True}, headers=headers).get_json()["state"] == "mapped"
    work(app)
    batch = client.get(url, headers=headers).get_json()
    assert (batch["state"], batch["outcomes"]["new"], batch["rows_done"]) == ("checked", 2, 2)
    rows = client.get(f"{url}/rows?outcome=new", headers=headers).get_json()["items"]
    assert rows[0]["home"] == "1号楼1单元101室"
    assert {"what": "业主", "old": None, "new": "冯*山 154****0101"} in rows[0]["changes"]
    answer = client.post(f"{url}/apply", headers=headers)
    assert (answer.status_code, answer.get_json()["state"]) == (202, "applying")
    work(app)
    batch = client.get(url, headers=headers).get_json()
    assert (batch["state"], batch["written"]["homes"], batch["actions"]) == ("applied", 2, ["undo"])
    batch = client.post(f"{url}/undo", json={"reason": "表格导错了"}, headers=headers).get_json()
    assert (batch["state"], batch["undone"]["homes"]) == ("undone", 2)
    listed = client.get(f"/api/v1/neighborhoods/{batch['neighborhood_id']}/imports", headers=headers).get_json()
    assert [one["state_name"] for one in listed["items"]] == ["已经撤销"]


def test_the_problem_workbook_comes_as_a_file(app, client, world, headers):
    batch = send(client, world, headers, workbook(FIRST.replace("52.30", "0.1"))).get_json()
    url = f"/api/v1/imports/{batch['id']}"
    expect_refusal(client.get(f"{url}/problems", headers=headers), 409, "import_state")
    client.post(f"{url}/columns", json={}, headers=headers)
    work(app)
    answer = client.get(f"{url}/problems", headers=headers)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "面积" in openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]["G2"].value


def test_rows_come_in_pages_in_their_order(app, client, world, headers):
    content = workbook(*[FIRST.replace(",101,", f",{room},").replace("15400000101", "") for room in range(101, 106)])
    batch = send(client, world, headers, content).get_json()
    url = f"/api/v1/imports/{batch['id']}"
    client.post(f"{url}/columns", json={}, headers=headers)
    work(app)
    first = client.get(f"{url}/rows?limit=3", headers=headers).get_json()
    rest = client.get(f"{url}/rows?limit=3&cursor={first['next']}", headers=headers).get_json()
    assert [row["line"] for row in first["items"] + rest["items"]] == [2, 3, 4, 5, 6]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"<html>", "名册.xls", "file_is_markup"),
        (b"1,101\n", "名册.csv", "heading_missing"),
        (b"", "名册.xlsx", "file_empty"),
    ],
)
def test_bad_files_change_nothing_and_say_what_to_do(client, world, headers, content, name, code):
    expect_refusal(send(client, world, headers, content, name), 422, code)
    assert world.session.query(ImportBatch).count() == 0


def test_no_file_at_all(client, world, headers):
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/imports"
    expect_refusal(client.post(url, headers=headers, data={}), 422, "file_missing")


def test_a_discarded_batch_forgets_its_rows(client, world, headers):
    batch = send(client, world, headers, workbook(FIRST)).get_json()
    answer = client.post(f"/api/v1/imports/{batch['id']}/discard", headers=headers).get_json()
    assert (answer["state"], answer["actions"]) == ("discarded", [])


def test_what_breaks_unexpectedly_becomes_a_state_and_can_be_tried_again(app, client, world, headers, monkeypatch):
    batch = send(client, world, headers, workbook(FIRST)).get_json()
    url = f"/api/v1/imports/{batch['id']}"
    client.post(f"{url}/columns", json={}, headers=headers)
    with monkeypatch.context() as patched:
        patched.setattr(importing, "Check", lambda *_, **__: 1 / 0)
        work(app)
    found = client.get(url, headers=headers).get_json()
    assert (found["state"], found["next_step"]) == ("failed", runs.TROUBLE)
    assert client.post(f"{url}/columns", json={}, headers=headers).status_code == 200
    work(app)
    assert client.get(url, headers=headers).get_json()["state"] == "checked"


def test_a_batch_that_somebody_works_on_is_not_claimed_twice(app, client, world, headers):
    batch = send(client, world, headers, workbook(FIRST)).get_json()
    client.post(f"/api/v1/imports/{batch['id']}/columns", json={}, headers=headers)
    assert runs.claim(world.session, now=NOW) == batch["id"]
    assert runs.claim(world.session, now=NOW) is None
    assert runs.claim(world.session, now=NOW + runs.LEASE) == batch["id"]
    assert runs.mine(world.session, batch["id"], lease=NOW + runs.LEASE, now=NOW) is None
    found = world.session.get_one(ImportBatch, batch["id"], populate_existing=True)
    assert found.state is ImportState.MAPPED


def test_exports_are_masked_unless_the_hat_may_read(client, world, headers):
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/exports"
    answer = client.post(url, json={"reason": "核对选民名册"}, headers=headers)
    text = str(list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True)))
    assert "王*兰" in text
    assert "王桂兰" not in text
    assert answer.headers["X-Export-Reference"] in text
    refusal = client.post(f"{url}/readable", json={"reason": "核对选民名册"}, headers=headers)
    assert expect_refusal(refusal, 403, "wrong_hat")["needed"] == ["community_officer"]
    officer = world.headers(world.community_officer)
    answer = client.post(f"{url}/readable", json={"reason": "核对选民名册"}, headers=officer)
    assert "王桂兰" in str(
        list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    )
    assert len(client.get(url, headers=headers).get_json()["items"]) == 2
