"""The panes of the workbench. They know nothing of each other; the main window joins their signals."""
