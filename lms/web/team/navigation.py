"""The links of this surface's pages, in the order people need them."""

from typing import Any

from flask import url_for

SURFACE = "Tim saya"
LINKS = (
    ("members", "team.members.index", "Anggota"),
    ("reports", "team.reports.index", "Laporan"),
    ("claims", "team.claims.index", "Klaim JP"),
    ("today", "team.today.index", "Hari ini"),
    ("members", "team.members.index", "Anggota"),
    ("courses", "team.courses.index", "Pelatihan"),
    ("requirements", "team.requirements.index", "Penugasan"),
    ("comparison", "team.comparison.index", "Banding unit"),
)
"""(key, endpoint, label)."""


def of(active: str) -> dict[str, Any]:
    """What the layout needs: `render_template(…, **navigation.of("members"))`."""
    rows = [{"key": key, "url": url_for(endpoint), "label": label} for key, endpoint, label in LINKS]
    return {"surface_name": SURFACE, "surface_nav": rows, "active_nav": active}
