"""The lecture's sentences: one axis order, read-only."""

import numpy as np
import pytest

from vitexplain import tokens

SENTENCES = [tokens.GOAT_ANIMAL, tokens.GOAT_FOOTBALLER, tokens.MESSI, tokens.SIMILARITY]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_word_has_two_numbers_on_the_same_axes(sentence):
    assert sentence.embeddings.shape == (len(sentence.words), 2)
    assert sentence.embeddings.dtype == np.float64
    assert sentence.axes == ("animal", "footballer")


def test_the_axes_mean_the_same_in_every_example():
    animal, footballer = 0, 1
    for sentence, word, larger in [
        (tokens.GOAT_ANIMAL, "sheep", animal),
        (tokens.GOAT_FOOTBALLER, "Messi", footballer),
        (tokens.MESSI, "Messi", footballer),
        (tokens.MESSI, "Ronaldo", footballer),
        (tokens.SIMILARITY, "dog", animal),
        (tokens.SIMILARITY, "footballer", footballer),
    ]:
        assert sentence.embeddings[sentence.words.index(word)].argmax() == larger


def test_goat_starts_undecided_and_the_same_in_both_sentences():
    vectors = [
        s.embeddings[s.words.index("goat")] for s in (tokens.GOAT_ANIMAL, tokens.GOAT_FOOTBALLER)
    ]
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert vectors[0][0] == vectors[0][1]


def test_examples_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        tokens.MESSI.embeddings[0, 0] = 9
