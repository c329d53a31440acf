"""Reads of claims: a person's own, what waits for partner, superior and office, and what each is worth (D8, D10)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.content import library
from lms.errors import NotFound
from lms.people import hierarchy
from lms.people import queries as people
from lms.people.models import Membership, Person, Unit
from lms.people.names import display_name
from lms.people.queries import member_on
from lms.people.settings import agency_settings
from lms.people.types import EmploymentKind
from lms.progress import claims, jp, rule_files
from lms.progress.claims import Asked, Award, ClaimState, Step, Verdict, Worth
from lms.progress.forms import Conversion, Form
from lms.progress.models import Claim, ClaimDecision, ClaimFile, JpEntry
from lms.quizzes.files import FileRow

SHOWN = 50
"""Rows of one page of a queue."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim as lists and pages show it; unit as of the day asked for."""

    id: int
    person_id: int
    name: str
    employment_kind: EmploymentKind
    unit_name: str
    learning_form: int
    state: ClaimState
    asked: Asked
    made_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Review:
    """A claim with what it is worth if it is approved now, and what who decides should look at first (finished sentences)."""

    row: ClaimRow
    form: Form
    rule_version: str
    worth: Worth
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    step: Step
    verdict: Verdict
    comment: str
    by: int
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ClaimPage:
    rows: list[ClaimRow]
    total: int
    page: int
    page_count: int


# ------------------------------------------------------------------ rows


def _listed(on: date) -> Any:
    return (
        select(Claim, Person.title_prefix, Person.name, Person.title_suffix, Person.employment_kind, Unit.name.label("unit"))
        .join(Person, Person.id == Claim.person_id)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, member_on(on)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
    )


def _rows(session: Session, wanted: Any) -> list[ClaimRow]:
    return [
        ClaimRow(
            id=row.Claim.id,
            person_id=row.Claim.person_id,
            name=display_name(row.title_prefix, row.name, row.title_suffix),
            employment_kind=row.employment_kind,
            unit_name=row.unit or "",
            learning_form=row.Claim.learning_form,
            state=ClaimState(row.Claim.state),
            asked=asked_of(row.Claim),
            made_at=row.Claim.made_at,
            sent_at=row.Claim.sent_at,
        )
        for row in session.execute(wanted)
    ]


def asked_of(claim: Claim) -> Asked:
    """What a row of the table claims."""
    return Asked(
        title=claim.title,
        from_on=claim.from_on,
        to_on=claim.to_on,
        organizer=claim.organizer,
        minutes=claim.minutes,
        programme_jp=claim.programme_jp,
        partner_id=claim.partner_id,
        report=claim.report,
    )


def _one(session: Session, on: date, *conditions: ColumnElement[bool]) -> ClaimRow:
    rows = _rows(session, _listed(on).where(*conditions))
    if not rows:
        raise NotFound("Klaim ini tidak ada, atau tidak lagi menunggu Anda. Kembali ke daftar klaim.")
    return rows[0]


def own_claims(session: Session, person_id: int, on: date) -> list[ClaimRow]:
    """All claims of a person, the newest first."""
    return _rows(session, _listed(on).where(Claim.person_id == person_id).order_by(Claim.made_at.desc(), Claim.id.desc()))


def own_claim(session: Session, person_id: int, claim_id: int, on: date) -> ClaimRow:
    """One of a person's own claims. NotFound for any other."""
    return _one(session, on, Claim.id == claim_id, Claim.person_id == person_id)


def to_confirm(session: Session, partner_id: int, on: date) -> list[ClaimRow]:
    """Sessions that wait for this person's word as the other of the pair (D65), the oldest first."""
    mine = and_(Claim.partner_id == partner_id, Claim.state == ClaimState.PARTNER)
    return _rows(session, _listed(on).where(mine).order_by(Claim.sent_at, Claim.id))


def claim_to_confirm(session: Session, partner_id: int, claim_id: int, on: date) -> ClaimRow:
    """One of those. NotFound for any other, and once it has been confirmed: nothing more is needed of a partner."""
    return _one(session, on, Claim.id == claim_id, Claim.partner_id == partner_id, Claim.state == ClaimState.PARTNER)


