"""Keys by which people are looked for: what a name gives, and that they follow every change."""

import pytest
import sqlalchemy as sa

from models import Person, PersonKeyKind, PersonSearchKey
from services import people, search_keys
from services.search_keys import KEY_BITS, keys_to_find, plain_name, spellings, texts_of_name, texts_of_phone
from services.vault import Vault
from tests.world import LONG_AGO, new_person


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("王桂兰", {"wgl"}),
        ("王丽", {"wl"}),
        ("单永强", {"dyq", "cyq", "syq"}),
        ("解放", {"jf", "xf"}),
        ("仇英", {"cy", "qy", "jy"}),
        ("曾小贤", {"cxx", "zxx"}),
        ("吕梁", {"ll"}),
        ("女娲", {"nw"}),
        ("欧阳修", {"oyx"}),
        ("张乐", {"zl", "zy"}),
        ("阿依古丽·买买提", {"aygl" + "mmt"}),
        ("John Smith", {"js"}),
        ("王A", {"wa"}),
    ],
)
def test_initials_of_a_name(name, expected):
    assert set(spellings(name)) >= expected


def test_readings_that_stand_in_dictionaries_only_give_no_keys():
    assert spellings("王桂兰") == ["wgl"]
    assert spellings("于强") == ["yq"]


def test_initials_are_kept_from_two_letters_up():
    texts = {text for kind, text in texts_of_name("王桂兰") if kind is PersonKeyKind.INITIALS}
    assert texts == {"wg", "wgl"}


def test_a_compound_surname_is_found_whole_and_by_its_first_character():
    assert {text for kind, text in texts_of_name("欧阳修") if kind is PersonKeyKind.SURNAME} == {"欧", "欧阳"}
    assert {text for kind, text in texts_of_name("欧娜") if kind is PersonKeyKind.SURNAME} == {"欧"}


def test_a_name_of_many_readings_stays_bounded():
    assert len(spellings("单解仇曾乐行朝长")) <= search_keys.MOST_SPELLINGS


def test_dots_spaces_and_full_width_letters_do_not_matter():
    assert plain_name("买买提·阿不都") == plain_name("买买提 阿不都") == "买买提阿不都"
    assert plain_name("Ｌi") == "LI"


def test_the_last_four_digits_of_any_phone():
    assert list(texts_of_phone("+8615412345678")) == [(PersonKeyKind.PHONE_TAIL, "5678")]
    assert list(texts_of_phone("+862443212345")) == [(PersonKeyKind.PHONE_TAIL, "2345")]
    assert list(texts_of_phone("120")) == []


def test_a_key_fits_a_bigint_and_hangs_on_the_lookup_key():
    one, other = Vault({"a": "k" * 32}, "one" * 11), Vault({"a": "k" * 32}, "two" * 11)
    mine = keys_to_find(one, PersonKeyKind.NAME, "王桂兰")
    assert all(0 <= key < 2**KEY_BITS for key in mine)
    assert mine != keys_to_find(other, PersonKeyKind.NAME, "王桂兰")
    assert keys_to_find(one, PersonKeyKind.SURNAME, "王") != keys_to_find(one, PersonKeyKind.INITIALS, "王")


def test_while_the_lookup_key_changes_both_are_looked_for():
    before = Vault({"a": "k" * 32}, "one" * 11)
    during = Vault({"a": "k" * 32}, "two" * 11, old_lookup_keys=["one" * 11])
    assert set(keys_to_find(before, PersonKeyKind.NAME, "王桂兰")) < set(
        keys_to_find(during, PersonKeyKind.NAME, "王桂兰")
    )


def kept(session, person):
    session.flush()
    rows = session.execute(
        sa.select(PersonSearchKey.key, PersonSearchKey.kind).where(PersonSearchKey.person_id == person.id)
    )
    return {tuple(row) for row in rows}


def expected(vault, name, phone):
    texts = [*texts_of_name(name), *texts_of_phone(phone)]
    return {(keys_to_find(vault, kind, text)[0], kind) for kind, text in texts}


def test_setting_a_name_or_a_phone_replaces_its_keys_and_no_others(world):
    person = new_person(world.session, world.vault, "单永强")
    people.set_phone(person, "+8615412345678", world.vault)
    assert kept(world.session, person) == expected(world.vault, "单永强", "+8615412345678")
    world.session.expire_all()
    people.set_name(person, "王桂兰", world.vault)
    assert kept(world.session, person) == expected(world.vault, "王桂兰", "+8615412345678")
    people.set_name(person, "王桂芬", world.vault)
    people.set_phone(person, "+8615400005678", world.vault)
    assert kept(world.session, person) == expected(world.vault, "王桂芬", "+8615400005678")


def test_in_bulk_the_same_keys_come_out(world):
    one = new_person(world.session, world.vault, "王桂兰")
    bare = Person(created_at=LONG_AGO)
    world.session.add(bare)
    world.session.flush()
    rows = [(one.id, "赵永福", "+8615412345678"), (bare.id, None, None)]
    search_keys.replace(world.session, world.vault, rows)
    search_keys.replace(world.session, world.vault, rows)  # again changes nothing
    assert kept(world.session, one) == expected(world.vault, "赵永福", "+8615412345678")
    assert kept(world.session, bare) == set()


def all_refilled(world):
    after, changed = 0, 0
    while (step := search_keys.refill(world.session, world.vault, after=after, most=5)).seen:
        after, changed = step.last, changed + step.changed
    return changed


def test_keys_are_made_anew_from_what_is_sealed(world):
    before = kept(world.session, world.resident)
    world.session.execute(sa.delete(PersonSearchKey))
    assert all_refilled(world) > 5
    world.session.expire_all()
    assert kept(world.session, world.resident) == before != set()
    assert all_refilled(world) == 0  # what is right is left alone


def test_keys_go_with_the_person(world):
    person = new_person(world.session, world.vault, "单永强")
    world.session.execute(sa.delete(Person).where(Person.id == person.id))
    assert kept(world.session, person) == set()
