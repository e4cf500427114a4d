"""Where operators watch and steer: overview, people, ledger, jobs, trail, values, health."""
