"""Sends what is due until somebody kills it: `python send_until_killed.py DATABASE_URL PORT`."""

import sys
import threading
from datetime import UTC, datetime

from config import MailServer
from lms.cli import mail
from lms.store.engine import make_engine

if __name__ == "__main__":
    server = MailServer("127.0.0.1", int(sys.argv[2]), "smtp", "", "", "pelita@kota.example", "Pelita")
    now = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
    mail.deliver(make_engine(sys.argv[1]), mail.Post(server, "https://x.example"), lambda: now, threading.Event())
