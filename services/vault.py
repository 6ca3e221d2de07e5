"""Sealing of personal data: encrypted values, and keyed hashes to find them by.

AES-256-GCM with a random nonce; the key's id stands in front of each value, so that keys change without stopping.  The
*label* (``person.phone``) is bound into the value: a phone moved into a name's column does not open.

An envelope: *master keys* come from the settings; they wrap *data keys*, which live in the database (``~1``, ``~2`` …) and
seal the values.  While there is no data key yet, the master key seals by itself, and what it sealed opens for ever.
"""

import hmac
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import phonenumbers
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
DATA_KEY_MARK = "~"
"""Ids of data keys begin with it; those of master keys must not."""


class KeyGone(KeyError):
    """A value was sealed with a key that is neither in the settings nor in the database."""


@dataclass(frozen=True)
class DataKeys:
    """The data keys of a moment, unwrapped: all that open, and the one that seals (none yet: the master key does)."""

    current: str | None = None
    secrets: Mapping[str, bytes] = field(default_factory=dict)


class KeySource(Protocol):
    """Where the vault gets its data keys from."""

    def keys(self) -> DataKeys:
        """Return the keys as this process knows them; cheap, and asked at each value."""

    def look_again(self) -> DataKeys:
        """Return the keys as the database has them now: a value bears an id that is not known here."""


class NoDataKeys:
    """A database without data keys."""

    def keys(self) -> DataKeys:
        """Return none."""
        return DataKeys()

    def look_again(self) -> DataKeys:
        """Return none."""
        return DataKeys()


class MasterKeys:
    """The keys of the settings, by id.  The first wraps new data keys, all unwrap."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.current_id = next(iter(given))
        self.sealers = {key_id: AESGCM(_derive(key.encode(), b"wuyou data")) for key_id, key in given.items()}
        """What sealed values before there were data keys."""
        self._wrappers = {key_id: AESGCM(_derive(key.encode(), b"wuyou wrap")) for key_id, key in given.items()}

    def wrap(self, data_key: bytes, key_id: str) -> bytes:
        """Encrypt a data key with the first master key."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrappers[self.current_id].encrypt(nonce, data_key, _wrap_label(key_id))

    def unwrap(self, wrapped: bytes, key_id: str, master_id: str) -> bytes:
        """Decrypt a data key.  Raises ``KeyGone`` when its master key is not in the settings, ``InvalidTag`` if forged."""
        if master_id not in self._wrappers:
            raise KeyGone(master_id)
        nonce, body = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        return self._wrappers[master_id].decrypt(nonce, body, _wrap_label(key_id))


class Vault:
    """Seals with the newest data key, or the first master key where there is none; opens with any."""

    def __init__(
        self,
        master_keys: MasterKeys | Mapping[str, str],
        lookup_key: str,
        *,
        old_lookup_keys: Sequence[str] = (),
        source: KeySource | None = None,
    ) -> None:
        """Take the keys of the settings.  Of the lookup keys, the first makes hashes and the old ones are looked up too."""
        self.masters = master_keys if isinstance(master_keys, MasterKeys) else MasterKeys(master_keys)
        self._lookups = [_derive(key.encode(), b"wuyou lookup") for key in (lookup_key, *old_lookup_keys)]
        self._source = source or NoDataKeys()
        self._ciphers: dict[tuple[str, str], tuple[bytes, AESGCM]] = {}

    @property
    def current_id(self) -> str:
        """The id of the key that seals now."""
        return self._source.keys().current or self.masters.current_id

    @property
    def key_ids(self) -> set[str]:
        """The ids of all keys that open."""
        return {*self.masters.sealers, *self._source.keys().secrets}

    @property
    def has_old_lookup_keys(self) -> bool:
        """Whether hashes are being changed from one lookup key to another."""
        return len(self._lookups) > 1

    def seal(self, text: str, label: str) -> bytes:
        """Encrypt a text; ``label`` says what it is."""
        keys = self._source.keys()
        key_id = keys.current or self.masters.current_id
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher(key_id, label, keys).encrypt(nonce, text.encode(), label.encode())
        return prefix(key_id) + nonce + sealed

    def open(self, sealed: bytes, label: str) -> str:
        """Decrypt what ``seal`` made under the same label.

        Raises ``KeyGone`` for a key that is gone and ``cryptography.exceptions.InvalidTag`` for a forged value.
        """
        key_id, end = key_id_of(sealed), 1 + sealed[0]
        keys = self._source.keys()
        if key_id not in keys.secrets and key_id not in self.masters.sealers:
            keys = self._source.look_again()
        nonce, body = sealed[end : end + NONCE_BYTES], sealed[end + NONCE_BYTES :]
        return self._cipher(key_id, label, keys).decrypt(nonce, body, label.encode()).decode()

    def fingerprint(self, text: str, label: str) -> str:
        """Return the keyed hash under which a value is kept."""
        return _fingerprint(self._lookups[0], text, label)

    def fingerprints(self, text: str, label: str) -> list[str]:
        """Return the keyed hashes by which an equal value can be found: more than one while the lookup key is changed."""
        return [_fingerprint(key, text, label) for key in self._lookups]

    def _cipher(self, key_id: str, label: str, keys: DataKeys) -> AESGCM:
        """Return the cipher of a key.  Each label has a key of its own below a data key: ID numbers never share one."""
        if key_id in self.masters.sealers:
            return self.masters.sealers[key_id]
        if key_id not in keys.secrets:
            raise KeyGone(key_id)
        secret = keys.secrets[key_id]
        made = self._ciphers.get((key_id, label))
        if made is None or made[0] != secret:
            made = self._ciphers[key_id, label] = (secret, AESGCM(_derive(secret, f"wuyou data {label}".encode())))
        return made[1]


def prefix(key_id: str) -> bytes:
    """Return how every value that this key sealed begins."""
    return bytes([len(key_id.encode())]) + key_id.encode()


def key_id_of(sealed: bytes) -> str:
    """Return the id of the key that sealed a value."""
    return sealed[1 : 1 + sealed[0]].decode()


def _wrap_label(key_id: str) -> bytes:
    return f"data_key:{key_id}".encode()


def _fingerprint(key: bytes, text: str, label: str) -> str:
    return hmac.digest(key, f"{label}:{text}".encode(), "sha256").hex()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)


def normal_phone(text: str) -> str | None:
    """Return a Chinese phone in E.164, or nothing when it cannot be one.

    Full-width digits, spaces and dashes are accepted: that is how people write them.
    """
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
