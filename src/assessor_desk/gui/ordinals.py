"""Which attempt or draft of a submission this is, in words: a draft is called one everywhere."""


def ordinal_in_words(number: int, *, draft: bool) -> str:
    """`attempt 2`; `draft`, and from the second one on `draft 2`."""
    if draft:
        return f"draft {number}" if number > 1 else "draft"
    return f"attempt {number}"
