"""Who is at the door: accounts, ways to sign in, sessions."""
