"""Entry for any WSGI server: `wsgi:app`. The data folder and address come from the environment (PELITA_DATA, BASE_URL)."""

import gc

from config import read_config
from lms.web.app import create_app

app = create_app(read_config())

# What was made until here lives as long as the process: the collector need not look at it again with every few requests.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
