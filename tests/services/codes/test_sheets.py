"""Printed sheets: every code on them is read back by a reader of other hands, and every word fits."""

import io
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.codes import layouts, pdf, svg
from services.codes.layouts import WIDE, Item
from services.codes.letters import fitted, line_height, runs, width
from services.codes.shapes import Dots, Picture, Text
from services.ports import CodeImage
from tests.scanning import DOTS_PER_INCH, needs_poppler, printed_page, read_codes
from wechat.sandbox.code_pictures import draw, spoken

ADDRESS = "https://wuyou.example.gov.cn/s/7Qm2ZtVb0sXyK4LwN9dPaR"
SPOKEN = spoken("wx0000sandbox00000", "pages/scan/index", "h=7Qm2ZtVb0sXyK4LwN9dPaR")
names = st.text(alphabet="彩进小区幸福里号楼单元门东西水泵房0123456789（）ABC龘 ", min_size=1, max_size=64).filter(
    str.strip
)


def item(number="0427", *, label="14号楼", neighborhood="彩进小区", image=None, phone=None):
    return Item(neighborhood, label, "楼", number, f"{ADDRESS[:-4]}{number}", image, phone)


def wechats():
    return CodeImage(*draw(SPOKEN, 860, clear=False))


def rendered(page):
    """The page as a printer would put it on paper: its codes, drawn by Pillow from the shapes in the file."""
    scale = DOTS_PER_INCH / 25.4
    paper = Image.new("L", (round(210 * scale), round(297 * scale)), 255)
    for shape in page:
        if isinstance(shape, Picture):
            picture = Image.open(io.BytesIO(shape.content)).convert("L").resize((round(shape.size * scale),) * 2)
        elif isinstance(shape, Dots):
            modules = Image.new("L", (len(shape.modules),) * 2, 255)
            modules.putdata([0 if dark else 255 for row in shape.modules for dark in row])
            picture = modules.resize((round(shape.size * scale),) * 2, Image.Resampling.NEAREST)
        else:
            continue
        paper.paste(picture, (round(shape.x * scale), round(shape.y * scale)))
    written = io.BytesIO()
    paper.save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize(("image", "said"), [(None, ADDRESS[:-4] + "0427"), (wechats(), SPOKEN)])
def test_a_posters_code_is_read_back(image, said):
    assert read_codes(rendered(layouts.poster(item(image=image)))) == [said]


def test_all_eight_codes_of_a_page_of_cards_are_read_back():
    items = [item(f"{1000 + at}") for at in range(11)]
    pages = list(layouts.cards(items))
    assert [sorted(read_codes(rendered(page))) for page in pages] == [
        [one.address for one in items[:8]], [one.address for one in items[8:]],
    ]  # fmt: skip


@needs_poppler
@pytest.mark.parametrize(("image", "said"), [(None, ADDRESS[:-4] + "0427"), (wechats(), SPOKEN)])
def test_the_pdf_as_another_program_draws_it_is_read_back(tmp_path, image, said):
    content = pdf.draw([layouts.poster(item(image=image))], title="彩进小区 14号楼")
    assert read_codes(printed_page(content, tmp_path)) == [said]


@needs_poppler
def test_the_cards_as_another_program_draws_them_are_read_back(tmp_path):
    items = [item(f"{1000 + at}") for at in range(8)]
    content = pdf.draw(layouts.cards(items), title="x")
    assert sorted(read_codes(printed_page(content, tmp_path))) == [one.address for one in items]


def test_the_pdf_carries_its_own_letters_and_gives_the_same_bytes_again():
    pages = [layouts.poster(item(phone="024-43123456"))]
    content = pdf.draw(pages, title="彩进小区 14号楼")
    assert content == pdf.draw(pages, title="彩进小区 14号楼")
    assert b"+NotoSansSC-Medium" in content
    assert content.count(b"/FontFile2") == 1
    assert b"STSong" not in content


def test_an_svg_is_well_formed_and_needs_no_font():
    page = layouts.poster(item(image=wechats(), phone="024-43123456", label="<14号楼> & “东”"))
    tree = ET.fromstring(svg.draw(page, title="<x>"))
    assert (tree.get("width"), tree.get("height")) == ("210mm", "297mm")
    assert not list(tree.iter("{http://www.w3.org/2000/svg}text"))
    assert "扫一扫，报修" in {group.get("aria-label") for group in tree.iter("{http://www.w3.org/2000/svg}g")}


def test_a_character_that_the_font_lacks_is_left_to_the_reader():
    assert list(runs("水泵房（龘）")) == [(True, "水泵房（"), (False, "龘"), (True, "）")]
    page = [Text(20, 20, "龘", 20)]
    assert b"STSong-Light" in pdf.draw([page], title="x")
    assert "龘</text>" in svg.draw(page, title="x").decode()


def test_the_words_say_what_to_do_and_nothing_of_persons():
    said = [shape.text for shape in layouts.poster(item(phone="024-43123456")) if isinstance(shape, Text)]
    assert said == [
        "扫一扫，报修", "彩进小区", "14号楼", "打开微信，扫上面的码", "灯不亮、门坏了、漏水了，都可以报。",
        "不会扫？打电话 024-43123456，报这个编号", "0 4 2 7", "这个码只管报修，不收钱。请不要撕。",
    ]  # fmt: skip


def overflowing(page):
    """The texts of a page that begin or end beside the paper."""
    texts = [(shape, width(shape.text, shape.points)) for shape in page if isinstance(shape, Text)]
    starts = [(shape.x - wide / 2 if shape.centered else shape.x, wide, shape.text) for shape, wide in texts]
    return [text for start, wide, text in starts if start < 0 or start + wide > WIDE]


@settings(max_examples=40, deadline=None)
@given(label=names, neighborhood=names, phone=st.none() | st.just("024-43123456 转 80012"))
def test_whatever_a_place_is_called_its_words_stay_on_the_paper(label, neighborhood, phone):
    one = item(label=label, neighborhood=neighborhood, phone=phone)
    pages = [layouts.poster(one), *layouts.cards([one])]
    assert [overflowing(page) for page in pages] == [[], []]


@settings(max_examples=60, deadline=None)
@given(text=names, room=st.floats(20, 190), most_lines=st.integers(1, 3))
def test_fitted_lines_fit(text, room, most_lines):
    size, lines = fitted(text, room, largest=40, smallest=6, most_lines=most_lines, high=30)
    assert 6 <= size <= 40
    assert 1 <= len(lines) <= most_lines
    assert all(width(line, size) <= room for line in lines)
    assert size == 6 or len(lines) * line_height(size) <= 30
    kept = "".join(lines).replace(" ", "")
    whole = text.replace(" ", "")
    assert kept == whole or (kept.endswith("…") and whole.startswith(kept[:-1]))
