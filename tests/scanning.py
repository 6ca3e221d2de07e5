"""What a printer and a phone's camera do: a sheet becomes a picture, and the codes in a picture are read."""

import io
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image

DOTS_PER_INCH = 150
needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils draws the PDF")


def printed_page(content: bytes, folder: Path) -> bytes:
    """Return the first page of a PDF as poppler draws it (PNG)."""
    (folder / "sheet.pdf").write_bytes(content)
    command = ["pdftoppm", "-r", str(DOTS_PER_INCH), "-png", "-singlefile", "sheet.pdf", "page"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "page.png").read_bytes()


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
