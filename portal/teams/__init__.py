"""Invitations into partners' teams and sponsor companies, which wait for the yes of whoever is invited."""
