"""What an assessor, coach or reviewer can do: the use cases."""
