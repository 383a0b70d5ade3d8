"""The words for what customers did elsewhere."""

import enum


class Resolver(enum.StrEnum):
    """Who answered. The words are those of the routes, and one for whoever else it was."""

    EXPERT = "expert"
    IN_HOUSE = "in_house"
    BOT = "bot"
    OTHER = "other"


class ContactStatus(enum.StrEnum):
    """How a contact ended."""

    SOLVED = "solved"
    UNSOLVED = "unsolved"
    ABANDONED = "abandoned"
