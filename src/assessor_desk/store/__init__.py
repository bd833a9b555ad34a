"""Durable facts: the encrypted database, its migrations and its turns."""
