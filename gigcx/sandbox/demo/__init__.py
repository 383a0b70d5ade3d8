"""A demo marketplace: two makers, their experts and customers, and sixty days of work.

Loaded through the services with a shifted clock, so that nothing in it could not have happened.
"""

from gigcx.sandbox.demo.loading import Login, Logins, load

__all__ = ["Login", "Logins", "load"]
