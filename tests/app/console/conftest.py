"""Browsers at the console."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.app.conftest import FreshClient
from tests.app.console.browsing import Browser


@pytest.fixture
def new_browser(app: Flask) -> Callable[[], Browser]:
    """Another browser, with no cookies."""
    return lambda: Browser(FreshClient(app))


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    return new_browser()
