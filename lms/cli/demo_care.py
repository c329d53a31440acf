"""Requests about data, openings of records and exports of the demo agency, so that the pages about them are not empty."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lms.people import exports, privacy
from lms.people.models import PersonalView
from lms.people.privacy import RequestKind


def write(session: Session, *, learner_id: int, head_id: int, admin_id: int, other_id: int, now: datetime) -> None:
    """Two requests, one of them answered; who looked at the learner's record; two exports that held it."""
    for days, viewer_id, what in ((9, head_id, "progress"), (3, head_id, "progress"), (2, admin_id, "record")):
        at = now - timedelta(days=days)
        session.add(PersonalView(person_id=learner_id, viewer_id=viewer_id, on=at.date(), what=what, first_at=at, count=1))
    for days, kind in ((30, "reports"), (6, "audit")):
        exports.record_export(session, at=now - timedelta(days=days), by=admin_id, kind=kind, scope_paths=("/",), people=60)
    asked = now - timedelta(days=12)
    text = "Golongan saya sudah naik menjadi III/c sejak April, tetapi di sini masih III/b."
    privacy.ask(session, person_id=learner_id, kind=RequestKind.CORRECTION, text=text, now=asked)
    first = privacy.requests(session, person_id=learner_id)[0].request_id
    reply = "Sudah diperbaiki menurut SK kenaikan pangkat. Sertifikat lama tetap mencetak golongan pada harinya."
    privacy.answer(session, request_id=first, text=reply, now=asked + timedelta(hours=20), by=admin_id)
    waiting = "Gelar saya tertulis S.Sos. tanpa M.Si. Mohon ditambahkan; ijazahnya sudah saya serahkan."
    privacy.ask(session, person_id=other_id, kind=RequestKind.CORRECTION, text=waiting, now=now - timedelta(hours=30))
