"""Agency settings: one frozen value with sensible defaults, kept by name so that a new setting needs no schema step."""

import dataclasses
import zoneinfo
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.errors import Invalid
from lms.people.models import Setting
from lms.people.types import YearTarget
from lms.store import audit

DEFAULT_TIME_ZONE = "Asia/Makassar"


@dataclass(frozen=True, slots=True)
class AgencySettings:
    """Everything the agency decides for itself. Values of regulations are dated by `rule_version` and may be edited."""

    agency_name: str = "Instansi Anda"
    agency_place: str = ""
    """City printed before the date on certificates."""
    signatory_name: str = ""
    signatory_nip: str = ""
    signatory_position: str = ""
    certificate_pattern: str = "{no:04}/{kode}/{bulan_romawi}/{tahun}"
    minutes_per_jp: int = 45
    jp_target_pns: int = 20
    jp_target_pppk: int = 20
    jp_cap_pppk: int | None = 24
    """Warns above, discards nothing; None = no cap (D6)."""
    jp_targets: tuple[YearTarget, ...] = ()
    """Of the years that the newest rule file names; written when it is saved, never by hand. The three above serve all other years."""
    time_zone: str = DEFAULT_TIME_ZONE
    """For units that name none and people without a unit."""
    rule_version: str = "2026-1"
    """Which reading of the JP rules is in force; stored in every JP row."""
    help_contact: str = ""
    """Whom to ask when one cannot sign in, e.g. "BKPSDM, WA 0812…"."""
    logo: str = ""
    """SHA-256 of the agency's mark among the media; "" = none."""
    second_factor: str = "required"
    """For people with rights over others: "required" after a grace of seven days, or only "offered" (R45, D31)."""


_DEFAULTS = AgencySettings()
_FIELDS = {field.name: field for field in dataclasses.fields(AgencySettings)}
_WHOLE_NUMBERS = {"minutes_per_jp": (1, 240), "jp_target_pns": (1, 1000), "jp_target_pppk": (1, 1000), "jp_cap_pppk": (1, 1000)}
_NO_CAP = 0  # how "no cap" is stored: the column holds no NULL
_NEEDED = ("agency_name", "certificate_pattern", "rule_version")


def agency_settings(session: Session) -> AgencySettings:
    """The settings in force: what was saved, defaults for the rest. One SELECT."""
    saved = session.execute(select(Setting.name, Setting.value).order_by(Setting.name)).all()
    values = {name: value for name, value in saved if name in _FIELDS}
    if values.get("jp_cap_pppk") == _NO_CAP:
        values["jp_cap_pppk"] = None
    values["jp_targets"] = tuple(YearTarget(*row) for row in values.get("jp_targets", ()))
    return dataclasses.replace(_DEFAULTS, **values)


def save_settings(session: Session, *, now: datetime | None = None, by: int | None = None, **values: Any) -> AgencySettings:
    """Keep the named settings; the others stay. With `now` the change is audited by names. Raises Invalid with the field."""
    wanted = {name: checked(name, value) for name, value in values.items()}
    kept = {row.name: row for row in session.scalars(select(Setting).where(Setting.name.in_(wanted)).with_for_update())}
    for name, value in sorted(wanted.items()):
        if name in kept:
            kept[name].value = value
        else:
            session.add(Setting(name=name, value=value))
    session.flush()
    if now is not None:
        audit.record(session, at=now, action="settings.save", actor_id=by, names=sorted(wanted))
    return agency_settings(session)


def checked(name: str, value: Any) -> Any:
    """The value of one setting as it is kept. Raises Invalid with the field."""
    if name not in _FIELDS:
        raise Invalid(f"Pengaturan “{name}” tidak ada.", field=name)
    if name in _WHOLE_NUMBERS:
        if value is None and name == "jp_cap_pppk":
            return _NO_CAP
        low, high = _WHOLE_NUMBERS[name]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Invalid(f"Isilah bilangan bulat dari {low} sampai {high}.", field=name)
        return value
    if name == "jp_targets":
        return [list(YearTarget(*row)) for row in value]
    text = " ".join(str(value).split())
    if len(text) > 200:
        raise Invalid("Terlalu panjang: paling banyak 200 karakter.", field=name)
    if name in _NEEDED and not text:
        raise Invalid("Bagian ini tidak boleh kosong.", field=name)
    if name == "second_factor" and text not in ("required", "offered"):
        raise Invalid("Pilih wajib atau ditawarkan.", field=name)
    if name == "time_zone":
        check_time_zone(text)
    return text


def check_time_zone(name: str) -> str:
    """The name of a known time zone. Raises Invalid."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise Invalid(
            "Zona waktu tidak dikenal. Pilih Asia/Jakarta, Asia/Makassar, atau Asia/Jayapura.", field="time_zone"
        ) from problem
    return name
