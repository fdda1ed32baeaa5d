"""A BERT read by our functions against Hugging Face's; what is kept of the trained one."""

import json

import numpy as np
import pytest
import torch

from studies.minilm import GOATS, SENTENCES, SUM, load, read, renamed, taken, word_pieces
from vitexplain.arrays import as_numpy
from vitexplain.experiments import trained_goat
from vitexplain.explorer.packed import unpack

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "mess",
    "##i",
    "m",
    "##e",
    "is",
    "the",
    "goat",
    ",",
    ".",
]
VOCABULARY = {piece: i for i, piece in enumerate(PIECES)}
SENTENCE = "Messi is the goat, me."


@pytest.fixture(scope="module")
def peer():
    """A small BERT with random weights, none of them 0 or 1."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(PIECES), hidden_size=24, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=40, max_position_embeddings=16, layer_norm_eps=1e-12,
    )  # fmt: skip
    model = BertModel._from_config(config, attn_implementation="eager").eval()
    for name, parameter in model.named_parameters():
        spread = 0.3 if parameter.ndim > 1 else 0.1
        one = "LayerNorm" in name and name.endswith("weight")
        parameter.data = spread * torch.randn_like(parameter) + one
    return model


def test_pieces_are_berts(tmp_path):
    from transformers import BertTokenizer

    (tmp_path / "vocab.txt").write_text("\n".join(PIECES))
    theirs = BertTokenizer(str(tmp_path / "vocab.txt"))
    ids = theirs(SENTENCE)["input_ids"]
    assert word_pieces(SENTENCE, VOCABULARY) == theirs.convert_ids_to_tokens(ids)
    assert word_pieces("me", VOCABULARY) == ["[CLS]", "m", "##e", "[SEP]"]
    with pytest.raises(ValueError, match="no piece for 'x'"):
        word_pieces("mex", VOCABULARY)


@torch.no_grad()
def test_every_layer_and_head_equals_hugging_faces(peer):
    state = {name: as_numpy(x) for name, x in peer.state_dict().items()}
    found = read(state, VOCABULARY, SENTENCE, heads=4)
    ids = torch.tensor([[VOCABULARY[piece] for piece in found.pieces]])
    right = peer(ids, output_hidden_states=True, output_attentions=True)
    for ours, theirs in zip(found.states, right.hidden_states, strict=True):
        np.testing.assert_allclose(ours, theirs[0], atol=1e-5)
    for block, theirs in zip(found.blocks, right.attentions, strict=True):
        np.testing.assert_allclose(block.attention.attention.weights, theirs[0], atol=1e-5)
    assert np.abs(found.states[-1] - found.states[-2]).max() > 0.1

    shares = taken(found, renamed(state), 4)
    assert shares.shape == (3, len(found.pieces))
    attention = found.blocks[1].attention.attention
    w_o = state["encoder.layer.1.attention.output.dense.weight"]
    parts = [
        w_o @ (attention.weights[:, 4, j, None] * attention.value[:, j]).ravel()
        for j in range(len(found.pieces))
    ]
    lengths = np.linalg.norm(parts, axis=1)
    np.testing.assert_allclose(shares[1], lengths / lengths.sum(), atol=1e-6)


def test_other_weights_are_refused(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"another model")
    with pytest.raises(ValueError, match=f"must have the sha256 {SUM}, got "):
        load(tmp_path)


def test_what_is_kept_is_whole_and_small():
    goats, about = trained_goat.goats(), trained_goat.about()
    assert [goat.sentence for goat in goats] == [*GOATS["animal"], *GOATS["champion"]]
    assert tuple(trained_goat.sentences()) == SENTENCES
    assert about["sha256"] == SUM
    assert trained_goat.PATH.stat().st_size < 150_000
    for goat in goats:
        count = len(goat.pieces)
        assert goat.pieces[goat.place] == "goat"
        assert (goat.pieces[0], goat.pieces[-1]) == ("[CLS]", "[SEP]")
        weights = unpack(goat.levels, goat.tops)
        assert weights.shape == (6, 12, count, count)
        np.testing.assert_allclose(weights.sum(-1), 1, atol=0.01)
        assert goat.states.shape == (7, 384)
        np.testing.assert_allclose(goat.taken.sum(-1), 1, atol=2e-3)
    assert json.dumps(about)


def cosine(a, b):
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_the_lectures_goats_as_hugging_face_computes_them():
    """The published weights in transformers 5.23, eager attention, gave these to three decimals."""
    goats = {goat.sentence: goat for goat in trained_goat.goats()}
    sheep = goats["The sheep and goat are grazing."]
    messi = goats["Messi is the goat, not Ronaldo."]
    grass, best = trained_goat.sentences().values()
    assert [round(cosine(x.states[-1], grass), 3) for x in (sheep, messi)] == [0.55, 0.203]
    assert [round(cosine(x.states[-1], best), 3) for x in (sheep, messi)] == [0.053, 0.166]
    drift = [cosine(*pair) for pair in zip(sheep.states, messi.states, strict=True)]
    right = [0.986, 0.924, 0.909, 0.818, 0.808, 0.848, 0.698]
    np.testing.assert_allclose(drift, right, atol=1e-3)
    first = unpack(messi.levels, messi.tops)[:, :, messi.place, 0].mean(1)
    np.testing.assert_allclose(first, [0.294, 0.712, 0.715, 0.682, 0.838, 0.489], atol=4e-3)
