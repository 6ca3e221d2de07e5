"""The present moment, for whoever asks services and has no request at hand."""

import datetime as dt


def utc_now() -> dt.datetime:
    """Return the present time, aware UTC."""
    return dt.datetime.now(dt.UTC)
