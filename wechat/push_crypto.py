"""Signatures and encryption of WeChat's pushes (小程序文档：消息推送).

Two signatures stand in a push's address: ``signature`` covers token, timestamp and nonce only; ``msg_signature`` covers the
encrypted body too, and is the one that counts in secure mode.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

RANDOM_BYTES = 16
LENGTH_BYTES = 4
BLOCK = 32  # PKCS#7 to 32 bytes, although AES has blocks of 16


def signature(token: str, timestamp: str, nonce: str, *more: str) -> str:
    """Return the signature over token, timestamp, nonce and what else belongs to it."""
    return hashlib.sha1("".join(sorted([token, timestamp, nonce, *more])).encode(), usedforsecurity=False).hexdigest()


def is_same(given: str, wanted: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def decrypt(encrypted: str, encoding_key: str, appid: str) -> bytes:
    """Return the message in an encrypted push.

    Raises ``ValueError`` for anything that was not encrypted with this key for this mini-program.
    """
    key = base64.b64decode(encoding_key + "=")
    sealed = base64.b64decode(encrypted, validate=True)
    if not sealed or len(sealed) % 16:
        raise ValueError("not whole blocks")
    decryptor = Cipher(AES(key), CBC(key[:16])).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    plain = _unpadded(padded)
    start = RANDOM_BYTES + LENGTH_BYTES
    end = start + int.from_bytes(plain[RANDOM_BYTES:start], "big")
    if len(plain) < start or end > len(plain):
        raise ValueError("shorter than it says")
    if not hmac.compare_digest(plain[end:], appid.encode()):
        raise WrongAppid
    return plain[start:end]


def encrypt(message: bytes, encoding_key: str, appid: str) -> str:
    """Return a message encrypted as WeChat does it: for trying out an address of ours."""
    key = base64.b64decode(encoding_key + "=")
    length = len(message).to_bytes(LENGTH_BYTES, "big")
    plain = secrets.token_bytes(RANDOM_BYTES) + length + message + appid.encode()
    count = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([count]) * count) + encryptor.finalize()).decode()


class WrongAppid(ValueError):
    """It was encrypted for another mini-program."""


def _unpadded(padded: bytes) -> bytes:
    count = padded[-1]
    if not 1 <= count <= BLOCK or padded[-count:] != bytes([count]) * count:
        raise ValueError("padding")
    return padded[:-count]


def open_session_data(encrypted: str, iv: str, session_key: str) -> bytes:
    """Decrypt what the mini-program got from WeChat (小程序文档：开放数据校验与解密): AES-128-CBC under the session key.

    Raises ``ValueError`` when the key is not the one it was encrypted with.
    """
    try:
        key, start, sealed = (base64.b64decode(part, validate=True) for part in (session_key, iv, encrypted))
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != 16 or len(start) != 16 or not sealed or len(sealed) % 16:  # noqa: PLR2004 - AES-128
        raise ValueError("not whole blocks")
    decryptor = Cipher(AES(key), CBC(start)).decryptor()
    return _unpadded(decryptor.update(sealed) + decryptor.finalize())


def is_genuine(raw_data: str, given: str, session_key: str) -> bool:
    """Whether data that the client sends in the clear is as WeChat gave it (signature over ``rawData``)."""
    wanted = hashlib.sha1((raw_data + session_key).encode(), usedforsecurity=False).hexdigest()
    return is_same(given, wanted)
