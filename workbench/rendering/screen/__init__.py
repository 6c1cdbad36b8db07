"""A step on one screen: the strip of figures that stays in view, the page with controls left, and the glossary."""