def below_claim(session: Session, superior_id: int, claim_id: int, on: date) -> ClaimRow:
    """A claim that was sent by a direct subordinate of today. NotFound for any other, and while it is being written or confirmed."""
    shown = Claim.state.not_in((ClaimState.DRAFT, ClaimState.WITHDRAWN, ClaimState.PARTNER))
    row = _one(session, on, Claim.id == claim_id, shown, Claim.person_id != superior_id)
    if hierarchy.superior_of(session, row.person_id, on) != superior_id:
        raise NotFound("Klaim ini tidak ada, atau tidak lagi menunggu Anda. Kembali ke daftar klaim.")
    return row


def sent_claim(session: Session, claim_id: int, on: date) -> ClaimRow:
    """Any claim that was ever sent, for the office. Raises NotFound."""
    return _one(session, on, Claim.id == claim_id, Claim.sent_at.is_not(None))


def files(session: Session, claim_id: int) -> list[FileRow]:
    """The proofs of a claim that the caller may see, in the order they came."""
    columns = (ClaimFile.id, ClaimFile.sha256, ClaimFile.name, ClaimFile.mime, ClaimFile.size)
    rows = session.execute(select(*columns).where(ClaimFile.claim_id == claim_id).order_by(ClaimFile.id))
    return [FileRow(row.id, 1, row.sha256, row.name, row.mime, row.size) for row in rows]


def file_of(session: Session, claim_id: int, upload_id: int) -> FileRow:
    """One proof of a claim that the caller may see. NotFound for a file of any other."""
    found = next((one for one in files(session, claim_id) if one.id == upload_id), None)
    if found is None:
        raise NotFound("Berkas ini tidak ada. Kembali ke klaimnya, lalu muat ulang.")
    return found


def hashes(session: Session) -> set[str]:
    """Files that some claim names: they must stay."""
    return set(session.scalars(select(ClaimFile.sha256).distinct()))


def decisions(session: Session, claim_id: int) -> list[DecisionRow]:
    """What was said to a claim, the oldest first."""
    rows = session.execute(
        select(ClaimDecision, Person.title_prefix, Person.name, Person.title_suffix)
        .join(Person, Person.id == ClaimDecision.by)
        .where(ClaimDecision.claim_id == claim_id)
        .order_by(ClaimDecision.id)
    )
    return [
        DecisionRow(
            Step(row[0].step), Verdict(row[0].verdict), row[0].comment, row[0].by, display_name(row[1], row[2], row[3]), row[0].at
        )
        for row in rows
    ]


def entries(session: Session, claim_id: int) -> list[jp.LedgerRow]:
    """The ledger rows of a claim, the newest first: the award and its corrections."""
    owner = session.scalar(select(Claim.person_id).where(Claim.id == claim_id))
    return [] if owner is None else [row for row in jp.ledger(session, owner) if row.claim_id == claim_id]


