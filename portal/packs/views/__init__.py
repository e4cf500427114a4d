"""The pages of packs, by audience."""
