"""Entry for any WSGI server: `wsgi:app`. The data folder and address come from the environment (PELITA_DATA, BASE_URL)."""

from config import read_config
from lms.web.app import create_app

app = create_app(read_config())
