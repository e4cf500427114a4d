"""The pages about one's own data."""
