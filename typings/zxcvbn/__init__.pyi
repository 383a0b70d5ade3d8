from collections.abc import Sequence
from typing import TypedDict

class Result(TypedDict):
    score: int
    guesses: int

def zxcvbn(password: str, user_inputs: Sequence[str] = ..., max_length: int = ...) -> Result: ...
