"""WeChat Pay's bills (微信支付：交易账单、资金账单): text with a mark before every value, read by the names of its columns.

UTF-8 with a BOM, lines ended by CRLF; the first line names the columns, then rows, then the names of the totals and one row
of them.  A backtick stands before every value, so that commas inside of one do not split it.  Amounts are yuan with two
decimals, where the API speaks in fen.  ``ValueError`` for what is not so.
"""

import datetime as dt
import hashlib
import zlib
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from services.payment_ports import BillLine, BillLineKind, FundFlow
from wechat.clock import BEIJING

BYTES_MOST = 64 * 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 31  # zlib's way to say: with a gzip header
FEN = Decimal(100)
CENT = Decimal("0.01")

Row = Mapping[str, str]


def unpacked(content: bytes, sha1: str) -> str:
    """Return a bill's text.  The hash is of the text, also where the file is zipped."""
    if content.startswith(GZIP_MAGIC):
        unzip = zlib.decompressobj(GZIP_WINDOW)
        try:
            content = unzip.decompress(content, BYTES_MOST)
        except zlib.error as error:
            raise ValueError("the bill cannot be unzipped") from error
        if unzip.unconsumed_tail or not unzip.eof:
            raise ValueError("the bill is cut off or far too large")
    if hashlib.sha1(content, usedforsecurity=False).hexdigest() != sha1.lower():
        raise ValueError("the bill is not the one that WeChat announced")
    return content.decode("utf-8-sig")


def rows(text: str) -> Iterator[Row]:
    """Yield the rows of a bill, without its totals."""
    lines = text.splitlines()
    if not lines:
        raise ValueError("the bill is empty")
    names = [name.strip() for name in lines[0].split(",")]
    for line in lines[1:]:
        if not line.startswith("`"):
            return  # the names of the totals
        values = line[1:].split(",`")
        if len(values) != len(names):
            raise ValueError("a row of the bill has another number of values than there are columns")
        yield dict(zip(names, values, strict=True))
    raise ValueError("the bill ends without its totals")


def trade_lines(text: str) -> list[BillLine]:
    """Return the payments and refunds of a trade bill (bill_type ALL)."""
    return [line for row in rows(text) if (line := _trade_line(row)) is not None]


def _trade_line(row: Row) -> BillLine | None:
    state = row["交易状态"]
    if state == "SUCCESS":
        kind, number, wechat_id = BillLineKind.PAYMENT, row["商户订单号"], row["微信订单号"]
        settled = fen(row["应结订单金额"])
        # Vouchers of WeChat pay a part of what was asked: the older bills have no column for the whole.
        amount = fen(row["订单金额"]) if "订单金额" in row else settled + fen(row["代金券金额"])
    elif state == "REFUND":
        kind, number, wechat_id = BillLineKind.REFUND, row["商户退款单号"], row["微信退款单号"]
        settled = fen(row["退款金额"])
        amount = fen(row["申请退款金额"]) if "申请退款金额" in row else settled + fen(row["充值券退款金额"])
    else:
        return None  # REVOKED: of payments at a till
    moment = dt.datetime.strptime(row["交易时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    return BillLine(
        kind, number, wechat_id, row["商户订单号"], amount, settled, _fee(row["手续费"]), moment.astimezone(dt.UTC)
    )


def fund_flow(text: str) -> FundFlow:
    """Return the sums of a fund-flow bill that have to agree with the trade bill."""
    sums = {"交易": 0, "退款": 0, "手续费": 0}
    lines = 0
    for row in rows(text):
        lines += 1
        amount = fen(row["收支金额(元)"])
        signed = amount if row["收支类型"] == "收入" else -amount
        for kind in sums:
            # 扣除交易手续费 is a fee, though it speaks of a trade too.
            if kind in row["业务类型"] and ("手续费" in row["业务类型"]) == (kind == "手续费"):
                sums[kind] += signed
    return FundFlow(payments=sums["交易"], refunds=-sums["退款"], fees=-sums["手续费"], lines=lines)


def _fee(yuan: str) -> int:
    """Return a fee in fen; the bill gives five decimals."""
    try:
        return fen(str(Decimal(yuan.strip() or "0").quantize(CENT, ROUND_HALF_UP)))
    except InvalidOperation as error:
        raise ValueError("a fee of the bill is no number") from error


def fen(yuan: str) -> int:
    """Return an amount in fen; nothing is rounded."""
    try:
        value = Decimal(yuan.strip() or "0") * FEN
    except InvalidOperation as error:
        raise ValueError("an amount of the bill is no number") from error
    if not value.is_finite() or value != value.to_integral_value():
        raise ValueError("an amount of the bill has parts of a fen")
    return int(value)
