"""What the vault seals opens again, with whatever keys there were, and nothing else does."""

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from services.vault import DataKeys, KeyGone, MasterKeys, Vault, key_id_of, prefix

MASTERS = {"m1": "a master key", "m2": "another master key"}


class Source:
    """Data keys that a test gives."""

    def __init__(self, current=None, **secrets):
        self.now = DataKeys(current, {f"~{name[1:]}": secret for name, secret in secrets.items()})
        self.later = self.now

    def keys(self):
        return self.now

    def look_again(self):
        self.now = self.later
        return self.now


def vault(source=None, masters=None, **more):
    return Vault(masters or MASTERS, "lookup", source=source, **more)


@given(st.text(max_size=200), st.sampled_from([None, "~1", "~2"]))
def test_what_is_sealed_opens(text, current):
    one = vault(Source(current, k1=b"1" * 32, k2=b"2" * 32))
    sealed = one.seal(text, "person.name")
    assert one.open(sealed, "person.name") == text
    assert key_id_of(sealed) == one.current_id == (current or "m1")
    assert sealed.startswith(prefix(one.current_id))


def test_what_a_master_key_sealed_opens_when_there_are_data_keys():
    before = vault().seal("王桂兰", "person.name")
    assert vault(Source("~1", k1=b"1" * 32)).open(before, "person.name") == "王桂兰"


def test_a_value_does_not_open_under_another_label():
    for one in (vault(), vault(Source("~1", k1=b"1" * 32))):
        with pytest.raises(InvalidTag):
            one.open(one.seal("王桂兰", "person.name"), "person.phone")


def test_each_label_has_a_key_of_its_own():
    """A cipher of names could not open ID numbers even if it left the label out."""
    one = vault(Source("~1", k1=b"1" * 32))
    one.seal("a", "person.name"), one.seal("b", "person.id_number")
    (_, names), (_, numbers) = one._ciphers.values()
    with pytest.raises(InvalidTag):
        numbers.decrypt(b"n" * 12, names.encrypt(b"n" * 12, b"a", None), None)


def test_the_same_text_is_never_sealed_to_the_same_bytes():
    assert len({vault().seal("王桂兰", "person.name") for _ in range(50)}) == 50


def test_a_key_that_is_not_known_yet_is_looked_for_once_more():
    writer, source = vault(Source("~2", k1=b"1" * 32, k2=b"2" * 32)), Source("~1", k1=b"1" * 32)
    reader, sealed = vault(source), writer.seal("王桂兰", "person.name")
    with pytest.raises(KeyGone):
        reader.open(sealed, "person.name")
    source.later = writer._source.now
    assert reader.open(sealed, "person.name") == "王桂兰"


def test_a_key_of_another_database_with_the_same_id_is_another_key():
    source = Source("~1", k1=b"1" * 32)
    one = vault(source)
    sealed = one.seal("王桂兰", "person.name")
    source.now = DataKeys("~1", {"~1": b"x" * 32})
    with pytest.raises(InvalidTag):
        one.open(sealed, "person.name")


def test_a_wrapped_key_opens_with_its_master_key_and_under_its_own_id_only():
    masters = MasterKeys(MASTERS)
    wrapped = masters.wrap(b"s" * 32, "~1")
    assert b"s" * 8 not in wrapped
    assert masters.unwrap(wrapped, "~1", "m1") == b"s" * 32
    for key_id, master in (("~2", "m1"), ("~1", "m2")):
        with pytest.raises(InvalidTag):
            masters.unwrap(wrapped, key_id, master)
    with pytest.raises(KeyGone):
        masters.unwrap(wrapped, "~1", "m3")


def test_a_fingerprint_is_found_while_the_lookup_key_changes():
    before, during = vault(), Vault(MASTERS, "new lookup", old_lookup_keys=["lookup"])
    kept = before.fingerprint("+8615412345678", "person.phone")
    assert kept in during.fingerprints("+8615412345678", "person.phone")
    assert (
        during.fingerprint("+8615412345678", "person.phone") == during.fingerprints("+8615412345678", "person.phone")[0]
    )
    assert kept != during.fingerprint("+8615412345678", "person.phone")
    assert not before.has_old_lookup_keys
    assert during.has_old_lookup_keys


def test_fingerprints_of_different_labels_tell_nothing_about_each_other():
    assert vault().fingerprint("1", "person.phone") != vault().fingerprint("1", "person.id_number")
