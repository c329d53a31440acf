"""Two people of whom something lies in every table, their texts marked zqA and zqB."""

from dataclasses import dataclass

import pytest
from sqlalchemy import insert

from lms.care.gather import table_of
from lms.people.types import Role
from lms.store.engine import write_tx
from tests.factories.care import fill_every_table
from tests.factories.content import publish_sample
from tests.factories.people import PASSWORD, make_person, make_unit


@dataclass
class Filled:
    person_id: int
    other_id: int
    admin_id: int
    rows: dict[str, dict]


@pytest.fixture
def filled(session, tmp_path, now):
    published = publish_sample(session, tmp_path, now)
    with write_tx(session):
        unit = make_unit(session)
        admin = make_person(session, unit=unit, identifier="pengelola", password=PASSWORD, roles=(Role.ADMIN,))
        people = [make_person(session, unit=unit, password=PASSWORD) for _ in range(2)]
        shared = {"unit": unit.id, "course": published.course_id, "edition": published.edition_id}
        shared["question_version"] = session.execute(table_of("question_version").select()).first().id
        asked = {
            "course_id": published.course_id,
            "made_by": admin.id,
            "made_at": now,
            "is_personal": True,
            "position_words": "",
            "due_on": now.date(),
            "note": "",
        }
        shared["requirement"] = session.execute(insert(table_of("requirement")).values(asked)).inserted_primary_key[0]
        taken = {
            "file_name": "a.csv",
            "sha256": "a",
            "by": admin.id,
            "begun_at": now,
            "state": "done",
            "options": {},
            "counts": {},
        }
        shared["staff_import"] = session.execute(insert(table_of("staff_import")).values(taken)).inserted_primary_key[0]
        rows = [
            fill_every_table(session, one.id, mark, shared=shared, actor_id=admin.id, now=now)
            for one, mark in zip(people, ("zqA", "zqB"), strict=True)
        ]
    return Filled(people[0].id, people[1].id, admin.id, rows[0])
