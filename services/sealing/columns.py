"""Where sealed values and keyed hashes stand.  Changing a key goes through these lists: what is missing here would be lost.

A new sealed column needs one line in ``SEALED``, a new keyed hash one in ``HASHED``; a test fails until it is there.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from models import Base


@dataclass(frozen=True)
class Sealed:
    """A column of sealed values: ``table.column`` and the label that is bound into them."""

    where: str
    label: str

    @property
    def column(self) -> sa.Column[object]:
        """The column itself."""
        return column_at(self.where)

    @property
    def table(self) -> sa.Table:
        """Its table."""
        return Base.metadata.tables[self.where.partition(".")[0]]


@dataclass(frozen=True)
class Hashed:
    """A column of keyed hashes: ``table.column``, its label, and the sealed column of the same row that it is made from."""

    where: str
    label: str
    sealed: str

    @property
    def column(self) -> sa.Column[object]:
        """The column itself."""
        return column_at(self.where)


SEALED: tuple[Sealed, ...] = (
    Sealed("care_entry.reason_sealed", "care.reason"),
    Sealed("care_visit.note_sealed", "care.note"),
    Sealed("group_binding.robot_key_sealed", "group.robot_key"),
    Sealed("idempotency_key.answer_sealed", "idempotency.answer"),
    Sealed("import_change.old_sealed", "import.old"),
    Sealed("import_row.cells_sealed", "import.cells"),
    Sealed("import_row.plan_sealed", "import.plan"),
    Sealed("merchant_account.api_key_sealed", "merchant_account.api_key"),
    Sealed("merchant_account.private_key_sealed", "merchant_account.private_key"),
    Sealed("person.id_sealed", "person.id_number"),
    Sealed("person.name_sealed", "person.name"),
    Sealed("person.phone_sealed", "person.phone"),
    Sealed("person_merge.evidence_sealed", "merge.evidence"),
    Sealed("provider_token.value_sealed", "provider.token"),
    Sealed("push_event.payload_sealed", "push_event.payload"),
    Sealed("read_back.words_sealed", "read_back.words"),
    Sealed("residency_request.document_sealed", "residency_request.document"),
    Sealed("reveal.words_sealed", "reveal.words"),
    Sealed("rights_request.answer_sealed", "rights_request.answer"),
    Sealed("rights_request.words_sealed", "rights_request.words"),
    Sealed("ticket.contact_sealed", "ticket.contact"),
    Sealed("wechat_account.session_key_sealed", "wechat.session_key"),
)
"""ADD YOUR SEALED COLUMN HERE, in the order of the alphabet.  The label must be the one given to ``vault.seal``:
by custom the table and the column without ``_sealed``."""

HASHED: tuple[Hashed, ...] = (
    Hashed("person.id_hash", "person.id_number", "person.id_sealed"),
    Hashed("person.phone_hash", "person.phone", "person.phone_sealed"),
)
"""ADD YOUR KEYED HASH HERE.  Its label must be the one given to ``vault.fingerprint``."""

OTHER_BYTES: dict[str, str] = {
    "data_key.wrapped": "a data key, wrapped by a master key: services.sealing.keyring",
}
"""Columns of bytes that are not sealed by the vault, and why not."""

OTHER_HASHES: dict[str, str] = {
    "attempt_count.subject_hash": "of who tried too often; forgotten after a day",
    "console_code.code_hash": "of a random code; no key",
    "console_request.browser_hash": "of a random token; no key",
    "console_request.code_hash": "of a random code; no key",
    "export_copy.content_hash": "of a whole workbook that went out; no key",
    "idempotency_key.request_hash": "of a request, to tell two apart; keyed, and gone after a week",
    "import_batch.file_hash": "of a whole workbook that came in; no key",
    "invitation.code_hash": "of a random code; no key",
    "mandate.code_hash": "of a random code; no key",
    "person_merge.code_hash": "of a random code; no key",
    "sign_in.previous_hash": "of a random token; no key",
    "sign_in.refresh_hash": "of a random token; no key",
}
"""Columns whose names end in ``_hash`` and that need not come under a new lookup key: unkeyed, or short-lived."""

SHORT_LIVED: dict[str, str] = {
    "person.search": "no column of hashes: flask privacy rotate-lookup makes person_search_key anew as a whole",
    "attempt.subject": "of who tried too often: attempt_count.subject_hash",
    "idempotency.request": "of a request that may come twice: idempotency_key.request_hash, gone after some days",
    "push_event.payload": "by which WeChat's repeats within minutes are known: push_event.key",
}
"""Labels of keyed hashes that are needed for days at most, so that they need not come under a new lookup key."""


def column_at(where: str) -> sa.Column[object]:
    """Return the column that is written ``table.column``.  Raises ``KeyError`` when there is none."""
    table, _, column = where.partition(".")
    return Base.metadata.tables[table].c[column]
