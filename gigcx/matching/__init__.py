"""Which ticket suits which expert: knowledge as an estimate, a score of named parts, and words.

Knows numbers about experts and tickets. Does not know claims or money; desk asks it.
"""
