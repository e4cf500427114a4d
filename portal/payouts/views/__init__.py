"""Pages for partners and for admins."""
