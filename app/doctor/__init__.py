"""``flask wechat doctor``: whether everything is set so that the mini-program works.

``steps`` has the list; ``examining`` goes through it.  What only WeChat can answer is behind ``services.ports.Examiner``.
"""
