"""One module per migration, named by its number; the bundle finds them as package data."""
