"""Every door with made-up requests, the same ones in each run of the tests; `bin/fuzz` makes others, and many."""
