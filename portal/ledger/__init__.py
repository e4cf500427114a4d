"""The one ledger: every franc, point and lead credit of the portal, in double entry."""
