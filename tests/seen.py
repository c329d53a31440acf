"""Endpoints requested and templates rendered during a test run; the conformance suite compares them with all there are."""

from flask import request

ENDPOINTS: set[str] = set()
TEMPLATES: set[str] = set()


def current_endpoint() -> str:
    return request.endpoint or ""
