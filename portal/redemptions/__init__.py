"""The signed code that turns a pot into an evening, and the scan that uses it up."""
