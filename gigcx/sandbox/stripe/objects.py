"""What people do at Stripe: they answer its questions, and pay."""

from gigcx.sandbox.stripe.accounts import complete_account
from gigcx.sandbox.stripe.checkout import pay_checkout

__all__ = ["complete_account", "pay_checkout"]
