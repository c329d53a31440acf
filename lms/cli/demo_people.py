"""What makes the demo's people look like a real agency: somebody acts as head, a superior named by hand, operators, people without
an account."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from lms.people.models import Account, ActingHead, Membership, NamedSuperior, Person, Unit, UnitOperator
from lms.people.types import ActingKind, EmploymentKind

OFFICE, REGISTRY, SCHOOLS, HOSPITAL, DISTRICT = 1, 2, 3, 5, 6
"""Places among the core units."""
FORMER_HEAD = "Analis Kebijakan Ahli Madya"
WITHOUT_ACCOUNT = 2


def put_in_order(session: Session, unit_ids: Sequence[int], today: date, printed: Collection[int]) -> None:
    """Call it before anything was learned. `printed`: the people whose passwords are printed, who stay as they are."""
    wanted = [unit_ids[place] for place in (OFFICE, REGISTRY, SCHOOLS, HOSPITAL, DISTRICT)]
    rows = session.execute(
        select(Membership.unit_id, Membership.person_id)
        .where(Membership.unit_id.in_(wanted), Membership.to_on.is_(None), Membership.person_id.not_in(printed))
        .order_by(Membership.person_id)
    )
    staff: dict[int, list[int]] = {unit_id: [] for unit_id in wanted}
    for unit_id, person_id in rows:
        staff[unit_id].append(person_id)
    office, registry, schools, hospital, district = (staff[unit_id] for unit_id in wanted)
    if min(len(registry), len(hospital), len(district)) < 2 or not (office and schools):
        return  # a handful of people: everybody is needed where they are
    _acting(session, wanted[3], hospital[1], ActingKind.PLH, today - timedelta(days=3), today + timedelta(days=11))
    _acting(session, wanted[4], district[1], ActingKind.PLT, today - timedelta(days=40), None)
    session.execute(update(Unit).where(Unit.id == wanted[4]).values(head_id=None))
    session.execute(update(Person).where(Person.id == district[0]).values(position=FORMER_HEAD))
    named = {"person_id": registry[1], "superior_id": office[0], "from_on": today - timedelta(days=60), "to_on": None}
    session.execute(insert(NamedSuperior), [named])
    operators = [{"unit_id": wanted[2], "person_id": schools[-1]}, {"unit_id": wanted[3], "person_id": hospital[-1]}]
    session.execute(insert(UnitOperator), operators)
    without = select(Person.id).where(Person.employment_kind == EmploymentKind.OTHER, Person.id.not_in(printed))
    session.execute(delete(Account).where(Account.person_id.in_(without.order_by(Person.id).limit(WITHOUT_ACCOUNT))))


def _acting(session: Session, unit_id: int, person_id: int, kind: ActingKind, from_on: date, to_on: date | None) -> None:
    row = {"unit_id": unit_id, "person_id": person_id, "kind": kind, "from_on": from_on, "to_on": to_on}
    session.execute(insert(ActingHead), [row])
