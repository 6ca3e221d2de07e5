"""The keys of the simulated WeChat Pay: made once, and kept as files where a folder is given.

Real RSA-2048 keys and X.509 certificates, so that whatever signs and verifies for WeChat does so here unchanged.
"""

import datetime as dt
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

YEARS_VALID = 5


class KeyPair:
    """An RSA key and its public half."""

    def __init__(self, private: RSAPrivateKey) -> None:
        self.private = private

    @classmethod
    def read(cls, pem: str) -> "KeyPair":
        """Return the pair of a private key in PEM.  Raises ``ValueError`` or ``TypeError`` for what is no RSA key."""
        # The check of its primes takes a quarter of a second, and the chest has made these keys itself.
        private = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(private, RSAPrivateKey):
            raise TypeError("not an RSA key")
        return cls(private)

    @cached_property
    def private_pem(self) -> str:
        """The private key, PKCS #8."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @cached_property
    def public_pem(self) -> str:
        """The public key."""
        public = self.private.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, message: bytes) -> bytes:
        """Return the RSA-SHA256 signature."""
        return self.private.sign(message, PKCS1v15(), hashes.SHA256())


@dataclass(frozen=True)
class Certified:
    """A key pair and its certificate."""

    pair: KeyPair
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def serial(self) -> str:
        """The serial number as WeChat writes it: 40 capital hexadecimal digits."""
        return f"{self.certificate.serial_number:040X}"


class KeyChest:
    """Makes what it is asked for once; with a folder it is there again after a restart.

    ``folder`` is private to its user (mode 700).  Without one everything ends with the process.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._kept: dict[str, str] = {}
        self._pairs: dict[str, KeyPair] = {}

    def text(self, name: str, make: Callable[[], str]) -> str:
        """Return the text of this name, made by ``make`` the first time."""
        if name not in self._kept:
            self._kept[name] = make() if self._folder is None else _kept_in(self._folder / name, make)
        return self._kept[name]

    def pair(self, name: str) -> KeyPair:
        """Return the key pair of this name."""
        if name not in self._pairs:
            self._pairs[name] = KeyPair.read(self.text(f"{name}_key.pem", _new_key))
        return self._pairs[name]

    def certified(self, name: str, common_name: str) -> Certified:
        """Return the key pair of this name with its certificate."""
        pair = self.pair(name)
        pem = self.text(f"{name}_cert.pem", lambda: _certify(pair, common_name))
        return Certified(pair, x509.load_pem_x509_certificate(pem.encode()))

    def apiv3_key(self, name: str) -> str:
        """Return a key of 32 ASCII characters, as a merchant sets it in WeChat's console."""
        return self.text(f"{name}_apiv3_key.txt", lambda: secrets.token_hex(16))


@cache
def chest_in_memory() -> KeyChest:
    """Return the one chest of this process that keeps nothing on disk."""
    return KeyChest()


def _new_key() -> str:
    return KeyPair(generate_private_key(public_exponent=65537, key_size=2048)).private_pem


def _kept_in(path: Path, make: Callable[[], str]) -> str:
    """Read a file, or make it whole: a crash in between leaves no half of it."""
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        made = make()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(made)
    unfinished.replace(path)
    return made


def _certify(pair: KeyPair, common_name: str) -> str:
    """Return a self-signed certificate, valid since yesterday: clocks differ."""
    names = [x509.NameAttribute(NameOID.COMMON_NAME, common_name), x509.NameAttribute(NameOID.COUNTRY_NAME, "CN")]
    subject = x509.Name(names)
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(pair.private.public_key())
        # One of the highest bits is set, so that it has 40 digits however it is written.
        .serial_number(secrets.randbits(157) | 1 << 158)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=365 * YEARS_VALID))
        .sign(pair.private, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode()
