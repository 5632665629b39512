"""The demo shop: its catalogue, its pictures, its loader."""
