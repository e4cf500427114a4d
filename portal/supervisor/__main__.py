import sys

from portal.supervisor.run import main

sys.exit(main(sys.argv[1:]))
