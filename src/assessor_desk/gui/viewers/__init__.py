"""Viewers of evidence, one module per kind of artifact, imported when the kind is first shown."""
