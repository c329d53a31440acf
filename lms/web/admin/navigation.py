"""The links of this surface's pages, in the order people need them."""

from typing import Any

from flask import url_for

SURFACE = "Administrasi"
LINKS = (
    ("overview", "admin.overview.index", "Ringkasan"),
    ("people", "admin.people.index", "Pegawai"),
    ("units", "admin.units.index", "Unit kerja"),
    ("imports", "admin.imports.index", "Impor"),
    ("courses", "admin.courses.index", "Pelatihan"),
    ("requirements", "admin.requirements.index", "Penugasan"),
    ("claims", "admin.claims.index", "Klaim JP"),
    ("reports", "admin.reports.index", "Laporan"),
    ("messages", "admin.messages.index", "Pesan"),
    ("requests", "admin.requests.index", "Permintaan data"),
    ("audit", "admin.audit.index", "Jejak audit"),
    ("rule_files", "admin.rule_files.index", "Aturan JP"),
    ("settings", "admin.settings.show", "Pengaturan"),
)
"""(key, endpoint, label)."""


def of(active: str) -> dict[str, Any]:
    """What the layout needs: `render_template(…, **navigation.of("overview"))`."""
    rows = [{"key": key, "url": url_for(endpoint), "label": label} for key, endpoint, label in LINKS]
    return {"surface_name": SURFACE, "surface_nav": rows, "active_nav": active}
