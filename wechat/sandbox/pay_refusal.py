"""How the simulated WeChat Pay says no: a real HTTP status, a code, a sentence, and the number at the end of Request-ID.

Sources: 微信支付文档「JSAPI下单」「申请退款」「申请交易账单」, tables of error codes; the numbers are from 「排障手册」 of
wechatpay-skills.  Where the pages of different age spell a code in two ways, both are here: a fault may order either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNNUMBERED = 0


@dataclass(frozen=True)
class Code:
    """What a code comes with: the HTTP status, WeChat's kind of sentence, the number in Request-ID (0: not published)."""

    status: int
    message: str
    number: int = UNNUMBERED


CODES: Mapping[str, Code] = {
    "PARAM_ERROR": Code(400, "参数错误"),
    "INVALID_REQUEST": Code(400, "请求参数符合参数格式，但不符合业务规则"),
    "APPID_MCHID_NOT_MATCH": Code(400, "商户号和appid没有绑定关系", 268445527),
    "MCH_NOT_EXISTS": Code(400, "商户号不存在"),
    "ORDER_CLOSED": Code(400, "订单已关闭"),
    "ORDERPAID": Code(400, "该订单已支付", 268498689),
    "ORDER_PAID": Code(400, "该订单已支付", 268498689),
    "NO_STATEMENT_EXIST": Code(400, "账单文件不存在"),
    "INVALID_TRANSACTIONID": Code(500, "订单号非法"),
    "SIGN_ERROR": Code(401, "错误的签名，验签失败", 268443699),
    "NO_AUTH": Code(403, "商户无权限"),
    "OUT_TRADE_NO_USED": Code(403, "商户订单号重复", 268498688),
    "RULE_LIMIT": Code(403, "业务规则限制"),
    "TRADE_ERROR": Code(403, "交易错误"),
    "NOT_ENOUGH": Code(403, "余额不足"),
    "ACCOUNT_ERROR": Code(403, "账号异常", 268448010),
    "USER_ACCOUNT_ABNORMAL": Code(403, "退款请求失败，用户账号异常"),
    "ORDER_NOT_EXIST": Code(404, "订单不存在", 268512771),
    "ORDERNOTEXIST": Code(404, "订单不存在", 268512771),
    "RESOURCE_NOT_EXISTS": Code(404, "查询的资源不存在"),
    "FREQUENCY_LIMITED": Code(429, "频率超限", 268447840),
    "RATELIMIT_EXCEEDED": Code(429, "接口频率超限", 268447840),
    "SYSTEM_ERROR": Code(500, "系统错误"),
    "BANK_ERROR": Code(500, "银行系统异常"),
    "OPENID_MISMATCH": Code(500, "openid和appid不匹配"),
    "SERVICE_UNAVAILABLE": Code(503, "服务不可用"),
}


class PayRefusal(Exception):
    """A documented error: ``code`` is one of ``CODES``, ``message`` stands in for its usual sentence."""

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        number: int | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        known = CODES[code]
        self.code = code
        self.status = known.status
        self.message = message or known.message
        self.number = known.number if number is None else number
        self.detail = detail
        super().__init__(f"{code} {self.message}")

    def body(self) -> dict[str, Any]:
        """Return the JSON body."""
        return {"code": self.code, "message": self.message, **({"detail": self.detail} if self.detail else {})}
