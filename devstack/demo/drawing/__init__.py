"""Drawn model cars: bodies, finishes, and the pictures a shop shows of them."""
