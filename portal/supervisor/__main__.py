"""`python -m portal.supervisor`: start the whole portal and keep it running until told to stop."""

import sys

from portal.supervisor.run import main

sys.exit(main(sys.argv[1:]))
