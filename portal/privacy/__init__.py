"""What people may ask of their own data: to see it, to take it along, to have it erased; and how long it is kept."""
