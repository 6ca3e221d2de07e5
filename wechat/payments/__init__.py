"""WeChat Pay, API v3: the port ``services.payment_ports.PaymentGateway``, on wechatpayv3 held to our rules."""

from wechat.payments.gateway import WeChatPayments

__all__ = ["WeChatPayments"]
