"""The commands; the window is opened lazily."""
