"""What people agree to: the texts, version by version, and each yes and no as a row of its own."""
