"""What is read from a text, against real sentences and against whatever may be written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigcx.matching.rules.danger import recognize_dangers
from gigcx.matching.rules.reading import Intention, complexity_of, intention_of, read_text
from gigcx.matching.rules.topics import (
    fit_topics,
    guess_topics,
    pack_model,
    topic_shares,
    unpack_model,
)

DANGERS = [
    ("injury", "I got an electric shock from the plug."),
    ("injury", "Mein Sohn hat sich verbrüht."),
    ("fire", "La machine a pris feu hier soir."),
    ("fire", "The charger caught fire."),
    ("battery", "There is a swollen battery in my vacuum."),
    ("battery", "Der Akku ist aufgebläht."),
    ("fraud", "I was scammed by somebody who used your name."),
    ("fraud", "È una truffa!"),
    ("account_takeover", "Someone hacked my account."),
    ("account_takeover", "Mein Konto wurde gehackt."),
    ("self_harm", "I want to die."),
    ("self_harm", "No puedo más, quiero quitarme la vida."),
    ("legal_threat", "You will hear from my lawyer."),
    ("legal_threat", "Je vais porter plainte."),
    ("press", "I am a journalist and have a question."),
    ("press", "Vado alla stampa."),
    ("minor", "I am only 12 years old, can I order this?"),
    ("minor", "J'ai 11 ans."),
]
HARMLESS = [
    "The fire button of the remote does not work.",
    "My order has not arrived.",
    "It did not catch fire, it just stopped.",
    "I am 35 years old and new to coffee.",
    "Which battery should I buy?",
    "Nobody was injured, I only want to know how to clean it.",
]
TEXTS = [f"send parcel {n} back" for n in range(6)] + [f"pump {n} is broken" for n in range(6)]
TOPICS = ["returns"] * 6 + ["repairs"] * 6


class TestDanger:
    @pytest.mark.parametrize(("danger", "text"), DANGERS)
    def test_is_recognized_in_five_languages(self, danger, text):
        assert danger in [sign.danger for sign in recognize_dangers(text)]

    @pytest.mark.parametrize("text", HARMLESS)
    def test_is_not_seen_where_there_is_none(self, text):
        assert recognize_dangers(text) == ()

    @given(st.text(max_size=400))
    def test_is_looked_for_in_any_text(self, text):
        assert all(sign.words in text for sign in recognize_dangers(text))


class TestReading:
    @given(st.text(max_size=400))
    def test_reads_any_text(self, text):
        read = read_text(text, fallback="en", among=("en", "de"))

        assert read.language in {"en", "de"}
        assert (read.urgency in {0, 1, 2}, read.complexity in {1, 2, 3}) == (True, True)

    @pytest.mark.parametrize("text", ["", "?", "😀😀😀", "\x00", "a" * 100_000])
    def test_takes_the_queue_language_where_a_text_shows_none(self, text):
        assert read_text(text, fallback="fr", among=("en", "fr")).language == "fr"

    def test_tells_who_is_in_crisis_from_who_wants_to_buy(self):
        assert intention_of("This is unacceptable, the third time!") is Intention.NEGATIVE
        assert intention_of("Which model would you recommend?") is Intention.POSITIVE
        assert intention_of("How do I change the filter?") is Intention.NEUTRAL

    def test_finds_a_long_text_with_error_codes_harder(self):
        assert complexity_of("It shows error code 0x4F after firmware 2.1.3. " * 40) == 3
        assert complexity_of("How do I change the filter?") == 1


class TestTopics:
    def test_of_a_packed_model_are_those_of_the_model(self):
        model = fit_topics(TEXTS, TOPICS)

        again = unpack_model(pack_model(model))

        np.testing.assert_allclose(
            topic_shares(again, TEXTS), topic_shares(model, TEXTS), atol=0.01
        )

    def test_are_guessed_with_confidences_that_sum_to_one(self):
        model = fit_topics(TEXTS, TOPICS)

        guesses = guess_topics(model, ["the pump"])

        assert guesses[0].topic == "repairs"
        assert sum(guess.confidence for guess in guesses) == pytest.approx(1)

    @pytest.mark.parametrize("text", ["", "😀", "\x00", "<script>", "ß" * 100_000])
    def test_of_any_text_are_guessed(self, text):
        assert len(guess_topics(fit_topics(TEXTS, TOPICS), [text])) == 1

    @pytest.mark.parametrize(
        ("texts", "topics"), [([], []), (["one"], ["a"]), (["one"] * 9, ["a"] * 9)]
    )
    def test_are_not_learnt_from_too_little(self, texts, topics):
        assert fit_topics(texts, topics) is None
