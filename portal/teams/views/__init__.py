"""The pages of those who are invited."""
