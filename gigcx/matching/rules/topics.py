"""What a text is about: a linear model over words and pieces of words, with honest confidence.

Learnt from a brand's own tickets. Nothing is stored but three arrays and the names of the topics,
so that a model is a plain file of numbers: it runs no code when it is read, and processes share it
by mapping it into memory.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import HashingVectorizer

EXAMPLES_MIN = 3
"""Tickets of a topic below which nothing is learnt about it."""
SURE_ENOUGH = 0.5
"""Confidence from which a topic is taken: below, unknown is the answer."""
TEXT_MAX = 5_000
"""Characters that are looked at."""
FOLDS = 5
COLUMNS = 2**18
REGULARITY = 1.0
_TEMPERATURES = np.geomspace(0.05, 2.0, 40)


@dataclass(frozen=True, slots=True)
class Guess:
    """A topic and how sure the model is of it, from 0 to 1."""

    topic: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TopicModel:
    """Weights of a linear model, one row a topic and one column a word or piece of a word."""

    topics: tuple[str, ...]
    columns: np.ndarray
    """Which of the hashed columns have a weight, ascending."""
    rarity: np.ndarray
    """How rare each of them is: the logarithm of the inverse share of texts that have it."""
    weights: np.ndarray
    """Topics by columns, and the intercepts in the last one."""
    temperature: float
    """By which scores are divided before they become shares."""


def fit_topics(texts: Sequence[str], topics: Sequence[str]) -> TopicModel | None:
    """R-matching-9: A topic is learnt from a brand's own tickets once there are at least three of
    it and two topics to tell apart; confidence is set so that it is right as often as it says.

    Return None if there is not enough to learn from.

    Source of the calibration: C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017
    (temperature scaling), on out-of-fold scores.
    """
    names, codes, counts = np.unique(np.asarray(topics), return_inverse=True, return_counts=True)
    kept = counts[codes] >= EXAMPLES_MIN
    if len(names[counts >= EXAMPLES_MIN]) < 2:  # noqa: PLR2004 - one topic teaches nothing
        return None
    counted = _features([text for text, keep in zip(texts, kept, strict=True) if keep])
    names, codes = np.unique(np.asarray(topics)[kept], return_inverse=True)
    columns = np.flatnonzero(np.asarray((counted != 0).sum(axis=0)).ravel() > 1)
    counted = counted[:, columns]
    seen = np.asarray(counted.sum(axis=0)).ravel()
    rarity = (np.log((1 + counted.shape[0]) / (1 + seen)) + 1).astype(np.float32)
    features = _weighed(counted, rarity)
    return TopicModel(
        topics=tuple(str(name) for name in names),
        columns=columns.astype(np.int32),
        rarity=rarity,
        weights=_learn(features, codes, len(names)).astype(np.float32),
        temperature=_temperature(features, codes, len(names)),
    )


def guess_topics(model: TopicModel, texts: Sequence[str]) -> list[Guess]:
    """R-matching-10: A text has the topic that the model finds likeliest, with a confidence; who
    decides by it takes it only from ``SURE_ENOUGH`` on.
    """
    shares = topic_shares(model, texts)
    best = shares.argmax(axis=1)
    return [Guess(model.topics[n], float(share[n])) for n, share in zip(best, shares, strict=True)]


def topic_shares(model: TopicModel, texts: Sequence[str]) -> np.ndarray:
    """R-matching-11: A model's confidences in one text sum to one over its topics.

    Return an array of texts by topics.
    """
    features = _weighed(_features(texts)[:, model.columns], model.rarity)
    scores = features @ model.weights[:, :-1].T + model.weights[:, -1]
    return _shares(np.asarray(scores), model.temperature)


def pack_model(model: TopicModel) -> bytes:
    """R-matching-12: A stored model is numbers and names, never code."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        topics=np.asarray(model.topics),
        columns=model.columns,
        rarity=model.rarity,
        weights=model.weights.astype(np.float16),
        temperature=np.float64(model.temperature),
    )
    return file.getvalue()


def unpack_model(packed: bytes) -> TopicModel:
    """R-matching-13: A stored model that holds anything but numbers and names is not read.

    :raises ValueError: if it is not one of ours.
    """
    with np.load(io.BytesIO(packed), allow_pickle=False) as file:
        return TopicModel(
            topics=tuple(str(name) for name in file["topics"]),
            columns=file["columns"],
            rarity=file["rarity"],
            weights=file["weights"].astype(np.float32),
            temperature=float(file["temperature"]),
        )


# The libraries take a second to import: only processes that read a text pay for it.


@cache
def _vectorizers() -> "tuple[HashingVectorizer, HashingVectorizer]":
    from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415

    counts = {"n_features": COLUMNS, "alternate_sign": False, "norm": None, "binary": True}
    return (
        HashingVectorizer(ngram_range=(1, 2), **counts),
        HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), **counts),
    )


def _features(texts: Sequence[str]) -> "csr_matrix":
    from scipy.sparse import hstack  # noqa: PLC0415

    words, pieces = _vectorizers()
    cut = [text[:TEXT_MAX] for text in texts]
    return hstack([words.transform(cut), pieces.transform(cut)], format="csr")


def _weighed(counted: "csr_matrix", rarity: np.ndarray) -> "csr_matrix":
    """Weigh columns by rarity, and make each text a unit vector."""
    weighed = counted.multiply(rarity).tocsr()
    lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1.0
    return weighed.multiply(1 / lengths[:, None]).tocsr()


def _learn(features: "csr_matrix", codes: np.ndarray, count: int) -> np.ndarray:
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    learner = LinearSVC(C=REGULARITY).fit(features, codes)
    weights = np.hstack([learner.coef_, learner.intercept_[:, None]])
    if count == 2:  # noqa: PLR2004 - the library keeps one row for two classes
        weights = np.vstack([-weights, weights])
    return weights


def _temperature(features: "csr_matrix", codes: np.ndarray, count: int) -> float:
    """Return the temperature at which out-of-fold shares explain the topics best."""
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415

    folds = StratifiedKFold(min(FOLDS, int(np.bincount(codes).min())), shuffle=True, random_state=1)
    scores = np.zeros((features.shape[0], count))
    for learnt, held_out in folds.split(features, codes):
        weights = _learn(features[learnt], codes[learnt], count)
        scores[held_out] = features[held_out] @ weights[:, :-1].T + weights[:, -1]
    rows = np.arange(len(codes))
    losses = [
        -np.log(np.maximum(_shares(scores, temperature)[rows, codes], 1e-12)).mean()
        for temperature in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _shares(scores: np.ndarray, temperature: float) -> np.ndarray:
    raised = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    shares: np.ndarray = raised / raised.sum(axis=1, keepdims=True)
    return shares
