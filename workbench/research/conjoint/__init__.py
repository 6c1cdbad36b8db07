"""Conjoint: choices between offers; multinomial and mixed logit, hierarchical Bayes, willingness to pay."""
