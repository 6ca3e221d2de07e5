"""What a file really is, whatever its name says, and whether it may be opened at all.

Nothing is handed to the workbook reader before it was counted here: what it unpacks to is measured, not believed.
"""

import enum
import io
import re
import zipfile
import zlib

from services.errors import InvalidInput
from services.imports import limits

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
CHUNK = 256 * 1024
SAVE_AS = "请用 WPS 或 Excel 打开它，另存为“Excel 工作簿（.xlsx）”，再传一次。"
_MARKUP = re.compile(rb"\s*(<\?xml|<!doctype|<html|<table|<head|<meta)", re.IGNORECASE)
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


class Kind(enum.StrEnum):
    """What can be read."""

    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"


def kind_of(content: bytes) -> Kind:
    """Return what a file is by its first bytes.  Raises ``InvalidInput`` for what cannot be read or would burst."""
    if not content:
        raise InvalidInput("这个文件是空的。请重新选一个。", code="file_empty")
    if len(content) > limits.FILE_MOST:
        raise InvalidInput(
            f"这个文件太大了，最多{limits.FILE_MOST // 1024 // 1024}兆。请按楼栋分成几个表，一个一个导入。",
            code="file_too_big",
        )
    if content.startswith(ZIP):
        _check_zip(content)
        return Kind.XLSX
    if content.startswith(OLE):
        return Kind.XLS
    if _MARKUP.match(content[:200].removeprefix(b"\xef\xbb\xbf")):
        raise InvalidInput(f"这个文件名像表格，其实是网页。{SAVE_AS}", code="file_is_markup")
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf")):
        raise InvalidInput("这个文件不是表格。请选 .xlsx、.xls 或 .csv 文件。", code="file_not_a_sheet")
    return Kind.CSV


def decode(content: bytes) -> str:
    """Return the text of a CSV: UTF-8, or the GBK that Excel writes in China.

    Raises ``InvalidInput`` for anything else.
    """
    marked = next((name for bom, name in _BOMS.items() if content.startswith(bom)), None)
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # GB18030 takes nearly any bytes; what is no text shows by its control characters.
        if not re.search(r"[\x00-\x08\x0e-\x1f\ufffd]", text):
            return text
    raise InvalidInput(f"这个文件里的文字认不出来。{SAVE_AS}", code="encoding_unknown")


def _check_zip(content: bytes) -> None:
    """Unpack every part without keeping it, and stop as soon as it is too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > limits.PARTS_MOST:
                raise _bomb()
            if any(part.flag_bits & 0x1 for part in parts):
                raise InvalidInput(f"这个文件加了密码。请去掉密码：{SAVE_AS}", code="file_locked")
            if sum(part.file_size for part in parts) > limits.UNPACKED_MOST:
                raise _bomb()
            if "[Content_Types].xml" not in archive.namelist():
                raise InvalidInput(
                    f"这是一个压缩包，不是表格。请先解压，再传里面的表格。{SAVE_AS}", code="file_is_archive"
                )
            left = limits.UNPACKED_MOST
            for part in parts:
                left -= _measure(archive, part, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OverflowError) as error:
        raise InvalidInput(f"这个文件坏了，打不开。{SAVE_AS}", code="file_broken") from error


def _measure(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    size = 0
    packed = max(part.compress_size, 1)
    with archive.open(part) as stream:
        while piece := stream.read(CHUNK):
            size += len(piece)
            if size > left or (size > limits.UNPACKED_HARMLESS and size > packed * limits.UNPACKED_RATIO):
                raise _bomb()
    return size


def _bomb() -> InvalidInput:
    return InvalidInput(
        f"这个文件解开以后大得不正常，可能有问题，没有打开。{SAVE_AS}还是不行，就请联系系统管理员。",
        code="file_unpacks_too_large",
    )
