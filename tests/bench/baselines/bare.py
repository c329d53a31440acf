"""Baseline 1: Flask and one Jinja page of about the bytes of a lesson. No session, no database, no headers."""

import os

from flask import Flask, render_template_string

app = Flask(__name__)
TEXT = "Warga datang membawa berkas dan tiga kebutuhan yang tidak tertulis di formulir. "
PARAGRAPHS = int(os.environ.get("BENCH_BYTES", "12000")) // (len(TEXT) + 60)
PAGE = """<!doctype html><html lang="id"><head><title>{{ title }}</title></head><body><nav>
{% for number in range(12) %}<a href="/materi/{{ number }}">Materi {{ number }}</a>{% endfor %}</nav>
<article><h1>{{ title }}</h1>{% for number in range(count) %}<p id="p{{ number }}">{{ text }} {{ number }}</p>
{% endfor %}</article></body></html>"""


@app.get("/")
def page() -> str:
    return render_template_string(PAGE, title="Lima Menit yang Diingat Warga", count=PARAGRAPHS, text=TEXT)
