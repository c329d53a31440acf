"""The links of this surface's pages, in the order people need them."""

from typing import Any

from flask import url_for

SURFACE = "Administrasi"
LINKS = (
    ("overview", "admin.overview.index", "Ringkasan"),
    ("requirements", "admin.requirements.index", "Penugasan"),
)
"""(key, endpoint, label)."""


def of(active: str) -> dict[str, Any]:
    """What the layout needs: `render_template(…, **navigation.of("overview"))`."""
    rows = [{"key": key, "url": url_for(endpoint), "label": label} for key, endpoint, label in LINKS]
    return {"surface_name": SURFACE, "surface_nav": rows, "active_nav": active}
