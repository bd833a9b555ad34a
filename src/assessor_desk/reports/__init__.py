"""Documents for people: the record of a review as PDF and DOCX."""
