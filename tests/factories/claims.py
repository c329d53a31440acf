"""Claims for tests, made and moved by the real actions. Call inside `write_tx`."""

from datetime import date, datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from lms.progress import claim_actions
from lms.progress.claims import PAIRED, Asked, ClaimState, Step, Verdict
from lms.progress.models import Claim

_numbers = count(1)
DAY = date(2026, 3, 2)


def asked_for(learning_form: int = 9, **over: Any) -> Asked:
    """Everything that a form may need, for one day."""
    paired = learning_form in PAIRED
    values = {"title": f"Kegiatan nomor{next(_numbers)}", "from_on": over.get("from_on", DAY), "to_on": over.get("from_on", DAY),
              "organizer": "" if paired else "LAN", "minutes": 360, "programme_jp": 7, "report": "Hasilnya dicatat."}  # fmt: skip
    return Asked(**values | over)


def make_claim(session: Session, person_id: int, now: datetime, *, learning_form: int = 9, files: int = 1, **over: Any) -> int:
    """A draft with proofs; returns its id."""
    asked = asked_for(learning_form, **over)
    claim_id = claim_actions.create(
        session, person_id=person_id, learning_form=learning_form, asked=asked, today=now.date(), now=now
    )
    for number in range(files):
        claim_actions.attach(
            session, person_id=person_id, claim_id=claim_id, sha256=f"{claim_id:032x}{number:032x}", name="bukti.pdf",
            mime="application/pdf", size=1000, now=now,
        )  # fmt: skip
    return claim_id


def send_claim(session: Session, person_id: int, now: datetime, **over: Any) -> int:
    """A claim that was sent; returns its id."""
    claim_id = make_claim(session, person_id, now, **over)
    claim_actions.send(session, person_id=person_id, claim_id=claim_id, now=now)
    return claim_id


def put_at_office(session: Session, person_id: int, now: datetime, **over: Any) -> int:
    """A claim that waits for the office, whoever would have checked it before; returns its id."""
    claim_id = send_claim(session, person_id, now, **over)
    session.get_one(Claim, claim_id).state = ClaimState.OFFICE
    session.flush()
    return claim_id


def decide_claim(session: Session, claim_id: int, by: int, now: datetime, step: Step = Step.OFFICE, **over: Any) -> ClaimState:
    values: dict[str, Any] = {"verdict": Verdict.APPROVED, "comment": ""} | over
    return claim_actions.decide(session, claim_id=claim_id, step=step, by=by, now=now, **values)
