"""The pages of partners, by audience."""
