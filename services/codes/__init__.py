"""Codes to scan: made once for a place, opened by WeChat in several ways, printed, revoked, replaced."""
