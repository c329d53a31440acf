"""The row of links of the studio: over all courses, or within one."""

from dataclasses import dataclass
from typing import Any

SURFACE = "Studio"


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    label: str
    key: str


ALL = (Link("/studio", "Pelatihan", "courses"),)
PAGES = (
    ("", "Isi", "files"),
    ("/terbitkan", "Terbitkan", "publishing"),
    ("/riwayat", "Riwayat", "history"),
    ("/soal", "Statistik soal", "statistics"),
    ("/evaluasi", "Evaluasi", "surveys"),
    ("/mentor", "Mentor", "mentors"),
)


def of_course(course_key: str) -> tuple[Link, ...]:
    """The pages of one course, after the way back to all of them."""
    return ALL + tuple(Link(f"/studio/{course_key}{tail}", label, key) for tail, label, key in PAGES)


def over_all() -> dict[str, Any]:
    """What the layout of a page over all courses needs."""
    return {"surface_name": SURFACE, "surface_nav": ALL, "active_nav": "courses"}


def within(course_key: str, page: str) -> dict[str, Any]:
    """What the layout of a page of one course needs."""
    return {"surface_name": SURFACE, "surface_nav": of_course(course_key), "active_nav": page}
