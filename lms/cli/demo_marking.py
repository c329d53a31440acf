"""Work that people mark, in the demo: what is handed in, the author's marks, something that waits for them, and filled-in surveys."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.cli.demo_answers import answers_for
from lms.content import library, mediastore
from lms.content.library import Published
from lms.content.types import Item, ItemKind, QuestionKind, QuestionPublic
from lms.errors import Conflict, Invalid, NotFound
from lms.people.models import Person, RoleGrant
from lms.people.queries import employed_on
from lms.people.rules import staff_date
from lms.people.types import Role
from lms.progress import actions, queries
from lms.quizzes import actions as quiz_actions
from lms.quizzes import files
from lms.quizzes import queries as quiz_queries
from lms.quizzes.grading import criteria_of, most_for
from lms.quizzes.marking import Sheet
from lms.recognition.actions import settle

LINES = ("Rencana aksi unit (contoh peragaan)", "1. Nomor antrean diambil dari rumah.", "2. Loket dibuka pukul 07.30.")
WAITING = 3
"""Hand-ins of each assignment that wait for the demo's author."""
RESPONDENTS = 7
COMMENTS = ("Langkahnya jelas dan dapat dimulai minggu depan.", "Bagus. Tambahkan siapa yang mengerjakan dan kapan.")


def _pdf() -> bytes:
    """A page of text: enough for a file to be opened and looked at."""
    text = " ".join(f"({line}) Tj 0 -24 Td" for line in LINES)
    stream = f"BT /F1 14 Tf 72 760 Td {text} ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out + b"xref\n0 6\n0000000000 65535 f \n" + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    )


SAMPLES = {"pdf": ("application/pdf", _pdf()), "txt": ("text/plain", "\n".join(LINES).encode())}


def keep_samples(folder: Path) -> None:
    """The bytes of what the demo's people hand in, before the transaction that names them."""
    for _, content in SAMPLES.values():
        mediastore.keep(content, folder, mediastore.UPLOADS)


def hand_in_file(session: Session, person_id: int, token: str, position: int, public: QuestionPublic, at: datetime) -> None:
    """A sample file of a kind that is taken here; none when neither is."""
    ending = next((one for one in SAMPLES if one in public.file_types), None)
    if ending is None:
        return
    mime, content = SAMPLES[ending]
    files.add_file(
        session, person_id=person_id, token=token, position=position, sha256=hashlib.sha256(content).hexdigest(),
        name=f"rencana-aksi.{ending}", mime=mime, size=len(content), now=at,
    )  # fmt: skip


def fill_in(session: Session, random: Random, person_id: int, token: str, at: datetime) -> None:
    """Answer everything as somebody would who takes it seriously."""
    view = quiz_queries.attempt_view(session, person_id, token)
    keys = library.keys(session, [one.version_id for one in view.questions])
    asked = [(one.public, keys[one.version_id]) for one in view.questions]
    for one, answer in zip(view.questions, answers_for(random, asked, quality=0.75, pass_mark=0, passes=True), strict=True):
        if one.public.kind is QuestionKind.FILE:
            hand_in_file(session, person_id, token, one.position, one.public, at)
            continue
        quiz_actions.save_answer(
            session, person_id=person_id, token=token, position=one.position, answer=answer, sequence=1, now=at
        )


def sheet_for(random: Random, public: QuestionPublic, passes: bool) -> Sheet:
    """Marks near the top, or below any pass mark."""
    levels = []
    for criterion in criteria_of(public):
        known = sorted({level.points for level in criterion.levels} | {0})
        top, low = (known[-1], known[len(known) // 3]) if criterion.levels else (most_for(criterion) * 9 // 10, 3000)
        levels.append(top if passes else low)
    return Sheet(tuple(levels), random.choice(COMMENTS) if passes else "Datanya belum lengkap. Lengkapi, lalu kumpulkan lagi.")


def mark(session: Session, random: Random, person_id: int, token: str, passes: bool, at: datetime) -> None:
    """The author (or, for the author's own work, the administrator) marks a hand-in."""
    granted = select(RoleGrant.person_id).where(RoleGrant.role.in_((Role.AUTHOR, Role.ADMIN)), RoleGrant.person_id != person_id)
    marker_id = session.scalar(granted.order_by(RoleGrant.role.desc(), RoleGrant.id).limit(1))
    if marker_id is None:
        return
    view = quiz_queries.attempt_view(session, person_id, token)
    sheets = {one.position: sheet_for(random, one.public, passes) for one in view.questions if one.answer}
    for enrolment_id in actions.mark_work(
        session, marker_id=marker_id, is_author=True, token=token, sheets=sheets, seen=0, now=at
    ):
        settle(session, enrolment_id=enrolment_id, now=at)


def leave_waiting(session: Session, random: Random, people: Iterable[int], courses: Iterable[Published], now: datetime) -> None:
    """Some work of each assignment waits for the author, and enough people have filled in each survey for results to show."""
    here = select(Person.id).where(Person.id.in_(list(people)), employed_on(staff_date(now))).order_by(Person.id)
    ids = list(session.scalars(here))
    for published in courses:
        for item in published.outline.items:
            wanted = {ItemKind.ASSIGNMENT: WAITING, ItemKind.SURVEY: RESPONDENTS}.get(item.kind, 0)
            for number, person_id in enumerate(_enrolled_first(session, ids, published)):
                if wanted and _took(session, random, person_id, published, item, now - timedelta(hours=5 + 19 * number)):
                    wanted -= 1


def _enrolled_first(session: Session, ids: list[int], published: Published) -> list[int]:
    return sorted(ids, key=lambda person_id: queries.enrolment(session, person_id, published.course_id) is None)


def _took(session: Session, random: Random, person_id: int, published: Published, item: Item, at: datetime) -> bool:
    """Whether this person has handed the item in; the rules of the product decide who may."""
    try:
        enrolment_id = actions.enrol(session, person_id=person_id, published=published, now=at - timedelta(days=9))
        begun = at - timedelta(minutes=40)
        token = actions.start_quiz(session, person_id=person_id, published=published, quiz_key=item.key, now=begun)
        fill_in(session, random, person_id, token, begun)
        actions.submit_quiz(session, person_id=person_id, token=token, now=at)
    except (Conflict, Invalid, NotFound):
        return False
    settle(session, enrolment_id=enrolment_id, now=at)
    return True
