"""Writes of claims: the draft and its proofs, sending and withdrawing, decisions, and the JP that the office's approval brings.

Whatever decides on somebody's JP locks that person's row first, so that caps hold when two administrators act at once (D8)."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lms.errors import Conflict, Invalid, NotFound
from lms.people import hierarchy
from lms.people.models import Person, RoleGrant
from lms.people.queries import employed_on, identity
from lms.people.rules import staff_date
from lms.people.settings import agency_settings
from lms.people.types import Role
from lms.progress import awards, claim_queries, claims, rule_files
from lms.progress.claims import Asked, ClaimState, Step, Verdict
from lms.progress.models import Claim, ClaimDecision, ClaimFile
from lms.store import audit

_STEP_OF = {ClaimState.PARTNER: Step.PARTNER, ClaimState.SUPERIOR: Step.SUPERIOR, ClaimState.OFFICE: Step.OFFICE}


def _no_claim() -> NotFound:
    return NotFound("Klaim ini tidak ada, atau tidak lagi menunggu Anda. Kembali ke daftar klaim.")


def _own(session: Session, person_id: int, claim_id: int) -> Claim:
    """A person's own claim, locked while it is still theirs to change. Raises NotFound, Conflict."""
    wanted = select(Claim).where(Claim.id == claim_id, Claim.person_id == person_id).with_for_update()
    claim = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if claim is None:
        raise _no_claim()
    if claim.state not in claims.EDITABLE:
        raise Conflict("Klaim ini sudah dikirim, jadi isinya tidak dapat diubah. Tarik dulu klaimnya, lalu ubah dan kirim lagi.")
    return claim


# ------------------------------------------------------------------ the draft


def create(session: Session, *, person_id: int, learning_form: int, asked: Asked, today: date, now: datetime) -> int:
    """A new draft; returns its id. Raises Invalid with the field."""
    claim = Claim(person_id=person_id, learning_form=learning_form, state=ClaimState.DRAFT, made_at=now)
    rule_files.book_on(rule_files.versions(session), asked.to_on).form(learning_form)
    _fill(session, claim, asked, today)
    session.add(claim)
    session.flush()
    return claim.id


def save(session: Session, *, person_id: int, claim_id: int, asked: Asked, today: date) -> None:
    """Keep what was written in a claim that is not on its way. Raises NotFound, Invalid with the field, Conflict once it is sent."""
    _fill(session, _own(session, person_id, claim_id), asked, today)
    session.flush()


def _fill(session: Session, claim: Claim, asked: Asked, today: date) -> None:
    kept = claims.checked(asked, person_id=claim.person_id, today=today)
    if kept.partner_id is not None and claim.learning_form not in claims.PAIRED:
        raise Invalid("Bentuk kegiatan ini tidak memakai rekan.", field="partner")
    here = select(Person.id).where(Person.id == kept.partner_id, employed_on(today))
    if kept.partner_id is not None and session.scalar(here) is None:
        raise Invalid("Rekan ini tidak ditemukan. Cari lagi dengan namanya.", field="partner")
    for name in Asked.__dataclass_fields__:
        setattr(claim, name, getattr(kept, name))


def discard(session: Session, *, person_id: int, claim_id: int) -> None:
    """Remove a draft that was never sent, proofs included. Raises NotFound, Conflict for one that was."""
    claim = _own(session, person_id, claim_id)
    if claim.sent_at is not None:
        raise Conflict("Klaim yang pernah dikirim tetap tersimpan bersama catatannya, jadi tidak dapat dihapus.")
    session.execute(delete(ClaimFile).where(ClaimFile.claim_id == claim_id))
    session.delete(claim)
    session.flush()


def attach(
    session: Session, *, person_id: int, claim_id: int, sha256: str, name: str, mime: str, size: int, now: datetime
) -> None:
    """Put a proof, whose bytes are stored already, to a claim; the same file twice counts once. Raises NotFound, Conflict, Invalid."""
    _own(session, person_id, claim_id)
    here = claim_queries.files(session, claim_id)
    if any(one.sha256 == sha256 for one in here):
        return
    if len(here) >= claims.MOST_FILES:
        raise Invalid(f"Paling banyak {claims.MOST_FILES} berkas. “{name}” belum ditambahkan; hapus satu yang tidak perlu.")
    session.add(ClaimFile(claim_id=claim_id, sha256=sha256, name=name[:200], mime=mime, size=size, uploaded_at=now))
    session.flush()


