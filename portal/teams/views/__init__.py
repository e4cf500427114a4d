"""The pages of those who are invited, and what the pages of organisations share."""
