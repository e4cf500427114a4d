"""What a partner is owed for a period, and paying it."""
