"""Rubrics and policies in and out of files, with faults told by file, line and criterion."""
