"""Finding homes and people from what is said on the phone: what is found, by whom, and at what cost."""

import pytest
import sqlalchemy as sa

from app.schemas.homes import FoundPersonPage, HomeDetailOut
from models import Home, Residency, Role
from services import people
from services.homes import aliases
from tests.app.asking import expect_refusal
from tests.app.test_answers import check_strictly, expect_same_keys
from tests.world import NOW, hire, move_in, new_person


@pytest.fixture
def building(world):
    """Two stairwells of building 1, and a shop."""
    place = world.place
    for stairwell in (1, 2):
        for floor in range(2, 7):
            for door in (1, 2):
                if (stairwell, floor, door) != (1, 2, 1):
                    add(world, f"1-{stairwell}-{floor}0{door}", floor)
    add(world, "1-门市3", None)
    return place.building


def add(world, code, floor, place=None):
    place = place or world.place
    home = Home(
        neighborhood_id=place.neighborhood.id,
        building_id=place.building.id,
        room=code.rpartition("-")[2],
        floor=floor,
        code=code,
        label=code.replace("-", "号楼", 1),
    )
    world.session.add(home)
    world.session.flush()
    return home


def found(client, world, text, headers=None, **query):
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/homes"
    response = client.get(url, query_string={"text": text, **query}, headers=headers or world.headers(world.clerk))
    assert response.status_code == 200, response.get_json()
    return response.get_json()


def codes(data):
    return {item["code"] for item in data["items"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-1-201", {"1-1-201"}),
        ("一号楼二单元五楼左手", {"1-2-501", "1-2-502"}),
        ("1#2单元五零一", {"1-2-501"}),
        ("12501", {"1-2-501"}),
        ("彩进小区1栋2单元501室", {"1-2-501"}),
        ("1号楼501", {"1-1-501", "1-2-501"}),
        ("1号楼2单元6楼", {"1-2-601", "1-2-602"}),
        ("2单元601", {"1-2-601"}),
        ("六零一", {"1-1-601", "1-2-601"}),
        ("1号楼门市3", {"1-门市3"}),
        ("底商三", {"1-门市3"}),
        ("老锅炉房", {"1-2-301"}),
        ("我住老锅炉", {"1-2-301"}),
        ("9栋101", {"1-2-301"}),
        ("7号楼", set()),
        ("100%", set()),
    ],
)
def test_a_home_is_found_from_what_an_old_man_says(client, world, building, text, expected):
    home = next(home for home in world.session.query(Home) if home.code == "1-2-301")
    for name in ("老锅炉房", "九栋一零一", "我住老锅炉"):
        aliases.add(world.session, actor=world.actor(world.clerk), home_id=home.id, text=name, now=NOW)
    assert codes(found(client, world, text)) == expected


def test_what_was_understood_is_read_back(client, world, building):
    assert found(client, world, "一号楼二单元五楼左手")["understood"] == "1号楼2单元5层左边"
    assert found(client, world, "7号楼三单元")["understood"] == "7号楼3单元"
    assert found(client, world, "随便")["understood"] is None


