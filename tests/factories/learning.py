"""Learning for tests, made by the real actions. Call inside `write_tx`."""

import dataclasses
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lms.content.library import Published
from lms.content.types import CompletionPart, Item, ItemKind
from lms.progress import actions
from lms.recognition.actions import settle
from tests.factories.content import lesson_page, publish_course, sample_course


def publish_reading(session: Session, folder: Path, now: datetime, *, lessons: int = 5, **over: Any) -> Published:
    """A course of lessons alone, finished by reading them: `publish_reading(session, folder, now, key="arsip", jp=2)`."""
    keys = [f"asas/materi-{number}" for number in range(1, lessons + 1)]
    items = tuple(Item(key, ItemKind.LESSON, f"Materi {number}", 45, "asas") for number, key in enumerate(keys, 1))
    course = sample_course(items=items, completion=(CompletionPart.ALL_LESSONS,), **over)
    pages = {key: lesson_page(f"Isi {key}.") for key in keys}
    return publish_course(session, folder, now, dataclasses.replace(course, pages=pages))


def learn(session: Session, person_id: int, published: Published, now: datetime, *, lessons: int) -> int:
    """Enrol and do the first lessons; a finished course is settled, with JP and certificate. Returns the enrolment id."""
    enrolment_id = actions.enrol(session, person_id=person_id, published=published, now=now)
    for item in published.outline.items[:lessons]:
        actions.mark_done(session, person_id=person_id, published=published, lesson_key=item.key, now=now)
        settle(session, enrolment_id=enrolment_id, now=now)
    return enrolment_id
