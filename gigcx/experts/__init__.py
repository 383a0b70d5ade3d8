"""Experts and their applications to brands. Does not know tickets, knowledge or money."""