def test_pages_of_a_search_hold_together(client, world, building):
    seen, cursor = [], None
    while True:
        data = found(client, world, "1号楼2单元", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [item["code"] for item in data["items"]]
        cursor = data["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 10
    assert all(code.startswith("1-2-") for code in seen)


def test_a_grid_leader_finds_only_the_homes_of_the_grid(client, world, building):
    headers = world.headers(world.grid_leader)
    assert codes(found(client, world, "201", headers)) == {"1-1-201", "1-2-201"}
    assert codes(found(client, world, "201")) == {"1-1-201", "1-2-201", "2-1-201"}


def test_another_neighborhood_is_never_searched(client, world):
    add(world, "5-5-501", 5, world.elsewhere)
    assert codes(found(client, world, "5-5-501")) == set()
    url = f"/api/v1/neighborhoods/{world.elsewhere.neighborhood.id}/homes?text=5-5-501"
    expect_refusal(client.get(url, headers=world.headers(world.clerk)), 404, "unit_not_found")


def test_searching_homes_costs_few_statements(client, world, building, statements):
    headers = world.headers(world.clerk)
    found(client, world, "1-2-501", headers)
    del statements[:]
    found(client, world, "1-2-501", headers)
    assert len(reads(statements)) <= 2
    del statements[:]
    found(client, world, "一号楼二单元五楼左手", headers)
    assert len(reads(statements)) <= 3


def reads(statements):
    return [statement for statement in statements if statement.lower().startswith("select")]


def people_found(client, world, text, person=None, role=None, **body):
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/persons/search"
    response = client.post(url, json={"text": text, **body}, headers=world.headers(person or world.clerk, role))
    assert response.status_code == 200, response.get_json()
    return response.get_json()


def ids(data):
    return {item["id"] for item in data["items"]}


@pytest.mark.parametrize(
    "text",
    ["wgl", "WGL", "wg", "ＷＧＬ", "王桂兰", "王桂兰 ", "王桂兰大娘", "王 1号楼", "老王1号楼", "1号楼1单元老王",
     "1栋201王大娘", "姓王的 1-1-201", "wgl 1号楼", "尾号5678", "5678", "王桂兰 5678", "15412345678", "154 1234 5678"],
)  # fmt: skip
def test_a_person_is_found_by_what_is_said(client, world, text):
    people.set_phone(world.resident, "+8615412345678", world.vault)
    world.session.flush()
    data = people_found(client, world, text)
    assert world.resident.id in ids(data)
    assert world.far_neighbor.id not in ids(data)


@pytest.mark.parametrize(
    "text", ["wx", "王桂芳", "王 2号楼", "老李1号楼", "5679", "王桂兰 2号楼", "15412345679", "wgl 0000", "王桂兰 9号楼"]
)
def test_who_does_not_fit_is_not_found(client, world, text):
    people.set_phone(world.resident, "+8615412345678", world.vault)
    world.session.flush()
    assert world.resident.id not in ids(people_found(client, world, text))


def test_several_readings_of_a_surname_all_find_the_person(client, world):
    person = new_person(world.session, world.vault, "单永强")
    move_in(world.session, person, world.place.home)
    world.session.flush()
    for text in ("syq", "dyq", "cyq", "单 1号楼"):
        assert ids(people_found(client, world, text)) == {person.id}


def test_a_changed_name_is_found_and_the_old_one_is_not(client, world):
    people.set_name(world.resident, "欧阳秀英", world.vault)
    world.session.flush()
    for text in ("oyxy", "欧阳秀英", "欧阳1号楼", "欧阳大姐1号楼"):
        assert ids(people_found(client, world, text)) == {world.resident.id}
    assert ids(people_found(client, world, "王桂兰")) == set()


def test_a_place_alone_finds_those_who_live_there(client, world):
    assert ids(people_found(client, world, "1号楼1单元201")) == {world.resident.id, world.neighbor.id}


@pytest.mark.parametrize("text", ["王", "w", "老王", "！！", "12"])
def test_too_little_is_refused_with_examples(client, world, text):
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/persons/search"
    response = client.post(url, json={"text": text}, headers=world.headers(world.clerk))
    if text == "12":  # may be a building
        assert response.get_json()["items"] == []
    else:
        expect_refusal(response, 422, "too_little_said")


def test_only_people_below_ones_node_are_found(client, world):
    assert ids(people_found(client, world, "钱秀英")) == {world.far_neighbor.id}
    assert ids(people_found(client, world, "钱秀英", world.grid_leader, Role.GRID_LEADER)) == set()
    assert ids(people_found(client, world, "吴大年")) == set()  # lives in the other neighborhood
    assert ids(people_found(client, world, "李国强")) == {world.repairer.id}  # works here
    url = f"/api/v1/neighborhoods/{world.elsewhere.neighborhood.id}/persons/search"
    expect_refusal(client.post(url, json={"text": "吴大年"}, headers=world.headers(world.clerk)), 404, "unit_not_found")


def test_who_moved_out_is_not_found_any_more(client, world):
    world.session.execute(sa.update(Residency).where(Residency.person_id == world.resident.id).values(ends_at=NOW))
    assert ids(people_found(client, world, "王桂兰")) == set()


def test_found_people_are_masked_and_say_where_they_live(client, world):
    data = people_found(client, world, "wgl")
    expect_same_keys(FoundPersonPage(), data)
    check_strictly(FoundPersonPage, data)
    person = data["items"][0]
    assert person["name"] == "王*兰"
    assert "****" in person["phone"]
    assert [home["label"] for home in person["homes"]] == ["1号楼1单元201室"]


def test_searching_people_costs_the_same_however_many_there_are(client, world, statements):
    def cost():
        headers = world.headers(world.clerk)
        url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/persons/search"
        del statements[:]
        assert client.post(url, json={"text": "wg"}, headers=headers).status_code == 200
        return len(reads(statements))

    few = cost()
    for _ in range(5):
        move_in(world.session, new_person(world.session, world.vault, "王桂芬"), world.place.home)
    world.session.flush()
    assert cost() == few <= 5


def test_a_home_is_what_its_schema_says(client, world):
    url = f"/api/v1/homes/{world.place.home.id}"
    body = {"area_centi": 5418, "basis": "surveyed", "document_kind": "测绘报告", "document_date": "2026-01-05"}
    assert client.post(f"{url}/area", json=body, headers=world.headers(world.clerk)).status_code == 200
    assert (
        client.post(f"{url}/aliases", json={"text": "老锅炉房"}, headers=world.headers(world.clerk)).status_code == 201
    )
    asset = {"kind": "shed", "number": "3", "home_id": world.place.home.id, "area_centi": 620}
    made = client.post(
        f"/api/v1/neighborhoods/{world.place.neighborhood.id}/assets", json=asset, headers=world.headers(world.clerk)
    )
    assert made.status_code == 201
    data = client.get(url, headers=world.headers(world.resident)).get_json()
    expect_same_keys(HomeDetailOut(), data)
    check_strictly(HomeDetailOut, data)
    assert (data["area_centi"], data["areas"][0]["basis_name"]) == (5418, "测绘实测")
    assert [alias["text"] for alias in data["aliases"]] == ["老锅炉房"]
    assert [one["code"] for one in data["assets"]] == ["仓房3"]
    assert data["actions"] == []  # a resident looks
    assert "set_area" in client.get(url, headers=world.headers(world.clerk)).get_json()["actions"]


def test_a_home_is_seen_by_its_people_and_by_those_who_may_see_the_list(client, world):
    url = f"/api/v1/homes/{world.place.home.id}"
    assert client.get(url, headers=world.headers(world.grid_leader)).status_code == 200
    for person in (world.far_neighbor, world.repairer, world.stranger, world.foreign_manager):
        expect_refusal(client.get(url, headers=world.headers(person)), 404, "home_not_found")


def test_a_station_makes_a_home_and_lists_the_building(client, world):
    url = f"/api/v1/buildings/{world.place.building.id}/homes"
    made = client.post(url, json={"room": "三零一"}, headers=world.headers(world.clerk))
    assert (made.status_code, made.get_json()["label"]) == (201, "1号楼301室")
    expect_refusal(client.post(url, json={"room": "301"}, headers=world.headers(world.clerk)), 409, "home_exists")
    listed = client.get(url, headers=world.headers(world.clerk)).get_json()
    assert codes(listed) == {"1-1-201", "1-301"}


def test_free_spaces_are_listed_apart(client, world):
    url = f"/api/v1/neighborhoods/{world.place.neighborhood.id}/assets"
    for number, home in (("1", {"home_id": world.place.home.id}), ("2", {})):
        body = {"kind": "parking_space", "number": number, **home}
        assert client.post(url, json=body, headers=world.headers(world.clerk)).status_code == 201
    assert codes(client.get(url, headers=world.headers(world.clerk)).get_json()) == {"车位1", "车位2"}
    assert codes(client.get(f"{url}?free=true", headers=world.headers(world.clerk)).get_json()) == {"车位2"}


def test_who_works_elsewhere_in_the_neighborhood_does_not_matter_for_a_place(client, world):
    person = new_person(world.session, world.vault, "王五")
    hire(world.session, person, world.place.neighborhood, Role.REPAIRER)
    world.session.flush()
    assert ids(people_found(client, world, "王 1号楼")) == {world.resident.id}
    assert person.id in ids(people_found(client, world, "王五"))
