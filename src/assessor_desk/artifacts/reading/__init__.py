"""Reading documents with native parsers. Imported in the worker process alone."""
