"""What the shop shows: categories, products and their pictures."""
