"""The links of this surface's pages, in the order people need them."""

from typing import Any

from flask import url_for

SURFACE = "Tim saya"
LINKS = (
    ("today", "team.today.index", "Hari ini"),
    ("members", "team.members.index", "Anggota"),
    ("courses", "team.courses.index", "Pelatihan"),
    ("requirements", "team.requirements.index", "Penugasan"),
    ("claims", "team.claims.index", "Klaim JP"),
    ("comparison", "team.comparison.index", "Banding unit"),
    ("reports", "team.reports.index", "Laporan"),
)
"""(key, endpoint, label)."""


def of(active: str) -> dict[str, Any]:
    """What the layout needs: `render_template(…, **navigation.of("today"))`."""
    rows = [{"key": key, "url": url_for(endpoint), "label": label} for key, endpoint, label in LINKS]
    return {"surface_name": SURFACE, "surface_nav": rows, "active_nav": active}
