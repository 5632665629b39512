"""Small classes around the official libraries of those we talk to. They know no room."""
