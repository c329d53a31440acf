"""Every act that the audit log knows is told in a sentence."""

import re

from lms.web.admin.audit_words import SENTENCES
from tests.conformance import rules

ACTION = re.compile(
    r'"((?:account|audit|attempt|certificate|claim|course|data|enrolment|jp|message|person|requirement|role|rules|settings|staff|unit)\.[a-z_]+)"'
)


def test_every_act_has_its_sentence():
    said = set()
    for path in sorted((rules.ROOT / "lms").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "audit.record(" in text or "audit import record" in text:
            said |= set(ACTION.findall(text))
    assert sorted(said - SENTENCES.keys()) == []
