"""Word of mouth: contacts, invitations, points."""
