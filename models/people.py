"""Persons, their WeChat accounts and their sign-ins.

Names and phones are sealed (``services.vault``); beside them stand the masked forms that lists show, and a keyed hash by
which a phone can be found.
"""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.types import BigId, BigRef, Cipher, Text32, Text64, Text128, values_of

ID_KNOWN = sa.text("id_hash is not null")


class IdType(enum.StrEnum):
    """The paper that an identity number is from."""

    RESIDENT = "resident_id"
    HK_MO_TW_RESIDENCE = "hk_mo_tw_residence"
    HK_MO_PERMIT = "hk_mo_permit"
    TW_PERMIT = "tw_permit"
    FOREIGN_RESIDENCE = "foreign_residence"
    PASSPORT = "passport"


class Person(Base):
    """A human being: resident, worker, officer, or several of these."""

    __tablename__ = "person"
    __table_args__ = (
        sa.CheckConstraint(
            "(id_type is null) = (id_sealed is null) and (id_type is null) = (id_masked is null)"
            " and (id_type is null) = (id_hash is null)",
            name="id_number_whole",
        ),
        sa.Index("ix_person_id_hash", "id_hash", sqlite_where=ID_KNOWN, postgresql_where=ID_KNOWN),
    )

    id: Mapped[BigId]
    name_sealed: Mapped[Cipher | None]
    name_masked: Mapped[Text64 | None]
    """What lists show: 张*国."""
    known_as: Mapped[Text32 | None]
    """The name a worker goes by in public, such as 李师傅: chosen to be shown, so it is not sealed."""
    phone_sealed: Mapped[Cipher | None]
    phone_masked: Mapped[Text32 | None]
    phone_hash: Mapped[Text64 | None] = mapped_column(index=True)
    """Not unique: a couple may share one phone."""
    id_type: Mapped[IdType | None]
    """Numbers of papers are kept only where a purpose needs them; never to sign in."""
    id_sealed: Mapped[Cipher | None]
    id_masked: Mapped[Text32 | None]
    id_hash: Mapped[Text64 | None]
    created_at: Mapped[dt.datetime]
    minor_until: Mapped[dt.date | None]
    """Set for a child below fourteen: the month's end after that birthday, so that the birthday itself is not kept."""
    restricted_at: Mapped[dt.datetime | None]
    """Since when the data is only kept, no longer used (PIPL 47 II): the person asked for it, or for deletion."""
    erased_at: Mapped[dt.datetime | None]
    """When name, phone and accounts were removed."""
    search_keys: Mapped[list["PersonSearchKey"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    """Kept by ``services.people.set_name`` and ``set_phone``; a relationship, for a new person has no id to point to."""


class PersonKeyKind(enum.StrEnum):
    """What of a person a search key stands for."""

    NAME = "name"
    SURNAME = "surname"
    INITIALS = "initials"
    PHONE_TAIL = "phone_tail"


class PersonSearchKey(Base):
    """A keyed hash of something by which a person can be looked for: names and phones themselves are sealed."""

    __tablename__ = "person_search_key"
    __table_args__ = (
        # Not IN: for more than two values SQLite builds a table of them at each row, and there are a million rows.
        sa.CheckConstraint(" or ".join(f"kind = '{kind}'" for kind in PersonKeyKind), name="kind_known"),
        sa.Index("ix_person_search_key_person_id", "person_id"),
        {"sqlite_with_rowid": False},
    )

    key: Mapped[BigRef] = mapped_column(primary_key=True, autoincrement=False)
    """63 bits of the fingerprint (``services.search_keys``): short, for there are six to a person."""
    person_id: Mapped[BigRef] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[PersonKeyKind] = mapped_column(
        sa.Enum(PersonKeyKind, native_enum=False, create_constraint=False, length=32, values_callable=values_of)
    )


class WeChatAccount(Base):
    """One WeChat user of one mini-program.  A person may have two."""

    __tablename__ = "wechat_account"
    __table_args__ = (
        sa.UniqueConstraint("appid", "openid"),
        sa.CheckConstraint(
            "unbound_at is null or (session_key_sealed is null and unionid is null)", name="unbound_is_forgotten"
        ),
    )

    id: Mapped[BigId]
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"), index=True)
    appid: Mapped[Text32]
    openid: Mapped[Text64]
    unionid: Mapped[Text64 | None]
    session_key_sealed: Mapped[Cipher | None]
    """Decrypts what the mini-program got from WeChat.  Never leaves the server."""
    created_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    unbound_at: Mapped[dt.datetime | None]
    """When the person took the account off; the openid is forgotten with it."""


class DeviceKind(enum.StrEnum):
    """What somebody is signed in with."""

    PHONE = "phone"
    CONSOLE = "console"


class SignInEnd(enum.StrEnum):
    """Why a sign-in ended before its time."""

    SIGNED_OUT = "signed_out"
    ENDED_ELSEWHERE = "ended_elsewhere"
    """The person ended it from another device."""
    COPIED = "copied"
    """A refresh token came back that had been replaced: somebody else has it."""


class SignIn(Base):
    """A signed-in device: a phone with the mini-program, or a browser at the console.

    ``refresh_hash`` is the hash of what the device shows to stay signed in: a phone's refresh token, which changes at each
    use, or a browser's cookie, which does not.  Neither is good for the other.
    """

    __tablename__ = "sign_in"
    __table_args__ = (
        sa.CheckConstraint("expires_at > created_at", name="expires_later"),
        sa.CheckConstraint(
            "(membership_id is null or case_key_id is null)"
            " and (mandate_id is null or membership_id is null and case_key_id is null)",
            name="one_hat",
        ),
        sa.CheckConstraint("account_id is not null or device = 'console'", name="phones_have_an_account"),
        sa.CheckConstraint("(device = 'console') = (idle_until is not null)", name="consoles_end_when_idle"),
        sa.CheckConstraint("end_reason is null or ended_at is not null", name="reason_of_an_end"),
        sa.Index("ix_sign_in_previous_hash", "previous_hash"),
    )

    id: Mapped[BigId]
    device: Mapped[DeviceKind] = mapped_column(default=DeviceKind.PHONE)
    label: Mapped[Text64 | None]
    """The browser as people call it: Windows 电脑上的 Edge."""
    account_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("wechat_account.id"), index=True)
    """Empty: let in by a one-time code, without WeChat."""
    person_id: Mapped[BigRef] = mapped_column(sa.ForeignKey("person.id"), index=True)
    membership_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("membership.id"))
    """The hat that is on; empty means the resident's, or that of a key."""
    case_key_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("case_key.id"))
    """The key to one case whose hat is on."""
    mandate_id: Mapped[BigRef | None] = mapped_column(sa.ForeignKey("mandate.id"))
    """The mandate by which the person of this sign-in is acting for another."""
    refresh_hash: Mapped[Text128] = mapped_column(unique=True)
    previous_hash: Mapped[Text128 | None]
    """The token before the last change: an answer lost on a bad line must not sign an old man out."""
    rotated_at: Mapped[dt.datetime]
    created_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    """When it was last used, to the minute for a browser, to the last refresh for a phone."""
    idle_until: Mapped[dt.datetime | None]
    """A browser that is not used until then is signed out."""
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    end_reason: Mapped[SignInEnd | None]
