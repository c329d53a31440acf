"""Names with titles apart (D25)."""

import pytest

from lms.people.names import display_name, initials, tidy_name


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        (("Dr. Ir.", "Andi Tenri", "S.T., M.Si."), "Dr. Ir. Andi Tenri, S.T., M.Si."),
        (("", "Suharto", ""), "Suharto"),
        (("dr.", "Sitti  Aminah", ""), "dr. Sitti Aminah"),
        (("", "La Ode", ", S.Pd."), "La Ode, S.Pd."),
        ((" H. ", " AHMAD ", " SP.,M.Si "), "H. AHMAD, SP.,M.Si"),
    ],
)
def test_display_name(parts, shown):
    assert display_name(*parts) == shown


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Andi Tenri", "AT"),
        ("Suharto", "S"),
        ("wa ode siti nur", "WN"),
        ("", "?"),
        ("- ' ", "?"),
        ("'Aisyah Éva", "AÉ"),
        ("ßen", "SS"),
    ],
)
def test_initials(name, letters):
    assert initials(name) == letters


def test_tidy_name_keeps_the_spelling():
    assert tidy_name("  ANDI\u00a0 A.\t Tenri\n") == "ANDI A. Tenri"
