"""Dialogs over the workbench, each in a module of its own that is imported when it is opened."""
