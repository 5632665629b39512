"""What customers have bought, from the moment of ordering to its end."""
