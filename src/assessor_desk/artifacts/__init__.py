"""The bytes of submissions: kept encrypted, told apart by content, opened in a process of their own."""
