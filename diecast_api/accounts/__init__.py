"""Who buys and who works here: people, their sessions, what staff may do."""