def detach(session: Session, *, person_id: int, claim_id: int, upload_id: int) -> None:
    """Take a proof away again; one that is gone already stays gone. Raises NotFound, Conflict once the claim is sent."""
    _own(session, person_id, claim_id)
    session.execute(delete(ClaimFile).where(ClaimFile.id == upload_id, ClaimFile.claim_id == claim_id))


# ------------------------------------------------------------------ on its way


def send(session: Session, *, person_id: int, claim_id: int, now: datetime) -> ClaimState:
    """Send a claim to whoever checks it first. Sending again after a correction begins anew: its contents may have changed.

    Raises NotFound, Invalid naming all that is missing, Conflict once it is sent or when it claims one of our own courses.
    """
    claim = _own(session, person_id, claim_id)
    asked = claim_queries.asked_of(claim)
    form = rule_files.book_on(rule_files.versions(session), claim.to_on).form(claim.learning_form)
    lacks = claims.missing(form, asked, len(claim_queries.files(session, claim_id)))
    if lacks:
        raise Invalid(f"Belum dikirim, tetapi sudah tersimpan. {' '.join(lacks)}")
    if claim_queries.is_own_course(session, claim.learning_form, claim.title):
        raise Conflict(
            f"“{claim.title}” adalah pelatihan di Pelita: JP-nya tercatat sendiri saat Anda menyelesaikannya, jadi tidak perlu diklaim."
        )
    superior = hierarchy.superior_of(session, person_id, staff_date(now))
    claim.state, claim.sent_at = claims.first_state(claim.learning_form, superior is not None), now
    session.flush()
    audit.record(session, at=now, action="claim.send", actor_id=person_id, subject=f"claim:{claim_id}")
    return ClaimState(claim.state)


def withdraw(session: Session, *, person_id: int, claim_id: int, now: datetime) -> None:
    """Take a claim back while nobody has finally decided; it may be changed and sent again. Raises NotFound, Conflict."""
    wanted = select(Claim).where(Claim.id == claim_id, Claim.person_id == person_id).with_for_update()
    claim = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if claim is None:
        raise _no_claim()
    if claim.state not in claims.WAITING:
        raise Conflict(
            "Klaim ini tidak sedang menunggu, jadi tidak dapat ditarik. Muat ulang halamannya untuk melihat keadaannya."
        )
    claim.state = ClaimState.WITHDRAWN
    session.flush()
    audit.record(session, at=now, action="claim.withdraw", actor_id=person_id, subject=f"claim:{claim_id}")


def decide(
    session: Session,
    *,
    claim_id: int,
    step: Step,
    verdict: Verdict,
    comment: str,
    by: int,
    now: datetime,
    only_clean: bool = False,
) -> ClaimState:
    """Record what partner, superior or office says; the office's approval writes the JP in the same transaction.

    The caller has seen to it that `by` may act for the office. With `only_clean` a claim with warnings is refused.
    Raises NotFound for whoever it does not wait for, Invalid without a needed comment, Conflict when it was decided meanwhile.
    """
    comment = comment.strip()
    claims.comment_needed(verdict, comment)
    claim = _locked(session, claim_id)
    superior = hierarchy.superior_of(session, claim.person_id, staff_date(now))
    _check_turn(session, claim, step, by, superior)
    if only_clean and _review(session, claim, now).warnings:
        raise Conflict("Klaim ini memiliki peringatan, jadi perlu dibuka dan diputuskan sendiri.")
    is_also_superior = step is Step.PARTNER and by == superior
    both = is_also_superior and verdict is Verdict.APPROVED
    for each in (Step.PARTNER, Step.SUPERIOR) if both else (step,):
        session.add(ClaimDecision(claim_id=claim_id, step=each, verdict=verdict, comment=comment, by=by, at=now))
        action = f"claim.{verdict}"
        audit.record(session, at=now, action=action, actor_id=by, subject=f"claim:{claim_id}", step=str(each))
    claim.state = claims.state_after(step, verdict, has_superior=superior is not None, is_also_superior=is_also_superior)
    if claim.state == ClaimState.APPROVED:
        _award(session, claim, now)
    session.flush()
    return ClaimState(claim.state)


