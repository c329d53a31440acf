"""Enrolments, lesson facts, status, completion and the JP ledger."""
