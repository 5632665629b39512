"""What staff do to the catalogue, and what the worker does for it, by use case."""
