"""Names that a spreadsheet program could take for a formula, a number, a link or the end of a cell (R49)."""

SIGNS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "＝", "＋", "－", "＠", "﹦", "⁺", "\u00a0=", "\x00=")
TAILS = (
    "1+1",
    'HYPERLINK("http://x.example";"klik")',
    "cmd|' /C calc'!A0",
    "SUM(A1:A9)",
    "2",
    'Siti, "S.E."; M.Si.',
    'WEBSERVICE("x")',
)
NAMES = [sign + tail for sign in SIGNS for tail in TAILS] + [
    "1E5", "00123", "198609262015051001", "3/5", "TRUE", "'=1+1", "\"=1+1\"", "a;b,c\r\nd", "#REF!", "{=1}", "-", "=", "x" * 200, "😀 Sari", "%0A=1"
]  # fmt: skip