def awarded(session: Session, claim_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """(JP that count, why they are fewer or were corrected) of the approved ones among claims. One SELECT."""
    wanted = select(JpEntry.claim_id, JpEntry.jp, JpEntry.reason).where(JpEntry.claim_id.in_(claim_ids), jp.counted())
    return {row.claim_id or 0: (row.jp, row.reason) for row in session.execute(wanted)}


# ------------------------------------------------------------------ queues


def waiting_below(session: Session, superior_id: int, on: date) -> list[int]:
    """Ids of claims that wait for this superior on a day. At most eight SELECTs, however long the queue; one when nothing waits."""
    return _directly_below(session, superior_id, on, Claim.state == ClaimState.SUPERIOR)


def decided_below(session: Session, superior_id: int, on: date) -> list[int]:
    """Ids of claims of present subordinates that this superior has decided on."""
    mine = select(ClaimDecision.claim_id).where(ClaimDecision.by == superior_id, ClaimDecision.step == Step.SUPERIOR)
    left = Claim.state.in_((ClaimState.OFFICE, ClaimState.REVISE, ClaimState.APPROVED, ClaimState.REJECTED))
    return _directly_below(session, superior_id, on, Claim.id.in_(mine), left)


def _directly_below(session: Session, superior_id: int, on: date, *conditions: ColumnElement[bool]) -> list[int]:
    if session.scalar(select(Claim.id).where(*conditions).limit(1)) is None:
        return []  # most days nothing waits, and the team page asks each time
    paths = hierarchy.headed_unit_paths(session, superior_id, on)
    mine = hierarchy.members_select(paths, on).where(Membership.person_id == Claim.person_id).correlate(Claim)
    staff = or_(
        mine.exists(), Claim.person_id.in_(hierarchy.named_below(session, superior_id, on))
    )  # a look at each claim, not at all staff
    wanted = select(Claim.id, Claim.person_id).where(*conditions, staff, Claim.person_id != superior_id)
    rows = session.execute(wanted.order_by(Claim.id)).all()
    superiors = hierarchy.superiors_of(session, {row.person_id for row in rows}, on) if rows else {}
    return [row.id for row in rows if superiors.get(row.person_id) == superior_id]


def without_superior(session: Session, on: date) -> list[int]:
    """Ids of claims that wait for a superior who is no longer there: the office decides."""
    rows = session.execute(select(Claim.id, Claim.person_id).where(Claim.state == ClaimState.SUPERIOR).order_by(Claim.id)).all()
    superiors = hierarchy.superiors_of(session, {row.person_id for row in rows}, on) if rows else {}
    return [row.id for row in rows if row.person_id not in superiors]


def waiting_at_office(session: Session, on: date) -> ColumnElement[bool]:
    """Condition: the claim waits for the office on a day."""
    return or_(Claim.state == ClaimState.OFFICE, Claim.id.in_(without_superior(session, on)))


def office_count(session: Session, on: date) -> int:
    """How many claims wait for the office."""
    return session.scalar(select(func.count()).select_from(Claim).where(waiting_at_office(session, on))) or 0


def among(ids: Collection[int]) -> ColumnElement[bool]:
    """Condition: the claim is one of these, found for somebody who may see them."""
    return Claim.id.in_(ids)


def ever_sent(state: ClaimState | None) -> ColumnElement[bool]:
    """Condition: the claim was sent once, and is in this state where one is given."""
    return and_(Claim.sent_at.is_not(None), Claim.state == state) if state else Claim.sent_at.is_not(None)


def page_of(
    session: Session, within: ColumnElement[bool], on: date, *, learning_form: int | None = None, words: str = "", page: int = 1
) -> ClaimPage:
    """A page of claims, those sent first on top. `words` are looked for in the person's name and the unit's."""
    wanted = _listed(on).where(within)
    if learning_form is not None:
        wanted = wanted.where(Claim.learning_form == learning_form)
    for word in words.split()[:8]:
        wanted = wanted.where(or_(Person.name.icontains(word, autoescape=True), Unit.name.icontains(word, autoescape=True)))
    total = session.scalar(select(func.count()).select_from(wanted.with_only_columns(Claim.id).subquery())) or 0
    page_count = max(1, -(-total // SHOWN))
    page = min(max(1, page), page_count)
    rows = _rows(session, wanted.order_by(Claim.sent_at, Claim.id).limit(SHOWN).offset((page - 1) * SHOWN))
    return ClaimPage(rows, total, page, page_count)


# ------------------------------------------------------------------ what they are worth


def reviews(session: Session, rows: Sequence[ClaimRow], *, ahead: bool = False) -> list[Review]:
    """What claims are worth by the rules of their last day, and what is odd about them. Six SELECTs for any number of claims.

    With `ahead` the person's other claims that wait count as if they were approved, as somebody who is about to send must know.
    """
    if not rows:
        return []
    known, settings = rule_files.versions(session), agency_settings(session)
    ids = {row.person_id for row in rows}
    awards, others = _awards(session, ids), _others(session, ids)
    ours = {claims.plain_title(one.outline.title): one.outline.learning_form for one in library.catalogue(session)}
    years = {row.asked.to_on.year for row in rows}
    earned = {year: jp.jp_by_person(session, sorted(ids), year) for year in sorted(years)}
    found = []
    for row in rows:
        book = rule_files.book_on(known, row.asked.to_on)
        counted = [award for claim_id, award in awards.get(row.person_id, ()) if claim_id != row.id]
        elsewhere = [one for one in others.get(row.person_id, ()) if one[0] != row.id]
        if ahead:
            for _, form_id, state, asked in elsewhere:
                if state in claims.WAITING:
                    form = rule_files.book_on(known, asked.to_on).form(form_id)
                    likely = claims.worth(form, asked, settings.minutes_per_jp, counted)
                    counted.append(Award(form_id, asked.from_on, asked.to_on, likely.jp))
        form = book.form(row.learning_form)
        worth = claims.worth(form, row.asked, settings.minutes_per_jp, counted)
        year = row.asked.to_on.year
        after = earned[year].get(row.person_id, 0) + (0 if row.state is ClaimState.APPROVED else worth.jp)
        _, cap = jp.target_of(row.employment_kind, settings, year)
        warnings = [worth.reason, *_doubts(row, form, elsewhere, ours, settings.minutes_per_jp)]
        if cap and after > cap:
            warnings.append(
                f"Dengan klaim ini tercatat {after} JP, di atas batas {cap} JP setahun untuk PPPK. Semua tetap disimpan."
            )
        found.append(Review(row, form, book.version, worth, tuple(one for one in warnings if one)))
    return found


_Other = tuple[int, int, ClaimState, Asked]


def _doubts(row: ClaimRow, form: Form, others: Sequence[_Other], ours: dict[str, int], minutes_per_jp: int) -> list[str]:
    same = [asked for _, form_id, _, asked in others if form_id == row.learning_form and claims.look_alike(row.asked, asked)]
    found = [
        f"Mirip klaim lain: “{asked.title}” pada tanggal yang bertumpuk. Pastikan bukan kegiatan yang sama." for asked in same[:1]
    ]
    if claims.plain_title(row.asked.title) in ours and row.learning_form != ours[claims.plain_title(row.asked.title)]:
        found.append("Judulnya sama dengan pelatihan di Pelita. Pastikan ini kegiatan lain.")
    minutes, programme = row.asked.minutes, row.asked.programme_jp
    if form.conversion is Conversion.PROGRAMME and minutes and programme and programme * minutes_per_jp > minutes:
        found.append(f"{programme} JP di sertifikat lebih banyak daripada lamanya ({claims.duration(minutes)}).")
    return found


def is_own_course(session: Session, learning_form: int, title: str) -> bool:
    """Whether this names one of our own courses, whose JP come by themselves."""
    plain = claims.plain_title(title)
    return any(
        claims.plain_title(one.outline.title) == plain and one.outline.learning_form == learning_form
        for one in library.catalogue(session)
    )


def _awards(session: Session, person_ids: Collection[int]) -> dict[int, list[tuple[int, Award]]]:
    """(claim id, JP that count) by person, in the order they were awarded."""
    first = aliased(JpEntry)
    rows = session.execute(
        select(JpEntry.person_id, JpEntry.claim_id, JpEntry.learning_form, Claim.from_on, Claim.to_on, JpEntry.jp)
        .join(Claim, Claim.id == JpEntry.claim_id)
        .join(first, and_(first.claim_id == JpEntry.claim_id, first.corrects_id.is_(None)))
        .where(JpEntry.person_id.in_(person_ids), jp.counted())
        .order_by(first.id)
    )
    found: dict[int, list[tuple[int, Award]]] = {}
    for row in rows:
        award = Award(row.learning_form, row.from_on, row.to_on, row.jp)
        found.setdefault(row.person_id, []).append((row.claim_id or 0, award))
    return found


def _others(session: Session, person_ids: Collection[int]) -> dict[int, list[_Other]]:
    """Claims that wait or were approved, by person, in the order they were sent."""
    states = (*claims.WAITING, ClaimState.APPROVED)
    rows = session.scalars(
        select(Claim).where(Claim.person_id.in_(person_ids), Claim.state.in_(states)).order_by(Claim.sent_at, Claim.id)
    )
    found: dict[int, list[_Other]] = {}
    for claim in rows:
        found.setdefault(claim.person_id, []).append((claim.id, claim.learning_form, ClaimState(claim.state), asked_of(claim)))
    return found


def partner_names(session: Session, text: str, on: date, *, but_not: int) -> list[tuple[int, str, str]]:
    """(person id, name, unit) of people whose name has every word typed, at most twenty. Nothing else is told, and numbers find nobody:
    they would be a way to try staff numbers."""
    words = " ".join(text.split())
    if len(words) < 3 or any(sign.isdigit() for sign in words):
        return []
    found = people.find_people(session, words, on, limit=21)
    here = [one for one in found if one.person_id != but_not and (one.left_on is None or one.left_on > on)]
    return [(one.person_id, one.display_name, one.unit_name) for one in here[:20]]
