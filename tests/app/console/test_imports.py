"""Importing at the console, from choosing a file to taking it back."""

import io
import re

import openpyxl
import pytest

from app import importing
from tests.importing import workbook

FIRST = "1号楼,1单元,101,52.30,冯大山,15400000101"


def send(browser, content, name="名册.csv"):
    browser.get("/console/imports")
    return browser.post("/console/imports", file=(io.BytesIO(content), name))


def work():
    while importing.run_due():
        pass


@pytest.fixture
def batch(browser, world):
    """The address of an import whose columns are to be confirmed."""
    browser.enter(world, world.manager)
    send(browser, workbook(FIRST, FIRST.replace(",101,", ",102,").replace("52.30", "0.5")))
    browser.follow()
    return browser.response.request.path


def test_from_the_file_to_taking_it_back(browser, world, batch):
    page = browser.text
    assert "冯*山" in page
    assert "冯大山" not in page
    assert re.search(r'value="owner" selected', page)
    browser.post(f"{batch}/columns", **{"use-0": "1", "column-0-4": "owner"})
    assert 'http-equiv="refresh"' in browser.follow()
    work()
    page = browser.get(batch)
    assert "新增：1行" in page
    assert "有错：1行" in page
    assert "面积不可能是这么多" in page
    assert 'http-equiv="refresh"' not in page
    rows = browser.get(f"{batch}/rows?outcome=new")
    assert "冯*山 154****0101" in rows
    browser.get(batch)
    browser.post(f"{batch}/apply")
    assert "正在写入" in browser.follow()
    work()
    assert "新增房屋1套" in browser.get(batch)
    refused = browser.post(f"{batch}/undo", reason="错")
    assert browser.status == 422
    assert "至少" in refused or "4到255个字" in refused
    browser.post(f"{batch}/undo", reason="表格导错了")
    assert "撤销完了" in browser.follow()
    assert "已经撤销" in browser.text


def test_the_workbook_with_the_problems_is_a_download(browser, world, batch):
    browser.post(f"{batch}/columns", **{"use-0": "1"})
    work()
    book = openpyxl.load_workbook(io.BytesIO(browser.client.get(f"{batch}/problems").data))
    assert book.worksheets[0]["G1"].value == "问题"


def test_a_wrong_choice_of_columns_is_shown_again_with_what_was_chosen(browser, world, batch):
    page = browser.post(f"{batch}/columns", **{"use-0": "1", "column-0-4": "phone"})
    assert browser.status == 422
    assert "有两列都选了" in page
    assert len(re.findall(r'value="phone" selected', page)) == 2


def test_a_file_that_is_no_table_says_what_to_do(browser, world):
    browser.enter(world, world.manager)
    page = send(browser, b"<html>", "名册.xls")
    assert browser.status == 422
    assert "另存为" in page
    assert "选一个表格" in send(browser, b"", "")


def test_a_batch_that_is_not_wanted_is_dropped(browser, world, batch):
    browser.post(f"{batch}/discard")
    assert "作废了" in browser.follow()


def test_somebody_from_elsewhere_does_not_see_it(new_browser, browser, world, batch):
    other = new_browser()
    other.enter(world, world.foreign_manager)
    other.get(batch)
    assert other.status == 404
    assert "名册" not in other.get("/console/imports").replace("业主名册", "")
