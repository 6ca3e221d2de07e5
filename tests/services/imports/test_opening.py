import io
import zipfile

import pytest

from services.errors import InvalidInput
from services.imports import limits, sheets
from services.imports.opening import Kind, decode, kind_of


def refused(content):
    with pytest.raises(InvalidInput) as caught:
        sheets.read(content)
    assert caught.value.detail.endswith("。")
    return caught.value.reason


def archive(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def test_a_zip_bomb_is_not_opened():
    bomb = archive(**{"[Content_Types].xml": "x", "xl__worksheets__sheet1.xml": b"0" * (limits.UNPACKED_HARMLESS * 2)})
    assert len(bomb) < 100_000
    assert refused(bomb) == "file_unpacks_too_large"


def test_a_bomb_that_lies_about_its_size_is_not_opened():
    size = limits.UNPACKED_HARMLESS * 2
    bomb = archive(**{"[Content_Types].xml": "x", "xl__worksheets__sheet1.xml": b"0" * size})
    lying = bomb.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying != bomb
    assert refused(lying) in {"file_unpacks_too_large", "file_broken"}


def test_a_file_of_many_parts_is_not_opened():
    parts = {f"part{number}": "x" for number in range(limits.PARTS_MOST + 1)}
    assert refused(archive(**parts)) == "file_unpacks_too_large"


def test_an_archive_that_is_no_workbook_is_named():
    assert refused(archive(**{"readme.txt": "x"})) == "file_is_archive"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"PK\x03\x04 nothing of the kind", "file_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nothing of the kind", "file_broken"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "file_is_markup"),
        ("\ufeff<?xml version='1.0'?>".encode(), "file_is_markup"),
        (b"%PDF-1.4", "file_not_a_sheet"),
        (b"\x89PNG\r\n", "file_not_a_sheet"),
        (bytes(range(256)) * 4, "encoding_unknown"),
        (b"   \n\n", "sheet_empty"),
        (b"a" * (limits.FILE_MOST + 1), "file_too_big"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(content, code):
    assert refused(content) == code


def test_two_hundred_thousand_rows_are_refused_with_advice():
    content = ("楼号,房号\n" + "1,101\n" * 200_000).encode()
    with pytest.raises(InvalidInput, match="请按楼栋分成几个表"):
        sheets.read(content)


def test_a_name_ending_does_not_matter():
    assert kind_of("楼号,房号".encode("gb18030")) is Kind.CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_way_to_write_chinese_is_read(encoding):
    assert decode("楼号,房号,业主\n1,101,王桂兰".encode(encoding)).endswith("王桂兰")
