"""Categories, products and their pictures."""
