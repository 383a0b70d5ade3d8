"""What experts have earned, what brands pay in, and what the ledger says."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.api.answers import REPEATABLE, accept, paged
from gigcx.api.resource import Resource
from gigcx.api.schemas.kernel import PageArgumentsSchema, page_of
from gigcx.api.schemas.money import (
    AccountSchema,
    EarningArgumentsSchema,
    EarningSchema,
    FundingRequestSchema,
    FundingSchema,
    PayoutAccountRequestSchema,
    PayoutAccountSchema,
    StatementSchema,
)
from gigcx.db import now
from gigcx.earnings import queries as earnings_queries
from gigcx.funding import queries as funding_queries
from gigcx.funding import service as funding_service
from gigcx.http import paging
from gigcx.http.access import permit
from gigcx.ledger import queries as ledger_queries
from gigcx.payouts.queries.runs import find_account
from gigcx.payouts.service import accounts

earnings = Resource("earnings", __name__, path="/earnings")
statement = Resource("statement", __name__, path="/statement")
account = Resource("payout-account", __name__, path="/payout-account")
funding = Resource("funding", __name__, path="/funding")
ledger = Resource("ledger", __name__, path="/ledger")


@earnings.get("")
@permit("earnings.read")
@earnings.arguments(EarningArgumentsSchema, location="query")
@earnings.response(200, page_of(EarningSchema))
def list_earnings(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the earnings that one may see, the latest first."""
    state = arguments.pop("state", None)
    page = paging.page_of(**arguments)
    return paged(earnings_queries.list_earnings(principal.current(), page, state=state))


@statement.get("")
@permit("statement.read")
@statement.response(200, StatementSchema)
def show_statement() -> Response:
    """Sum what the expert has earned, and say when it is paid next."""
    found = earnings_queries.statement(principal.current(), now())
    return jsonify(StatementSchema().dump(found))


@account.get("")
@permit("payout_account.read")
@account.response(200, PayoutAccountSchema)
def get_account() -> Response:
    """Show the expert's payout account, with the link to finish it."""
    found = find_account(principal.current())
    if found is None:
        raise accounts.AccountNotFound("Open a payout account first.")
    return jsonify(PayoutAccountSchema().dump(found))


@account.post("")
@permit("payout_account.write")
@account.arguments(PayoutAccountRequestSchema)
@account.response(202, PayoutAccountSchema)
def open_account(asked: dict[str, Any]) -> Response:
    """Ask for a payout account, or for a fresh link to one that is not finished."""
    return accept(PayoutAccountSchema(), accounts.open_account, who=principal.current(), **asked)


@funding.get("")
@permit("funding.read")
@funding.arguments(PageArgumentsSchema, location="query")
@funding.response(200, page_of(FundingSchema))
def list_fundings(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the payments that one may see, the latest first."""
    page = paging.page_of(**arguments)
    return paged(funding_queries.list_fundings(principal.current(), page))


@funding.post("")
@permit("funding.write")
@funding.doc(**REPEATABLE)
@funding.arguments(FundingRequestSchema)
@funding.response(202, FundingSchema)
def start_funding(asked: dict[str, Any]) -> Response:
    """Start paying in. A job opens the checkout page: read the payment again for its address."""
    return accept(FundingSchema(), funding_service.start_funding, who=principal.current(), **asked)


@funding.get("/<id(funding):funding_id>")
@permit("funding.read")
@funding.response(200, FundingSchema)
def get_funding(funding_id: UUID) -> Response:
    """Show one payment."""
    found = funding_queries.get_funding(principal.current(), funding_id)
    return jsonify(FundingSchema().dump(found))


@ledger.get("/accounts")
@permit("ledger.read")
@ledger.response(200, page_of(AccountSchema))
def list_accounts() -> ResponseReturnValue:
    """List the accounts that one may see with what stands on them; all on one page."""
    return {"data": ledger_queries.list_accounts(principal.current()), "next_cursor": None}
