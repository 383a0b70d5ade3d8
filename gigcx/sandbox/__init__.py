"""The outside world on a laptop: embedded servers, a stand-in Stripe, a mailbox, a demo."""
