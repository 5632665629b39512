"""`make run`: starts the whole shop on one machine, watches it, and leaves nothing behind."""
