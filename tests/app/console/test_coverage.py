"""What is missing, at the console: numbers for each neighborhood, and the list behind each."""


def test_each_number_opens_its_list(browser, world):
    browser.enter(world, world.community_officer)
    place = world.place.neighborhood.id
    world.session.commit()
    page = browser.get("/console/coverage")
    assert "彩进小区" in page
    link = f"/console/coverage/gaps?neighborhood={place}&gap=party_group"
    assert link in page
    assert "1号楼" in browser.get(link)


def test_a_list_that_is_none_leads_back(browser, world):
    browser.enter(world, world.community_officer)
    page = browser.get("/console/coverage/gaps?gap=moon")
    assert browser.status == 404
    assert "缺什么人" in page
