"""SQL of requirements: whom each one asks on a day. The rule is evaluated when it is read, so who joins is asked and who leaves is
not (D75); a stored rule and one that is only being looked at go through the same condition."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import GenericFunction

from lms.content.models import CourseRow
from lms.people.models import Membership, Person, Unit
from lms.people.queries import employed_on, holds_on
from lms.progress.models import Completion, Enrolment, Requirement, RequirementExtension, RequirementPerson
from lms.progress.types import Audience

HERE = aliased(Membership, name="asked_place")
OWN_UNIT = aliased(Unit, name="own_unit")
"""Where the asked person works on the day; its zone ends their day."""
_ASKED_UNIT = aliased(Unit, name="asked_unit")


class json_texts(GenericFunction[Any]):
    """Rows of a JSON list of texts, one column `value`: the two databases name it differently."""

    inherit_cache = True


@compiles(json_texts, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(json_texts, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS JSON))"


def asked(on: Any, *columns: Any, beside_person: bool = False) -> Select[*tuple[Any, ...]]:
    """`columns` of every (Requirement, Person) where the person is asked on the day; also at hand: CourseRow, OWN_UNIT.
    `beside_person`: a subquery about the `Person` of the statement around it."""
    statement = select(*columns).select_from(Requirement) if beside_person else _everybody(*columns).join(Requirement, true())
    named = exists().where(RequirementPerson.requirement_id == Requirement.id, RequirementPerson.person_id == Person.id)
    statement = _placed(statement, Requirement, on).join(CourseRow, CourseRow.id == Requirement.course_id)
    statement = statement.where(
        Requirement.ended_at.is_(None),
        CourseRow.retired_at.is_(None),
        CourseRow.current_edition_id.is_not(None),
        employed_on(on),
        _fits(Requirement, named.correlate(Requirement, Person)),
    )
    return statement.correlate(Person) if beside_person else statement


def asked_by_rule(on: Any, audience: Audience, *columns: Any) -> Select[*tuple[Any, ...]]:
    """`columns` of every Person whom a rule would ask, before it is stored."""
    rule = _as_row(audience)
    statement = _placed(_everybody(*columns).join(rule, true()), rule.c, on)
    return statement.where(employed_on(on), _fits(rule.c, Person.id.in_(audience.person_ids)))


def due_on() -> ColumnElement[Any]:
    """Last day of a (Requirement, Person): of the newest extension, else the requirement's own."""
    newest = (
        select(RequirementExtension.due_on)
        .where(RequirementExtension.requirement_id == Requirement.id, RequirementExtension.person_id == Person.id)
        .order_by(RequirementExtension.id.desc())
        .limit(1)
        .correlate(Requirement, Person)
    )
    return func.coalesce(newest.scalar_subquery(), Requirement.due_on)


def has_finished(course_id: Any) -> ColumnElement[bool]:
    """Condition on `Person`: finished the course, whenever that was (a finished course stays finished)."""
    done = select(Completion.enrolment_id).join(Enrolment, Enrolment.id == Completion.enrolment_id)
    return done.where(Enrolment.person_id == Person.id, Enrolment.course_id == course_id).correlate(Person, Requirement).exists()


def _everybody(*columns: Any) -> Select[*tuple[Any, ...]]:
    return select(*columns).select_from(Person)


def _placed(statement: Select[*tuple[Any, ...]], rule: Any, on: Any) -> Select[*tuple[Any, ...]]:
    return (
        statement.outerjoin(HERE, and_(HERE.person_id == Person.id, holds_on(HERE, on)))
        .outerjoin(OWN_UNIT, OWN_UNIT.id == HERE.unit_id)
        .outerjoin(_ASKED_UNIT, _ASKED_UNIT.id == rule.unit_id)
    )


def _fits(rule: Any, named: ColumnElement[bool]) -> ColumnElement[bool]:
    """All that the rule gives fits the person; what it leaves open fits everybody."""
    word = json_texts('["' + func.replace(rule.position_words, " ", '","') + '"]').table_valued("value")
    lacks = select(word.c.value).where(func.lower(Person.position).not_like("%" + word.c.value + "%")).correlate_except(word)
    return and_(
        or_(rule.unit_id.is_(None), OWN_UNIT.path.startswith(_ASKED_UNIT.path)),
        or_(rule.unit_category.is_(None), rule.unit_category == OWN_UNIT.category),
        or_(rule.employment_kind.is_(None), rule.employment_kind == Person.employment_kind),
        or_(rule.position_words == "", ~lacks.exists()),
        or_(~rule.is_personal, named),
    )


def _as_row(audience: Audience) -> FromClause:
    """The rule as a table of one row with the columns of Requirement."""
    values = {
        "unit_id": audience.unit_id,
        "unit_category": audience.unit_category,
        "employment_kind": audience.employment_kind,
        "position_words": audience.position_words,
        "is_personal": bool(audience.person_ids),
    }
    columns = [literal(value, getattr(Requirement, name).type).label(name) for name, value in values.items()]
    return select(*columns).subquery("rule")
