"""Where folders are: the default desk folder and the data that comes with the program."""
