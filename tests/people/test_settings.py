"""Agency settings: defaults, one at a time, checked."""

import pytest
from sqlalchemy import select

from lms.errors import Invalid
from lms.people.models import Setting
from lms.people.settings import AgencySettings, agency_settings, save_settings
from lms.store.audit import AuditEntry
from lms.store.engine import write_tx


def test_settings_begin_with_defaults(session):
    assert agency_settings(session) == AgencySettings()
    assert (AgencySettings().minutes_per_jp, AgencySettings().jp_target_pns, AgencySettings().jp_cap_pppk) == (45, 20, 24)


def test_saved_settings_replace_defaults_one_by_one(session, now):
    with write_tx(session):
        assert save_settings(session, agency_name=" Pemerintah  Kota Harapan ", minutes_per_jp=60).minutes_per_jp == 60
    with write_tx(session):
        save_settings(session, now=now, jp_cap_pppk=None, time_zone="Asia/Jayapura", agency_name="Kota Harapan")
    assert agency_settings(session) == AgencySettings(
        agency_name="Kota Harapan", minutes_per_jp=60, jp_cap_pppk=None, time_zone="Asia/Jayapura"
    )
    rows = session.execute(select(AuditEntry.action, AuditEntry.detail)).all()
    assert rows == [("settings.save", {"names": ["agency_name", "jp_cap_pppk", "time_zone"]})]


def test_a_setting_of_a_newer_program_is_left_alone(session):
    with write_tx(session):
        session.add(Setting(name="of_tomorrow", value={"x": 1}))
    assert agency_settings(session) == AgencySettings()


@pytest.mark.parametrize(
    "values",
    [{"minutes_per_jp": 0}, {"minutes_per_jp": "45"}, {"minutes_per_jp": True}, {"minutes_per_jp": None}, {"jp_target_pns": 1001}]
    + [
        {"time_zone": "WITA"},
        {"time_zone": ""},
        {"agency_name": " "},
        {"agency_name": "x" * 201},
        {"secret_key": "x"},
        {"__class__": "x"},
    ],
)
def test_wrong_settings_are_refused_and_nothing_is_kept(session, values):
    with pytest.raises(Invalid) as caught, write_tx(session):
        save_settings(session, agency_place="Kendari", **values)
    assert caught.value.field == next(iter(values))
    assert agency_settings(session) == AgencySettings()


def test_the_second_factor_is_required_unless_the_agency_only_offers_it(session):
    assert agency_settings(session).second_factor == "required"
    with write_tx(session):
        assert save_settings(session, second_factor="offered").second_factor == "offered"
    for wrong in ("", "optional", "REQUIRED"):
        with pytest.raises(Invalid), write_tx(session):
            save_settings(session, second_factor=wrong)
