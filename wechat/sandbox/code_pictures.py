"""The pictures that stand in for mini-program codes: QR codes, so that any reader reads back what they carry.

WeChat's own are round and only WeChat reads them; nobody but WeChat knows how to draw one.
"""

import io
from urllib.parse import parse_qs, quote, urlsplit

import segno
from PIL import Image

SCHEME = "wxacode"


def spoken(appid: str, page: str, scene: str) -> str:
    """Return what a code says: ``wxacode://wx…/pages/scan/index?scene=h%3D…``."""
    return f"{SCHEME}://{appid}/{page}?scene={quote(scene, safe='')}"


def heard(text: str) -> tuple[str, str] | None:
    """Return page and scene of what a reader read, or nothing where it is not one of ours."""
    parts = urlsplit(text)
    scene = parse_qs(parts.query).get("scene")
    return (parts.path.strip("/"), scene[0]) if parts.scheme == SCHEME and scene else None


def draw(text: str, width: int, *, clear: bool) -> tuple[bytes, str]:
    """Return the picture, ``width`` pixels wide, and its content type: PNG on a clear ground, else JPEG."""
    drawn = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(drawn, kind="png", scale=4, border=4, light=None if clear else "white")
    drawn.seek(0)
    with Image.open(drawn) as opened:
        picture = opened.convert("RGBA" if clear else "L").resize((width, width), Image.Resampling.NEAREST)
    written = io.BytesIO()
    picture.save(written, format="PNG" if clear else "JPEG", quality=90)
    return written.getvalue(), "image/png" if clear else "image/jpeg"
