"""Floor 0: clock, ids, money, states, crypto, database, errors. Imports nothing of the portal above it."""
