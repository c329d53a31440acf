"""Training outside in the demo: claims that were recognised long ago, written in bulk, and a few in every state for people to act on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lms.cli.demo_data import WITA, reserve_ids
from lms.cli.demo_marking import SAMPLES
from lms.people import hierarchy
from lms.people.models import Person
from lms.people.queries import employed_on
from lms.people.rules import staff_date
from lms.people.settings import AgencySettings
from lms.progress import claim_actions
from lms.progress.claims import PAIRED, Asked, Step, Verdict
from lms.progress.models import Claim, ClaimDecision, ClaimFile, JpEntry
from lms.progress.rules import jp_year

OUTSIDE = (
    (8, "Bimbingan Teknis Administrasi Kependudukan"), (9, "Seminar Daerah Pelayanan Publik yang Berdampak"), (7, "Sosialisasi Kode Etik ASN"),
    (4, "Lokakarya Penyusunan Standar Operasional Prosedur"), (8, "Bimbingan Teknis Pengelolaan Arsip Dinamis"), (9, "Webinar Keamanan Informasi"),
)  # fmt: skip
"""(SIASN form, title) of trainings outside this system, all of them counted by hours."""
OPEN = (
    ("draft", 9, "Seminar Inovasi Layanan Kependudukan"), ("revise", 8, "Bimbingan Teknis Aplikasi SIAK"), ("superior", 22, "Membaca pedoman SPBE"),
    ("partner", 14, "Menyusun sasaran kinerja"), ("withdrawn", 7, "Sosialisasi Netralitas ASN"), ("rejected", 4, "Rapat kerja tahunan"),
)  # fmt: skip
"""(state, form, title) of what the printed learner has on the way."""
SESSIONS = ("Coaching: mengelola waktu", "Coaching: memimpin rapat", "Coaching: umpan balik")
MIME, CONTENT = SAMPLES["pdf"]
PROOF = {"sha256": hashlib.sha256(CONTENT).hexdigest(), "name": "sertifikat.pdf", "mime": MIME, "size": len(CONTENT)}


def write_recognised(
    session: Session,
    random: Random,
    *,
    now: datetime,
    settings: AgencySettings,
    admin_id: int,
    learner: tuple[int, int],
    others: Sequence[int],
) -> None:
    """Claims that the office approved: those that bring the printed learner (id, JP still wanted), and some of other people's."""
    today = now.astimezone(ZoneInfo(WITA)).date()
    learner_id, rest = learner
    year_day = today.timetuple().tm_yday
    wanted = [
        (learner_id, place, jp, today - timedelta(days=year_day * part // 10))
        for place, jp, part in ((0, rest - rest // 2, 7), (1, rest // 2, 4))
        if jp
    ]
    for person_id in others:
        if person_id != learner_id and random.random() < 0.4:
            place, days = random.randrange(len(OUTSIDE)), random.randint(5, 380)
            wanted.append((person_id, place, random.choice((2, 3, 4, 6, 8)), today - timedelta(days=days)))
    superiors = hierarchy.superiors_of(session, {one[0] for one in wanted}, today)
    rows: dict[Any, list[dict[str, Any]]] = {Claim: [], ClaimFile: [], ClaimDecision: [], JpEntry: []}
    for claim_id, (person_id, place, jp, on) in zip(reserve_ids(session, Claim, len(wanted)), wanted, strict=True):
        at = datetime.combine(on, time(15, 30), ZoneInfo(WITA))
        sent = min(now, at + timedelta(days=1))
        form, title = OUTSIDE[place]
        told = {"title": title, "learning_form": form, "minutes": jp * settings.minutes_per_jp, "person_id": person_id}
        claim = {"id": claim_id, "organizer": settings.agency_name, "from_on": on, "to_on": on, "state": "approved"}
        rows[Claim].append(told | claim | {"made_at": sent, "sent_at": sent, "report": ""})
        rows[ClaimFile].append(PROOF | {"claim_id": claim_id, "uploaded_at": sent})
        deciders = [(Step.SUPERIOR, superiors.get(person_id)), (Step.OFFICE, admin_id)]
        for days, (step, by) in enumerate(deciders, 1):
            if by is not None:
                said = {"step": step, "verdict": Verdict.APPROVED, "comment": "", "by": by}
                rows[ClaimDecision].append(said | {"claim_id": claim_id, "at": min(now, sent + timedelta(days=2 * days))})
        ledger = {"claim_id": claim_id, "jp": jp, "year": jp_year(at, WITA), "completed_at": min(now, at), "time_zone": WITA}
        rule = {"minutes_per_jp": settings.minutes_per_jp, "rule_version": settings.rule_version, "reason": ""}
        rows[JpEntry].append(told | ledger | rule)
    for table, made in rows.items():
        if made:
            session.execute(insert(table), made)


@dataclass(frozen=True, slots=True)
class _Agency:
    """Who checks claims in the demo."""

    session: Session
    superiors: dict[int, int]
    admin_id: int


def leave_claims(
    session: Session, *, now: datetime, learner_id: int, supervisor_id: int, admin_id: int, others: Sequence[int]
) -> None:
    """What is on the way, by the real actions: the learner's in every state, work for the printed supervisor and administrator, and a
    pair whose third session of a month is over the cap."""
    today = now.astimezone(ZoneInfo(WITA)).date()
    here = set(session.scalars(select(Person.id).where(Person.id.in_(others), employed_on(today))))
    colleagues = [one for one in others if one in here and one not in (learner_id, supervisor_id, admin_id)]
    agency = _Agency(session, hierarchy.superiors_of(session, [learner_id, *colleagues], today), admin_id)
    superiors = agency.superiors
    staff = [one for one in colleagues if superiors.get(one) == supervisor_id]
    elsewhere = [one for one in colleagues if one not in staff]
    partner = next((one for one in elsewhere if superiors.get(one) == superiors.get(learner_id)), supervisor_id)
    for number, (state, form, title) in enumerate(OPEN):
        _bring_to(agency, state, form, title, learner_id, partner, now - timedelta(days=9 - number))
    for number, person_id in enumerate(staff[:2]):
        _bring_to(agency, "superior", *OUTSIDE[3 + number], person_id, partner, now - timedelta(days=6 - number))
    for person_id in staff[2:3]:
        _bring_to(agency, "partner", 15, "Membimbing guru baru", person_id, supervisor_id, now - timedelta(days=3))
    for number, person_id in enumerate(elsewhere[:3]):
        _bring_to(agency, "office", *OUTSIDE[number], person_id, learner_id, now - timedelta(days=8 - number))
    day = (today.replace(day=1) - timedelta(days=1)).replace(day=20)
    for number, (person_id, title) in enumerate(zip(elsewhere[3:4] * 3, SESSIONS, strict=False)):
        at = datetime.combine(day + timedelta(days=number), time(16), ZoneInfo(WITA))
        _bring_to(agency, "approved", 14, title, person_id, learner_id, min(now, at))


def _bring_to(agency: _Agency, state: str, form: int, title: str, person_id: int, partner: int, at: datetime) -> None:
    session = agency.session
    superior = hierarchy.superior_of(session, person_id, staff_date(at))  # who acted as head for some days decided in those days
    claim_id = _sent(session, state, form, title, person_id, partner, at)
    if state == "withdrawn":
        claim_actions.withdraw(session, person_id=person_id, claim_id=claim_id, now=at)
    if state in ("draft", "partner", "withdrawn"):
        return
    if form in PAIRED:
        _say(session, claim_id, Step.PARTNER, Verdict.APPROVED, partner, at)
    if state in ("revise", "rejected"):
        _say(session, claim_id, Step.SUPERIOR if superior else Step.OFFICE, Verdict(state), superior or agency.admin_id, at)
    elif state in ("office", "approved") and superior not in (None, partner):
        _say(session, claim_id, Step.SUPERIOR, Verdict.APPROVED, superior or 0, at)
    if state == "approved":
        _say(session, claim_id, Step.OFFICE, Verdict.APPROVED, agency.admin_id, at)


def _sent(session: Session, state: str, form: int, title: str, person_id: int, partner: int, at: datetime) -> int:
    is_paired = form in PAIRED
    day = (at - timedelta(days=2)).astimezone(ZoneInfo(WITA)).date()
    asked = Asked(
        title=title,
        from_on=day,
        to_on=day,
        organizer="" if is_paired else "Pemerintah Provinsi",
        minutes=90 if is_paired else 300,
        partner_id=partner if is_paired else None,
        report="Dicoba dua minggu, lalu dibahas lagi." if is_paired or form == 22 else "",
    )
    claim_id = claim_actions.create(session, person_id=person_id, learning_form=form, asked=asked, today=at.date(), now=at)
    if not is_paired:
        claim_actions.attach(session, person_id=person_id, claim_id=claim_id, now=at, **PROOF)  # type: ignore[arg-type]
    if state != "draft":
        claim_actions.send(session, person_id=person_id, claim_id=claim_id, now=at)
    return claim_id


COMMENTS = {
    Verdict.APPROVED: "",
    Verdict.REVISE: "Fotonya buram dan lamanya belum cocok dengan surat tugas. Tolong unggah ulang.",
    Verdict.REJECTED: "Rapat kerja bukan pengembangan kompetensi.",
}


def _say(session: Session, claim_id: int, step: Step, verdict: Verdict, by: int, at: datetime) -> None:
    claim_actions.decide(session, claim_id=claim_id, step=step, verdict=verdict, comment=COMMENTS[verdict], by=by, now=at)
