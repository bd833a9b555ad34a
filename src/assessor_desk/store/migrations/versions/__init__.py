"""One module per version of the file, named after its revision."""
