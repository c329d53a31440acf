"""`python -m lms.cli`."""

import sys

from lms.cli.main import main

sys.exit(main())
