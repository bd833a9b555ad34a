"""What fills the window before and beside the workbench: first run, unlocking, connecting to a hub."""
