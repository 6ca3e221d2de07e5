"""The file store: a folder, or anything that speaks S3, through obstore."""

from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from config import FileSettings
from services.errors import TryLater


class ObjectFileStore:
    """The port ``FileStore`` over an object store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Keep the content; the same key again replaces it."""
        attributes = {} if isinstance(self._store, LocalStore) else {"Content-Type": content_type}
        obstore.put(self._store, key, content, attributes=attributes)

    def get(self, key: str) -> bytes:
        """Return the content.  Raises ``FileNotFoundError`` when there is none."""
        return bytes(obstore.get(self._store, key).bytes())

    def remove(self, key: str) -> None:
        """Forget the content; one that is not there is forgotten already.  Raises ``TryLater`` when the store is away."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:  # a folder says so, S3 does not
            return
        except (BaseError, OSError) as error:
            raise TryLater("存照片的地方暂时连不上，过一会儿会自动再试。", code="file_store_away") from error


def open_store(settings: FileSettings) -> ObjectFileStore:
    """Open the store that the settings name, making its folder if it is one."""
    if settings.url.startswith("file://"):
        folder = Path(settings.url.removeprefix("file://")).absolute()
        return ObjectFileStore(LocalStore(folder, mkdir=True))
    return ObjectFileStore(from_url(settings.url))
