"""How fast a list becomes registry, beside what else there is, in one run: `make bench`."""
