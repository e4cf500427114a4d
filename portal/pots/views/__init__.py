"""The pages of pots: of their owners, of everybody who has the link, of donors, of admins."""
