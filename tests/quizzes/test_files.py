"""Files handed in: rows beside the answer that lists them, and nothing that was named is ever cleared."""

import pytest
from sqlalchemy import exc, select

from lms.content.types import QuestionKind
from lms.errors import Conflict, Invalid, NotFound
from lms.quizzes import files, queries
from lms.quizzes.models import AnswerRow, Upload
from lms.store.engine import write_tx
from tests.factories import marking as make
from tests.factories.marking import publish_people

HASHES = ["abcdef0123456789"[number] * 64 for number in range(8)]


@pytest.fixture
def draft(session, tmp_path, now):
    published = publish_people(session, tmp_path, now, kind=QuestionKind.FILE)
    person = make.learner(session, published, now)
    return person, make.begin(session, person, published, now)


def add(session, person, token, sha256, now, *, position=1, name="rencana.pdf"):
    with write_tx(session):
        return files.add_file(
            session, person_id=person.id, token=token, position=position, sha256=sha256, name=name,
            mime="application/pdf", size=10, now=now,
        )  # fmt: skip


def listed(session):
    session.rollback()
    return session.scalars(select(AnswerRow.value)).all()


def test_files_are_listed_in_their_answer_and_removed_again(session, draft, now):
    person, token = draft
    first, second = (add(session, person, token, sha256, now) for sha256 in HASHES[:2])
    assert listed(session) == [{"files": [first, second]}]
    assert add(session, person, token, HASHES[0], now) == first  # sent twice
    with write_tx(session):
        assert files.remove_file(session, person_id=person.id, token=token, upload_id=first, now=now) == 1
        assert files.remove_file(session, person_id=person.id, token=token, upload_id=first, now=now) == 0
    assert listed(session) == [{"files": [second]}]
    with write_tx(session):
        files.remove_file(session, person_id=person.id, token=token, upload_id=second, now=now)
    assert listed(session) == [{}]
    assert queries.attempt_view(session, person.id, token).answered_count == 0


def test_at_most_five_files_and_the_sixth_is_named(session, draft, now):
    person, token = draft
    for sha256 in HASHES[:5]:
        add(session, person, token, sha256, now)
    with pytest.raises(Invalid, match="“foto.png” belum ditambahkan"):
        add(session, person, token, HASHES[5], now, name="foto.png")
    assert len(listed(session)[0]["files"]) == 5


def test_handed_in_files_are_facts(session, draft, now):
    person, token = draft
    upload_id = add(session, person, token, HASHES[0], now)
    make.submit(session, person, token, now)
    with pytest.raises(Conflict, match="sudah dikumpulkan"):
        add(session, person, token, HASHES[1], now)
    with pytest.raises(Conflict, match="sudah dikumpulkan"), write_tx(session):
        files.remove_file(session, person_id=person.id, token=token, upload_id=upload_id, now=now)
    for statement in ("DELETE FROM upload", "UPDATE upload SET name = 'x'"):
        with pytest.raises(exc.DatabaseError, match="fact"), write_tx(session):
            session.connection().exec_driver_sql(statement)
    assert files.hashes(session) == {HASHES[0]}


def test_files_belong_to_a_place_of_an_attempt_of_their_person(session, draft, tmp_path, now):
    person, token = draft
    other = publish_people(session, tmp_path, now, key="lain")
    essay = make.begin(session, make.learner(session, other, now), other, now)
    stranger = make.learner(session, other, now)
    for who, where, position in ((stranger, token, 1), (person, essay, 1), (person, token, 2), (person, token, 2**40)):
        with pytest.raises(NotFound):
            add(session, who, where, HASHES[0], now, position=position)
    assert session.scalars(select(Upload.id)).all() == []
    with pytest.raises(NotFound):
        files.file_of(session, 1, 2**70)
