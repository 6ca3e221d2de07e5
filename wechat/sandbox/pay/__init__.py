"""WeChat Pay version 3, simulated: real signatures, real encryption, documented states and codes.

``PayDesk`` is the door; the rest are its drawers.  Sources are 微信支付文档 (pay.weixin.qq.com) as named in each file.
"""

from wechat.sandbox.pay.desk import PayDesk

__all__ = ["PayDesk"]
