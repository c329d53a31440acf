"""Units beside others of their kind; who is not below the reader has no name here (D26, D60)."""

from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, render_template

from lms.people.rules import staff_date
from lms.people.types import UnitCategory
from lms.progress.rules import jp_year
from lms.teams import comparison
from lms.teams.comparison import Comparison, Figures
from lms.teams.rules import SMALLEST_GROUP
from lms.web import agency, clock, language
from lms.web.extensions import reading
from lms.web.identity import user
from lms.web.team import navigation

bp = Blueprint("comparison", __name__)
CATEGORIES = {
    UnitCategory.OFFICE: "dinas/badan",
    UnitCategory.HEALTH: "unit kesehatan",
    UnitCategory.EDUCATION: "satuan pendidikan",
    UnitCategory.TERRITORY: "kecamatan/kelurahan",
    UnitCategory.OTHER: "unit lain",
}


@dataclass(frozen=True)
class Line:
    name: str
    people_label: str
    share: int | None
    """Per cent; None = hidden."""
    median_label: str
    is_mean: bool = False


@bp.get("/banding")
def index() -> str:
    who = user()
    now = clock.now()
    year = jp_year(now, who.time_zone)
    found = comparison.comparisons(reading(), who.person_id, staff_date(now), year, agency.current())
    kinds = [
        {"label": CATEGORIES[each.category].capitalize(), "lines": _lines(each), "is_hidden": each.is_hidden} for each in found
    ]
    return render_template(
        "team/comparison/index.html", kinds=kinds, year=year, fewest=SMALLEST_GROUP, **navigation.of("comparison")
    )


def _lines(kind: Comparison) -> list[Line]:
    lines = [_line(unit.name, unit.figures) for unit in kind.units]
    if kind.others is not None:
        label = f"Rata-rata {language.number(kind.other_count)} {CATEGORIES[kind.category]} lain"
        lines.append(_line(label, kind.others, is_mean=True))
    return lines


def _line(name: str, figures: Figures | None, *, is_mean: bool = False) -> Line:
    if figures is None:
        return Line(name, f"Kurang dari {SMALLEST_GROUP} orang", None, "")
    middle = language.number(Decimal(str(figures.median)))
    return Line(name, f"{language.number(figures.people)} orang", figures.share, f"{middle} JP", is_mean)
