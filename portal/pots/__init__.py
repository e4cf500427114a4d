"""Birthday pots and the gifts that fill them."""
