"""Choices between alternatives: multinomial and mixed logit, hierarchical Bayes, willingness to pay."""
