"""The pages of codes and scans, by audience."""
