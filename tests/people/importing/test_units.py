"""Which unit a row means: by code, else by name below the named parents; never a guess."""

import pytest

from lms.errors import Invalid
from lms.people.importing.plan import find_places, wishes_of
from lms.people.importing.types import StaffRow, UnitState, UnitWish
from lms.people.importing.units import UnitTree, unit_key
from lms.people.types import UnitCategory

OFFICE = UnitCategory.OFFICE
TREE = (
    UnitState(1, None, "Pemerintah Kota Damar", "", OFFICE),
    UnitState(2, 1, "Dinas Kesehatan", "u2", OFFICE),
    UnitState(3, 2, "Tata Usaha", "", OFFICE),
    UnitState(4, 1, "Dinas Pendidikan", "", OFFICE),
    UnitState(5, 4, "Tata Usaha", "", OFFICE),
)


@pytest.fixture
def tree():
    return UnitTree(TREE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dinas  Kesehatan", "DINAS KESEHATAN"),
        ("Kec. Rantepao", "Kecamatan Rantepao"),
        ("Pem. Kab. Toraja", "Pemerintah Kabupaten Toraja"),
        ("Sub Bagian Umum & Keuangan", "Subbag. Umum dan Keuangan"),
        ("SDN 12", "SD Negeri 12"),
        ("PKM Batua", "Puskesmas Batua"),
    ],
)
def test_spellings_of_one_unit_agree(one, other):
    assert unit_key(one) == unit_key(other)


@pytest.mark.parametrize(
    ("wish", "unit_id"),
    [
        (UnitWish("", ("dinas  kesehatan",)), 2),
        (UnitWish("u2", ("Dinas Kesehatan",)), 2),
        (UnitWish("", ("Dinas Kesehatan", "Tata Usaha")), 3),
        (UnitWish("", ("Pemkot Damar", "Dinas Pendidikan", "TATA USAHA")), 5),
        (UnitWish("", ("Pemerintah Provinsi Lain", "Dinas Kesehatan", "Tata Usaha")), 3),
        (UnitWish("", ("Pemprov", "Pemerintah Kota Damar")), 1),
    ],
)
def test_known_units_are_found(tree, wish, unit_id):
    assert tree.place(wish) == unit_id
    assert tree.changes == ()


def test_name_that_fits_two_units_is_a_problem(tree):
    with pytest.raises(
        Invalid, match=r"“Tata Usaha” cocok dengan 2 unit: .*Dinas Kesehatan › Tata Usaha; .*Dinas Pendidikan › Tata Usaha"
    ):
        tree.place(UnitWish("", ("Tata Usaha",)))


def test_new_units_grow_below_their_parents(tree):
    unit = tree.place(UnitWish("u9", ("Pemkot Damar", "Dinas Kesehatan", "Puskesmas Batua")))
    assert tree.full_name(unit) == "Pemerintah Kota Damar › Dinas Kesehatan › Puskesmas Batua"
    (change,) = tree.changes
    assert (change.before, change.after.parent_id, change.after.code, change.after.category) == (
        None,
        2,
        "u9",
        UnitCategory.HEALTH,
    )
    assert tree.place(UnitWish("", ("puskesmas batua",))) == unit


def test_unit_without_parent_goes_below_the_one_top(tree):
    assert tree.units[tree.place(UnitWish("", ("Dinas Pariwisata",)))].parent_id == 1
    empty = UnitTree(())
    assert [empty.units[empty.place(UnitWish("", (name,)))].parent_id for name in ("Dinas A", "Dinas B")] == [None, None]


def test_same_code_with_another_name_renames(tree):
    assert tree.place(UnitWish("u2", ("Dinas Kesehatan dan KB",))) == 2
    (change,) = tree.changes
    assert (change.before.name, change.after.name) == ("Dinas Kesehatan", "Dinas Kesehatan dan KB")
    with pytest.raises(Invalid, match="dua nama"):
        tree.place(UnitWish("u2", ("Dinas Kebersihan",)))


def test_code_is_adopted_by_name_and_another_code_is_another_unit(tree):
    assert tree.place(UnitWish("u4", ("Dinas Pendidikan",))) == 4
    assert tree.units[4].code == "u4"
    assert tree.place(UnitWish("u5", ("Dinas Pendidikan",))) < 0


def test_category_of_the_file_counts_once(tree):
    tree.place(UnitWish("", ("Dinas Pendidikan",), UnitCategory.EDUCATION))
    tree.place(UnitWish("u4", ("Dinas Pendidikan",), UnitCategory.OTHER))
    assert tree.units[4].category is UnitCategory.EDUCATION


def test_order_of_rows_does_not_matter():
    wishes = [UnitWish("", ("Dinas A",)), UnitWish("", ("Pemkot", "Dinas A", "Seksi")), UnitWish("", ("Pemkot", "Dinas A"))]
    for order in (wishes, wishes[::-1]):
        tree = UnitTree(())
        find_places(wishes_of(StaffRow(line, "x", None, "", None, {}, wish) for line, wish in enumerate(order)), tree)
        assert sorted(tree.full_name(unit) for unit in tree.units) == ["Pemkot", "Pemkot › Dinas A", "Pemkot › Dinas A › Seksi"]


def test_too_deep_a_tree_is_refused():
    tree = UnitTree(UnitState(number, number - 1 or None, f"Unit {number}", "", OFFICE) for number in range(1, 41))
    with pytest.raises(Invalid, match="terlalu dalam"):
        tree.place(UnitWish("", ("Unit 40", "Seksi")))
