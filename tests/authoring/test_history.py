"""Editions, what each changed, and the files they were made from."""

import pytest

from lms.authoring import archive, history, publishing, sources
from lms.authoring.publishing import Order
from lms.content import library
from lms.content.plan import Change
from lms.errors import NotFound
from lms.progress import actions as progress
from lms.store.engine import write_tx
from tests.factories.content import publish_sample
from tests.factories.folders import KEY, LESSON, QUIZ, edit, proposed, write_folder
from tests.factories.people import make_person, make_unit


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path / "kursus")


@pytest.fixture
def author(session):
    with write_tx(session):
        return make_person(session, unit=make_unit(session), name="Siti Rahma").id


def publish(session, folder, tmp_path, now, **over):
    order = Order(proposed(session, folder).compiled, tmp_path, source=archive.pack(folder), **over)
    made = publishing.ready(order)
    with write_tx(session):
        publishing.publish(session, order, made, now=now)
    return library.current(session, KEY)


def enrol(session, published, now):
    with write_tx(session):
        person = make_person(session, unit=make_unit(session))
        progress.enrol(session, person_id=person.id, published=published, now=now)


def test_editions_tell_who_published_what_and_who_is_inside(session, folder, tmp_path, now, author):
    first = publish(session, folder, tmp_path, now, note="Terbitan pertama")
    enrol(session, first, now)
    edit(folder, LESSON, ("ramah", "santun"))
    publish(session, folder, tmp_path, now, by=author)
    edit(folder, "course.yml", ("jp: 1", "jp: 2"))
    third = publish(session, folder, tmp_path, now, by=author, note="JP baru")
    for _ in range(2):
        enrol(session, third, now)
    found = history.editions(session, first.course_id)
    assert [(one.published.number, one.published.revision, one.by, one.note, one.is_current, one.inside) for one in found] == [
        (2, 1, "Siti Rahma", "JP baru", True, 2),
        (1, 2, "Siti Rahma", "", False, 1),
        (1, 1, "", "Terbitan pertama", False, 0),
    ]
    assert [one.work.is_done if one.work else None for one in found] == [False, False, None]
    assert all(one.source for one in found)


def test_changes_between_two_editions_are_named_as_in_the_plan(session, folder, tmp_path, now):
    first = publish(session, folder, tmp_path, now)
    edit(folder, QUIZ, ("[x] Kepentingan", "[ ] Kepentingan"), ("[ ] Keuntungan", "[x] Keuntungan"))
    second = publish(session, folder, tmp_path, now)
    edit(folder, LESSON, ("ramah", "santun"))
    publish(session, folder, tmp_path, now)
    assert history.edition_of(session, first.course_id, second.edition_id) == (second, first)
    assert history.edition_of(session, first.course_id, first.edition_id) == (first, None)
    found = history.changes(session, first, second)
    assert [(change.change, change.question_id, change.detail) for change in found.questions] == [
        (Change.KEY, "asas-utama", "A → B")
    ]
    assert (found.items, found.is_correction) == ((), True)
    same = publishing.consequences(session, history.stored(session, library.current(session, KEY)))
    assert not same.plan.changed, "what is stored compares equal to itself"
    back = publishing.consequences(session, history.stored(session, first))
    assert [(change.change, change.detail) for change in back.plan.questions] == [(Change.KEY, "B → A")]


def test_foreign_edition_is_not_found(session, folder, tmp_path, now):
    first = publish(session, folder, tmp_path, now)
    foreign = publish_sample(session, tmp_path, now)
    with pytest.raises(NotFound):
        history.edition_of(session, first.course_id, foreign.edition_id)


def test_files_are_compared_line_by_line(session, folder, tmp_path, now):
    first = publish(session, folder, tmp_path, now)
    edit(folder, LESSON, ("# Mengapa", "# Mengapa kita melayani"))
    (folder / "README.md").unlink()
    (folder / "berkas").mkdir()
    (folder / "berkas/formulir.docx").write_bytes(b"PK\x00\x01")
    second = publish(session, folder, tmp_path, now)
    files = [history.source_files(session, tmp_path, one.edition_id) for one in (first, second)]
    found = history.file_differences(*files)
    assert [(one.path, one.change) for one in found] == [
        (LESSON, "berubah"),
        ("README.md", "dihapus"),
        ("berkas/formulir.docx", "baru"),
    ]
    assert found[0].lines == (
        (" ", "---"), (" ", ""), ("-", "# Mengapa"), ("+", "# Mengapa kita melayani"), (" ", ""), (" ", files[0][LESSON].decode().split("\n")[6]),
    )  # fmt: skip
    assert found[2].lines == ()


def test_long_differences_are_cut_with_a_count(monkeypatch):
    monkeypatch.setattr(history, "MOST_LINES", 3)
    [found] = history.file_differences({}, {"a.md": b"1\n2\n3\n4\n5"})
    assert ([text for _, text in found.lines], found.change, found.left_out) == (["1", "2", "3"], "baru", 2)


def test_source_that_the_disk_lost_leaves_the_edition_readable(session, folder, tmp_path, now):
    published = publish(session, folder, tmp_path, now)
    kept = sources.of_edition(session, published.edition_id)
    next((tmp_path / "sources").iterdir()).unlink()
    assert history.source_files(session, tmp_path, published.edition_id) == {}
    with pytest.raises(NotFound, match="cadangan"):
        sources.read(tmp_path, kept)
    assert sources.files(b"no zip") == {}
