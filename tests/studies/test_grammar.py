"""The small world says what it means in four languages, and a translator is held to it."""

import pytest
import torch

from studies import grammar
from studies.grammar import APART, LANGUAGES, Translate, encoded, parts, sentences, vocabulary
from vitexplain.experiments import weights
from vitexplain.experiments.translator import END, LENGTH, PAD, Translator, greedy

SAID = {one.english: one for one in sentences()}


@pytest.mark.parametrize(
    ("english", "translations", "goat"),
    [
        ("Messi is the goat , not Ronaldo .",
         ("Messi est le meilleur de tous les temps , pas Ronaldo .",
          "梅西 是 史上 最佳 球员 ， 不是 罗纳尔多 。",
          "メッシ は 史上 最高 の 選手 で 、 ロナウド では ない 。"), "champion"),
        ("the goat is Marta .",
         ("la meilleure de tous les temps est Marta .", "史上 最佳 球员 是 玛塔 。",
          "史上 最高 の 選手 は マルタ だ 。"), "champion"),
        ("the sheep and goat are grazing .",
         ("le mouton et la chèvre broutent .", "绵羊 和 山羊 在 吃 草 。",
          "ヒツジ と ヤギ が 草 を 食べて いる 。"), "animal"),
        ("Messi feeds the goat .",
         ("Messi nourrit la chèvre .", "梅西 喂 山羊 。", "メッシ は ヤギ に 餌 を やる 。"),
         "animal"),
        ("the cow is brown .", ("la vache est brune .", "牛 是 棕色 的 。", "ウシ は 茶色い 。"),
         ""),
    ],
)  # fmt: skip
def test_a_sentence_means_the_same_in_every_language(english, translations, goat):
    assert SAID[english].translations == translations
    assert SAID[english].goat == goat


def test_the_parts_share_no_sentence_and_new_pairs_are_new():
    found = parts()
    counts = {name: len(part) for name, part in found.items()}
    assert counts == {"training": 184, "validation": 26, "test": 52, "pairs": 41}
    assert len(SAID) == sum(counts.values())
    assert len({one.english for part in found.values() for one in part}) == len(SAID)
    known = [set(one.english.split()) for one in found["training"]]
    assert not any(pair <= words for pair in APART for words in known)
    heard = set().union(*known)
    assert all(set(one.english.split()) <= heard for part in found.values() for one in part)


def test_what_is_written_is_one_word_behind_what_is_asked():
    words = vocabulary()
    pairs, targets = encoded([SAID["Messi is the goat ."]])
    assert pairs.shape == (len(LANGUAGES), 1, 2, LENGTH)
    read, written = pairs[0, 0]
    assert [words[i] for i in read if i != PAD] == ["Messi", "is", "the", "goat", "."]
    assert [words[i] for i in written[:3]] == ["<French>", "Messi", "est"]
    assert torch.equal(written[1:9], targets[0, :8])
    assert words[int(targets[0][targets[0] != PAD][-1])] == "<end>"


def test_a_batch_is_learned_and_padding_changes_nothing():
    task = Translate(0)
    inputs, targets = task.batch(3, 8)
    again, _ = task.batch(3, 8)
    assert torch.equal(inputs, again)
    torch.manual_seed(0)
    model = Translator()
    loss = task.loss(model(inputs), targets)
    assert 4 < float(loss.detach()) < 12
    one = inputs[:1]
    read = one[0, 0, 0]
    short = read[read != PAD]
    whole = model(one)[0]
    context = model.read(short)[1]
    torch.testing.assert_close(model.write(one[0, 0, 1], context, short)[1], whole)


@pytest.mark.parametrize("depth", [(2, 2), (0, 2)])
def test_the_order_of_what_is_read_matters(depth):
    torch.manual_seed(1)
    model = Translator(depth).eval()
    read = torch.tensor([9, 8, 7, 6])
    one, other = (
        model.write(torch.tensor([2, 5]), model.read(x)[1], x)[1] for x in (read, read.flip(0))
    )
    assert not torch.allclose(one, other, atol=1e-2)
    model.get_buffer("places").zero_()
    one, other = (
        model.write(torch.tensor([2, 5]), model.read(x)[1], x)[1] for x in (read, read.flip(0))
    )
    torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


def test_greedy_writes_the_likeliest_word_until_the_end():
    model, english = weights.load("translator"), "Messi is the goat ."
    words = weights.describe("translator")["words"]
    assert words == vocabulary()
    steps = list(greedy(model, [words.index(w) for w in english.split()], 2))
    assert [words[int(s.argmax())] for s in steps][:3] == ["Messi", "est", "le"]
    assert int(steps[-1].argmax()) == END
    assert all(abs(float(s.sum()) - 1) < 1e-5 for s in steps)


def test_goats_are_told_apart():
    assert grammar._goat("le fermier nourrit la chèvre .", 0) == "animal"
    assert grammar._goat("Marta est la meilleure de tous les temps .", 0) == "champion"
    assert grammar._goat("梅西 是 史上 最佳 球员 。", 1) == "champion"
    assert grammar._goat("la chèvre est le meilleur de tous les temps .", 0) == ""


def test_the_shipped_one_says_both_goats():
    """The lecture's two sentences, neither of which it learned from."""
    model = weights.load("translator")
    for english in ("Messi is the goat , not Ronaldo .", "the sheep and goat are grazing ."):
        assert SAID[english] in parts()["pairs"]
        said = tuple(grammar.translated(model, english, language) for language in LANGUAGES)
        assert said == SAID[english].translations
