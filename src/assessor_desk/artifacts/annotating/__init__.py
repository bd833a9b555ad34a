"""A coach's notes written into a copy of the educator's own file. Parsers run here: for the worker process alone."""
