"""What can be done with payments, one module for each use case."""
