"""Reading payouts: what may be paid, runs with their lines, and whether Stripe agrees."""

from gigcx.payouts.queries.payable import Payable, count_unpayable, list_payable
from gigcx.payouts.queries.runs import LineNotFound, RunNotFound

__all__ = ["LineNotFound", "Payable", "RunNotFound", "count_unpayable", "list_payable"]
