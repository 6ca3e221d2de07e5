"""Residencies: requests and their answers (``requests``), and who is what to a home (``standing``)."""
