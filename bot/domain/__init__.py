"""The domain, pure: charges, questions, answers and what is computed from them."""
