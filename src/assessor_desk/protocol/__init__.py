"""The messages between a desk and a hub, written once for both ends (DESIGN §8). Nothing is imported here."""
