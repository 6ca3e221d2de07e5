"""The bills of a day as WeChat writes them (微信支付文档「下载账单」, the formats of 交易账单 and 资金账单).

UTF-8 with a byte order mark, CRLF, a header row, every value behind a backtick, then a row of headings for the sums and
one of sums.  Amounts are yuan.  The number of transactions is written like ``45.0``, as in the sample of wechatpay-php.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from wechat.sandbox.pay.funds import FEE_RATE, Flow
from wechat.sandbox.pay.orders import Order
from wechat.sandbox.pay.refunds import Refund
from wechat.sandbox.pay.states import RefundState
from wechat.sandbox.phones import BEIJING

Row = dict[str, str]

REFUND_COLUMNS = ("微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态")
ALL_COLUMNS = (
    "交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识", "交易类型",
    "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额", *REFUND_COLUMNS, "商品名称", "商户数据包", "手续费",
    "费率", "订单金额", "申请退款金额", "费率备注",
)  # fmt: skip
SUCCESS_COLUMNS = tuple(name for name in ALL_COLUMNS if name not in {*REFUND_COLUMNS, "申请退款金额"})
REFUND_TIMES = ("退款申请时间", "退款成功时间")
TRADE_COLUMNS: Mapping[str, Sequence[str]] = {
    "ALL": ALL_COLUMNS,
    "SUCCESS": SUCCESS_COLUMNS,
    "REFUND": (*ALL_COLUMNS[:14], *REFUND_TIMES, *ALL_COLUMNS[14:]),
}
ALL_SUMS: Mapping[str, str] = {
    "应结订单总金额": "应结订单金额",
    "退款总金额": "退款金额",
    "充值券退款总金额": "充值券退款金额",
    "手续费总金额": "手续费",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
}
SUCCESS_SUMS = ("应结订单总金额", "手续费总金额", "订单总金额")
FUND_COLUMNS = (
    "记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型", "收支金额(元)", "账户结余(元)",
    "资金变更提交申请人", "备注", "业务凭证号",
)  # fmt: skip
# v2 names what v3 calls ABNORMAL and CLOSED; the bill has kept its words.
REFUND_WORDS: Mapping[RefundState, str] = {
    RefundState.SUCCESS: "SUCCESS",
    RefundState.PROCESSING: "PROCESSING",
    RefundState.ABNORMAL: "CHANGE",
    RefundState.CLOSED: "FAIL",
}


def trade_rows(kind: str, orders: Iterable[Order], refunds: Iterable[Refund]) -> list[Row]:
    """Return the rows of a trade bill of a kind (ALL, SUCCESS, REFUND), in the order of time."""
    timed = [(order.paid_at, _payment(order)) for order in orders if kind != "REFUND"]
    timed += [(refund.made_at, _refund(refund)) for refund in refunds if kind != "SUCCESS"]
    return [row for _, row in sorted(timed, key=lambda one: one[0])]


def trade_file(kind: str, rows: Sequence[Row]) -> bytes:
    """Return a trade bill."""
    wanted = SUCCESS_SUMS if kind == "SUCCESS" else tuple(ALL_SUMS)
    sums = {name: f"{_sum(rows, ALL_SUMS[name]):.2f}" for name in wanted}
    return _written(TRADE_COLUMNS[kind], rows, {"总交易单数": f"{len(rows)}.0", **sums})


def fund_rows(flows: Iterable[Flow]) -> list[Row]:
    """Return the rows of a fund-flow bill."""
    return [
        {
            "记账时间": _time(flow.at),
            "微信支付业务单号": flow.business_no,
            "资金流水单号": flow.flow_no,
            "业务名称": flow.kind,
            "业务类型": flow.kind,
            "收支类型": "收入" if flow.income else "支出",
            "收支金额(元)": _yuan(flow.amount),
            "账户结余(元)": _yuan(flow.balance),
            "资金变更提交申请人": "system",
            "备注": "",
            "业务凭证号": flow.voucher,
        }
        for flow in flows
    ]


def fund_file(rows: Sequence[Row]) -> bytes:
    """Return a fund-flow bill."""
    incomes = [row for row in rows if row["收支类型"] == "收入"]
    outgoings = [row for row in rows if row["收支类型"] == "支出"]
    sums = {
        "资金流水总笔数": str(len(rows)),
        "收入笔数": str(len(incomes)),
        "收入金额": f"{_sum(incomes, '收支金额(元)'):.2f}",
        "支出笔数": str(len(outgoings)),
        "支出金额": f"{_sum(outgoings, '收支金额(元)'):.2f}",
    }
    return _written(FUND_COLUMNS, rows, sums)


def _payment(order: Order) -> Row:
    return _common(order) | {
        "交易时间": _time(order.paid_at),
        "交易状态": "SUCCESS",
        "应结订单金额": _yuan(order.total),
        "微信退款单号": "0",
        "商户退款单号": "0",
        "退款金额": "0.00",
        "退款类型": "",
        "退款状态": "",
        "手续费": _fee(order.fee),
        "订单金额": _yuan(order.total),
        "申请退款金额": "0.00",
    }


def _refund(refund: Refund) -> Row:
    arrived = refund.settled_at if refund.state is RefundState.SUCCESS else None
    return _common(refund.order) | {
        "交易时间": _time(refund.made_at),
        "交易状态": "REFUND",
        "应结订单金额": "0.00",
        "微信退款单号": refund.refund_id,
        "商户退款单号": refund.out_refund_no,
        "退款金额": _yuan(refund.amount),
        "退款类型": "ORIGINAL",
        "退款状态": REFUND_WORDS[refund.state],
        "退款申请时间": _time(refund.made_at),
        "退款成功时间": _time(arrived) if arrived is not None else "",
        "手续费": _fee(-refund.fee_back),
        "订单金额": "0.00",
        "申请退款金额": _yuan(refund.amount),
    }


def _common(order: Order) -> Row:
    sent = order.sent
    return {
        "公众账号ID": sent.get("sp_appid") or sent["appid"],
        "商户号": order.merchant.mchid,
        "特约商户号": order.sub_mchid or "0",
        "设备号": "",
        "微信订单号": order.transaction_id,
        "商户订单号": order.out_trade_no,
        "用户标识": order.openid,
        "交易类型": "JSAPI",
        "付款银行": "OTHERS",
        "货币种类": "CNY",
        "代金券金额": "0.00",
        "充值券退款金额": "0.00",
        "商品名称": sent["description"],
        "商户数据包": sent.get("attach", ""),
        "费率": FEE_RATE,
        "费率备注": "",
    }


def _written(columns: Sequence[str], rows: Sequence[Row], sums: Row) -> bytes:
    lines = [",".join(columns)]
    lines += [",".join(f"`{_escaped(row[name])}" for name in columns) for row in rows]
    lines += [",".join(sums), ",".join(f"`{value}" for value in sums.values())]
    return ("\ufeff" + "".join(f"{line}\r\n" for line in lines)).encode()


def _escaped(value: str) -> str:
    return value.replace("\r", "\\r").replace("\n", "\\n")


def _sum(rows: Iterable[Row], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def _yuan(fen: int) -> str:
    return f"{Decimal(fen) / 100:.2f}"


def _fee(fen: int) -> str:
    return f"{Decimal(fen) / 100:.5f}"


def _time(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
