"""What a gift can be turned into."""
