"""From what a sentence says, slot by slot, to the question: values, filters, kinds, defaults, checks, follow-ups."""
