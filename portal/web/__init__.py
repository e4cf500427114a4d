"""Floor 6: the page shell, the request wrapper, and the table of contents of all URLs."""
