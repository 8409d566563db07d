"""One reader for each type of file: bytes to text with title, date and pages."""
