"""The row of links of the studio: over all courses, or within one."""

from dataclasses import dataclass

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
