"""Links that open a photo without a token in the header: image elements of the mini-program cannot send one.

A link is signed, names one photo and ends by itself; it is only ever given to somebody who may see the photo.
"""

import datetime as dt
import hashlib
import hmac

from flask import Flask, current_app, url_for

from app.settings import settings

KEY = "wuyou_link_key"


def configure(app: Flask, token_key: str) -> None:
    """Derive the key that signs links, so that a link is never mistaken for a sign-in token."""
    app.extensions[KEY] = hashlib.sha256(b"photo links:" + token_key.encode()).digest()


def photo(token: str, *, now: dt.datetime) -> str:
    """Return the address of a photo, good for one to two of the periods that the settings name.

    Links end together at the turn of a period, so that a photo keeps its address for a while and phones can cache it.
    """
    lifetime = settings().files.link_minutes * 60
    expires = (int(now.timestamp()) // lifetime + 2) * lifetime
    return url_for("photos.show_signed", token=token, expires=expires, signature=_signature(token, expires))


def from_outside(token: str, *, now: dt.datetime) -> str:
    """Return the whole address of a photo, for WeChat to fetch it; works outside of a request."""
    with current_app.test_request_context(base_url=settings().public_url):
        return settings().public_url + photo(token, now=now)


def is_good(token: str, expires: int, signature: str, *, now: dt.datetime) -> bool:
    """Whether a link was made by us for this photo and has not ended."""
    # As bytes: a text with anything but ASCII cannot be compared.
    return expires > now.timestamp() and hmac.compare_digest(_signature(token, expires).encode(), signature.encode())


def _signature(token: str, expires: int) -> str:
    key: bytes = current_app.extensions[KEY]
    return hmac.new(key, f"{token}:{expires}".encode(), hashlib.sha256).hexdigest()[:32]
