"""Which way a brand's customers go, by a draw that each keeps: definitions, shares, assignments.

Knows customers by id. Does not know tickets or what came of the draw; value measures that.
"""
