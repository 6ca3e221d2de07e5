"""What a phone's camera does: reads the codes in a picture."""

import io
from urllib.parse import parse_qs, urlsplit

import zxingcpp
from PIL import Image


def read_codes(picture: bytes) -> list[str]:
    """Return what the codes in a picture say, in reading order."""
    with Image.open(io.BytesIO(picture)) as opened:
        found = zxingcpp.read_barcodes(opened.convert("L"))
    return [one.text for one in sorted(found, key=lambda one: (one.position.top_left.y // 40, one.position.top_left.x))]


def scene_in(picture: bytes) -> tuple[str, str]:
    """Return page and scene of the one code in a picture of the simulated WeChat."""
    (text,) = read_codes(picture)
    parts = urlsplit(text)
    return parts.path.strip("/"), parse_qs(parts.query)["scene"][0]
