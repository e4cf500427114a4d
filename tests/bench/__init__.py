"""`bin/bench`: how fast the portal is on this machine, each figure beside what it is measured against."""