def _locked(session: Session, claim_id: int) -> Claim:
    """A claim that was sent, with its person's row locked before it."""
    person_id = session.scalar(select(Claim.person_id).where(Claim.id == claim_id, Claim.sent_at.is_not(None)))
    if person_id is None:
        raise _no_claim()
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    wanted = select(Claim).where(Claim.id == claim_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def _check_turn(session: Session, claim: Claim, step: Step, by: int, superior: int | None) -> None:
    """Raises unless the claim waits for this step, and for this person, who is not its owner and has not decided on it before."""
    if by == claim.person_id:
        raise Conflict("Ini klaim Anda sendiri. Pengelola lain yang memeriksanya.")
    if (step is Step.PARTNER and claim.partner_id != by) or (step is Step.SUPERIOR and superior != by):
        raise _no_claim()
    waits_for = _STEP_OF.get(ClaimState(claim.state))
    if waits_for is Step.SUPERIOR and superior is None:
        waits_for = Step.OFFICE
    if waits_for is not step:
        raise Conflict(
            "Klaim ini sudah diputuskan atau tidak lagi menunggu di sini. Tidak ada yang berubah; muat ulang daftarnya."
        )
    if step is Step.OFFICE and _has_decided(session, claim, by) and _other_admins(session, by, claim.person_id):
        raise Conflict(
            "Anda sudah memutuskan klaim ini sebagai atasan atau rekan. Pengelola lain yang memeriksanya untuk kantor."
        )


def _has_decided(session: Session, claim: Claim, by: int) -> bool:
    mine = select(ClaimDecision.id).where(ClaimDecision.claim_id == claim.id, ClaimDecision.by == by)
    return session.scalar(mine.where(ClaimDecision.at >= claim.sent_at).limit(1)) is not None


def _other_admins(session: Session, *but_not: int) -> int:
    """How many others could decide for the office: where there is nobody, one person may do both rather than leave a claim lying."""
    others = select(func.count()).select_from(RoleGrant).where(RoleGrant.role == Role.ADMIN, RoleGrant.person_id.not_in(but_not))
    return session.scalar(others) or 0


def _review(session: Session, claim: Claim, now: datetime) -> claim_queries.Review:
    session.flush()
    return claim_queries.reviews(session, [claim_queries.sent_claim(session, claim.id, staff_date(now))])[0]


def _award(session: Session, claim: Claim, now: datetime) -> None:
    """The ledger row, dated noon of the last day where the person worked then, so that its year is that day's everywhere (D4)."""
    review = _review(session, claim, now)
    zone = identity(session, claim.person_id, claim.to_on).time_zone
    awards.award_claim(
        session,
        claim,
        jp=review.worth.jp,
        reason=review.worth.reason,
        completed_at=min(now, datetime.combine(claim.to_on, time(12), ZoneInfo(zone))),
        zone=zone,
        minutes_per_jp=agency_settings(session).minutes_per_jp,
        rule_version=review.rule_version,
    )


def approve_clean(session: Session, *, claim_ids: Sequence[int], by: int, now: datetime) -> int:
    """Approve for the office those of the claims that wait there and have no warning; returns how many."""
    mine = select(Claim.id).where(Claim.id.in_(claim_ids)).order_by(Claim.person_id, Claim.id)  # one order of locks for everybody
    done = 0
    for claim_id in session.scalars(mine).all():
        try:
            decide(
                session,
                claim_id=claim_id,
                step=Step.OFFICE,
                verdict=Verdict.APPROVED,
                comment="",
                by=by,
                now=now,
                only_clean=True,
            )
        except (Conflict, NotFound):
            continue
        done += 1
    return done
