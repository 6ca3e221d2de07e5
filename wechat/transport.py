"""One HTTP session for all threads: kept-alive connections, no cookies, no query strings in logs."""

import logging
from collections.abc import Iterable
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

# The sender runs 32 threads and the web process some more; a thread that finds the pool empty opens a connection that
# is thrown away afterwards, which costs a TLS handshake each time.
POOL_SIZE = 64
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class WithoutQueries(logging.Filter):
    """Cuts ``?…`` off what urllib3 logs: the queries carry the secret, access tokens and robot keys."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, shorten its addresses."""
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(argument) for argument in record.args)
        return True


def _without_query(argument: object) -> object:
    if isinstance(argument, (str, Exception)) and "?" in str(argument):
        return str(argument).partition("?")[0] + "?…"
    return argument


_WITHOUT_QUERIES = WithoutQueries()


def http_session(base_urls: Iterable[str]) -> requests.Session:
    """Return a session that many threads may use at once.

    A requests session is safe to share as long as nobody changes its headers or cookies, so it keeps no cookies.
    Proxies named in the environment are used unless every base URL is on this machine: few of them would lead back.
    """
    logging.getLogger("urllib3.connectionpool").addFilter(_WITHOUT_QUERIES)
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.trust_env = not all(urlsplit(url).hostname in LOOPBACK for url in base_urls)
    session.headers["User-Agent"] = "wuyou"
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=POOL_SIZE, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
