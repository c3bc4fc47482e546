"""From a question to its typed answer: queries, coverage, data quality, and one module a kind of question."""
