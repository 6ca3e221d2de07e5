"""The settings, gateways and vault of the present application: the only way views and commands reach them."""

from typing import cast

from flask import Flask, current_app

from app.keys import DatabaseKeys
from config import Settings
from services.ports import Gateways
from services.vault import MasterKeys, Vault

SETTINGS = "wuyou_settings"
GATEWAYS = "wuyou_gateways"
VAULT = "wuyou_vault"
DATA_KEYS = "wuyou_data_keys"


def configure(app: Flask, given: Settings) -> None:
    """Keep the settings with the application, and make the vault from its keys."""
    app.extensions[SETTINGS] = given
    secrets = given.secrets
    masters = MasterKeys(secrets.data_keys)
    app.extensions[DATA_KEYS] = DatabaseKeys(app, masters)
    app.extensions[VAULT] = Vault(
        masters,
        secrets.lookup_key,
        old_lookup_keys=[secrets.old_lookup_key] if secrets.old_lookup_key else [],
        source=app.extensions[DATA_KEYS],
    )


def settings() -> Settings:
    """Return the settings."""
    return cast(Settings, current_app.extensions[SETTINGS])


def gateways() -> Gateways:
    """Return everything outside the database."""
    return cast(Gateways, current_app.extensions[GATEWAYS])


def vault() -> Vault:
    """Return what seals personal data."""
    return cast(Vault, current_app.extensions[VAULT])


def data_keys() -> DatabaseKeys:
    """Return what reads the data keys, so that a command can have them read anew."""
    return cast(DatabaseKeys, current_app.extensions[DATA_KEYS])


def vault_of(app: Flask) -> Vault:
    """Return the vault of an application outside its context: while it is being put together."""
    return cast(Vault, app.extensions[VAULT])


def settings_of(app: Flask) -> Settings:
    """Return the settings of an application outside its context: while it is being put together."""
    return cast(Settings, app.extensions[SETTINGS])
