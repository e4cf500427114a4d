"""A made-up world to look at and to test with."""
