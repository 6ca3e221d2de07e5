"""The settings, gateways and vault of the present application: the only way views and commands reach them."""

from typing import cast

from flask import Flask, current_app

from config import Settings
from services.ports import Gateways
from services.vault import Vault

SETTINGS = "wuyou_settings"
GATEWAYS = "wuyou_gateways"
VAULT = "wuyou_vault"


def configure(app: Flask, given: Settings) -> None:
    """Keep the settings with the application, and make the vault from its keys."""
    app.extensions[SETTINGS] = given
    app.extensions[VAULT] = Vault(given.secrets.data_keys, given.secrets.lookup_key)


def settings() -> Settings:
    """Return the settings."""
    return cast(Settings, current_app.extensions[SETTINGS])


def gateways() -> Gateways:
    """Return everything outside the database."""
    return cast(Gateways, current_app.extensions[GATEWAYS])


def vault() -> Vault:
    """Return what seals personal data."""
    return cast(Vault, current_app.extensions[VAULT])


def vault_of(app: Flask) -> Vault:
    """Return the vault of an application outside its context: while it is being put together."""
    return cast(Vault, app.extensions[VAULT])
