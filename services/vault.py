"""Sealing of personal data: encrypted values, keyed hashes to find them by, and their masked forms.

AES-256-GCM with a random nonce; the key id stands in front of each value, so that keys can be changed one day without
stopping.  The *label* (``person.phone``) is bound into the value: a phone moved into a name's column does not open.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping

import phonenumbers
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class Vault:
    """Seals with the first of its keys, opens with any."""

    def __init__(self, data_keys: Mapping[str, str], lookup_key: str) -> None:
        self._ciphers = {key_id: AESGCM(_derive(key, b"wuyou data")) for key_id, key in data_keys.items()}
        self._current = next(iter(data_keys))
        self._lookup = _derive(lookup_key, b"wuyou lookup")

    def seal(self, text: str, label: str) -> bytes:
        """Encrypt a text; ``label`` says what it is."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, text.encode(), label.encode())
        key_id = self._current.encode()
        return bytes([len(key_id)]) + key_id + nonce + sealed

    def open(self, sealed: bytes, label: str) -> str:
        """Decrypt what ``seal`` made under the same label.

        Raises ``KeyError`` for a key that is gone and ``cryptography.exceptions.InvalidTag`` for a forged value.
        """
        end = 1 + sealed[0]
        cipher = self._ciphers[sealed[1:end].decode()]
        nonce, body = sealed[end : end + NONCE_BYTES], sealed[end + NONCE_BYTES :]
        return cipher.decrypt(nonce, body, label.encode()).decode()

    def fingerprint(self, text: str, label: str) -> str:
        """Return the keyed hash by which an equal value can be found."""
        return hmac.new(self._lookup, f"{label}:{text}".encode(), hashlib.sha256).hexdigest()


def _derive(key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key.encode())


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
