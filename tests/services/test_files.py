"""Photos are made harmless: decoded, turned upright, made smaller, and encoded again with nothing but the picture."""

import io
import struct
import zlib

import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from services import files
from services.errors import InvalidInput, NotFound
from tests.services.acting import photo
from tests.world import NOW

RED, BLUE = (200, 20, 20), (20, 20, 200)


def picture(kind="JPEG", size=(64, 32), mode="RGB", **options):
    """A picture whose left half is red and right half is blue."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def opened(content):
    return Image.open(io.BytesIO(files.clean(content).content))


def is_red(pixel):
    return pixel[0] > 150 and pixel[2] < 90


def with_gps():
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif[0x9286] = "SecretComment"
    gps = exif.get_ifd(0x8825)
    gps.update({1: "N", 2: (41.0, 17.0, 38.5), 3: "E", 4: (123.0, 46.0, 12.0), 29: "2026:11:23"})
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_the_picture_is_kept(kind):
    content = picture(kind, exif=with_gps())
    assert b"SecretPhone" in content or kind == "PNG"
    cleaned = files.clean(content).content
    for secret in (b"SecretPhone", b"SecretComment", b"2026:11:23", b"Exif", b"GPS"):
        assert secret not in cleaned
    assert dict(opened(content).getexif()) == {}


def test_comments_profiles_and_xmp_are_gone():
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><GPSLatitude>41.29</GPSLatitude></x:xmpmeta>'
    content = picture(comment=b"Wang Guilan, 13800001234", xmp=xmp, icc_profile=b"a profile of a device")
    assert b"Wang Guilan" in content
    cleaned = files.clean(content).content
    for secret in (b"Wang Guilan", b"GPSLatitude", b"a profile of a device"):
        assert secret not in cleaned


def test_texts_in_a_png_are_gone():
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Wang Guilan")
    assert b"Wang Guilan" not in files.clean(picture("PNG", pnginfo=info)).content


@pytest.mark.parametrize(
    ("orientation", "size", "red_corner"),
    [(1, (64, 32), (2, 2)), (3, (64, 32), (61, 29)), (6, (32, 64), (16, 2)), (8, (32, 64), (16, 61))],
)
def test_a_picture_taken_sideways_stands_upright(orientation, size, red_corner):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = opened(picture(quality=95, exif=exif))
    assert image.size == size
    assert is_red(image.convert("RGB").getpixel(red_corner))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_of_the_usual_kinds_becomes_a_jpeg(kind):
    cleaned = files.clean(picture(kind))
    assert (cleaned.content_type, cleaned.width, cleaned.height) == ("image/jpeg", 64, 32)
    assert cleaned.content.startswith(b"\xff\xd8\xff")


def test_an_iphones_picture_becomes_a_jpeg():
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), RED)).save(out, exif=with_gps().tobytes())
    cleaned = files.clean(out.getvalue())
    assert (cleaned.width, cleaned.height) == (64, 48)
    assert b"SecretPhone" not in cleaned.content
    assert is_red(Image.open(io.BytesIO(cleaned.content)).getpixel((5, 5)))


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "CMYK", "I;16", "LA"])
def test_pictures_of_any_depth_are_taken(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert files.clean(picture(kind, mode=mode)).width == 64


@pytest.mark.parametrize(
    ("size", "expected"), [((4000, 3000), (2560, 1920)), ((1000, 5120), (500, 2560)), ((2560, 10), (2560, 10))]
)
def test_no_side_is_longer_than_2560(size, expected):
    cleaned = files.clean(picture(size=size))
    assert (cleaned.width, cleaned.height) == expected


def gif():
    return picture("GIF")


def svg():
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture", picture()[:200], picture()[:-40], picture("PNG")[:60], b"%PDF-1.7", gif(), svg(),
     picture("BMP"), picture("TIFF"), b"\xff\xd8\xff\xe0" + b"\x00" * 100],
    ids=["empty", "text", "torn jpeg", "jpeg without its end", "torn png", "pdf", "gif", "svg", "bmp", "tiff", "header"],
)  # fmt: skip
def test_what_is_no_photo_is_refused(content):
    with pytest.raises(InvalidInput) as refused:
        files.clean(content)
    assert refused.value.reason == "not_a_photo"


def bomb(width, height):
    """A small PNG that claims to be huge: one colour, packed row by row."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = b"\x00" * (1 + width * 3)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_a_forty_megapixel_bomb_is_not_decoded():
    content = bomb(8000, 5000)
    assert len(content) < 200_000
    with pytest.raises(InvalidInput) as refused:
        files.clean(content)
    assert refused.value.reason == "photo_too_large"


def test_more_than_ten_megabytes_are_not_looked_at():
    with pytest.raises(InvalidInput) as refused:
        files.clean(b"\xff\xd8\xff" + b"\x00" * 10 * 1024 * 1024)
    assert refused.value.reason == "photo_too_big"


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow says what it finds odd; that is not our answer
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([picture(exif=with_gps()), picture("PNG"), picture("WEBP", exif=with_gps())]),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_a_damaged_picture_is_taken_or_refused_but_never_breaks(content, damages):
    broken = bytearray(content)
    for place, value in damages:
        broken[place % len(broken)] = value
    try:
        cleaned = files.clean(bytes(broken))
    except InvalidInput:
        return
    assert cleaned.content.startswith(b"\xff\xd8\xff")


def test_a_photo_is_attached_once(world):
    token = photo(world, world.resident)
    world.file(building_id=world.place.building.id, photos=[token])
    with pytest.raises(NotFound) as refused:
        world.file(building_id=world.place.building.id, photos=[token])
    assert refused.value.reason == "photo_not_found"


def test_somebody_elses_photo_cannot_be_attached(world):
    token = photo(world, world.neighbor)
    with pytest.raises(NotFound) as refused:
        world.file(building_id=world.place.building.id, photos=[token])
    assert refused.value.reason == "photo_not_found"


def test_ten_photos_are_too_many(world):
    tokens = [f"p{number}" for number in range(10)]
    with pytest.raises(InvalidInput) as refused:
        files.unattached(world.session, actor=world.actor(world.resident), tokens=tokens, most=9)
    assert refused.value.reason == "too_many_photos"


def test_a_storage_key_says_the_month_and_nothing_else():
    first, second = files.new_storage_key(NOW), files.new_storage_key(NOW)
    assert first != second
    assert first.startswith("photos/2026/11/")
