"""The demo shop: a catalogue, its drawn pictures, and the loader that brings both to a shop."""
