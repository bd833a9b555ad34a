"""The field's rules: frozen dataclasses and pure functions, standard library only."""
