"""Payments through WeChat: who takes the money, orders, WeChat's word on them, refunds, the daily bills."""
