"""The person behind an account: names, birthday, guardian, places, preferences."""
