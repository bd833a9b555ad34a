"""Documents for people: the record of a review as PDF and as DOCX, from one content."""
