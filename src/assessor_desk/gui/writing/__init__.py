"""What panes in which somebody writes have in common: texts that are kept safe, findings, the page they stand on."""
