"""Sentences of a small world with a goat in it, in four languages, and their translation as a task.

"The goat" is a farm animal or the greatest of all time, and only its company says which. A word
here is what stands between two spaces. Chinese and Japanese say what is meant, not letter by
letter: shānyáng and yagi are the animal, "the best player in history" is the other.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from vitexplain.arrays import unchecked
from vitexplain.experiments.tasks import Task, generator_of
from vitexplain.experiments.translator import END, LENGTH, PAD, WORDS, Translator, greedy

LANGUAGES = ("French", "Chinese", "Japanese")
Words = tuple[str, ...]  # in French (masculine, where it has two), Chinese, Japanese

PEOPLE: dict[str, Words] = {
    "Messi": ("Messi", "梅西", "メッシ"), "Ronaldo": ("Ronaldo", "罗纳尔多", "ロナウド"),
    "Neymar": ("Neymar", "内马尔", "ネイマール"), "Pelé": ("Pelé", "贝利", "ペレ"),
    "Mbappé": ("Mbappé", "姆巴佩", "エムバペ"), "Marta": ("Marta", "玛塔", "マルタ"),
    "Alexia": ("Alexia", "亚历克西娅", "アレクシア"),
}  # fmt: skip
KEEPERS: dict[str, Words] = {
    "the farmer": ("le fermier", "农民", "農家"), "the girl": ("la fille", "女孩", "少女"),
}  # fmt: skip
ANIMALS: dict[str, Words] = {
    "sheep": ("le mouton", "绵羊", "ヒツジ"), "goat": ("la chèvre", "山羊", "ヤギ"),
    "cow": ("la vache", "牛", "ウシ"), "horse": ("le cheval", "马", "ウマ"),
    "rabbit": ("le lapin", "兔子", "ウサギ"),
}  # fmt: skip
ROLES: dict[str, Words] = {
    "goat": ("le meilleur de tous les temps", "史上 最佳 球员", "史上 最高 の 選手"),
    "captain": ("le capitaine", "队长", "主将"), "champion": ("le champion", "冠军", "王者"),
}  # fmt: skip
FOODS: dict[str, Words] = {
    "grass": ("de l'herbe", "草", "草"), "hay": ("du foin", "干草", "干し草"),
    "leaves": ("des feuilles", "树叶", "葉"),
}  # fmt: skip
COLOURS: dict[str, Words] = {
    "white": ("blanc", "白色", "白い"), "black": ("noir", "黑色", "黒い"),
    "brown": ("brun", "棕色", "茶色い"),
}  # fmt: skip
SHE = {"Marta", "Alexia", "goat", "cow"}  # whose French is feminine
FEMININE = {"le meilleur de tous les temps": "la meilleure de tous les temps",
            "le capitaine": "la capitaine", "le champion": "la championne",
            "blanc": "blanche", "noir": "noire", "brun": "brune"}  # fmt: skip

TEMPLATES: tuple[tuple[str, str, str, str, tuple[Mapping[str, Words], ...]], ...] = (
    ("{0} is the {2} , not {1} .", "{0} est {2} , pas {1} .", "{0} 是 {2} ， 不是 {1} 。",
     "{0} は {2} で 、 {1} では ない 。", (PEOPLE, PEOPLE, ROLES)),
    ("{0} is the {1} .", "{0} est {1} .", "{0} 是 {1} 。", "{0} は {1} だ 。", (PEOPLE, ROLES)),
    ("the {1} is {0} .", "{1} est {0} .", "{1} 是 {0} 。", "{1} は {0} だ 。", (PEOPLE, ROLES)),
    ("the {0} scores a goal .", "{0} marque un but .", "{0} 进 了 一 球 。",
     "{0} が ゴール を 決める 。", (ROLES,)),
    ("{0} scores a goal .", "{0} marque un but .", "{0} 进 了 一 球 。",
     "{0} が ゴール を 決める 。", (PEOPLE,)),
    ("the {0} wins the cup .", "{0} gagne la coupe .", "{0} 赢得 奖杯 。",
     "{0} が 優勝杯 を 勝ち取る 。", (ROLES,)),
    ("{0} wins the cup .", "{0} gagne la coupe .", "{0} 赢得 奖杯 。",
     "{0} が 優勝杯 を 勝ち取る 。", (PEOPLE,)),
    ("the fans love the {0} .", "les supporters adorent {0} .", "球迷 喜爱 {0} 。",
     "ファン は {0} を 愛する 。", (ROLES,)),
    ("the fans love {0} .", "les supporters adorent {0} .", "球迷 喜爱 {0} 。",
     "ファン は {0} を 愛する 。", (PEOPLE,)),
    ("{0} loves the {1} .", "{0} adore {1} .", "{0} 喜爱 {1} 。", "{0} は {1} を 愛する 。",
     (KEEPERS, ANIMALS)),
    ("{0} feeds the {1} .", "{0} nourrit {1} .", "{0} 喂 {1} 。", "{0} は {1} に 餌 を やる 。",
     ({**PEOPLE, **KEEPERS}, ANIMALS)),
    ("the {0} and {1} are grazing .", "{0} et {1} broutent .", "{0} 和 {1} 在 吃 草 。",
     "{0} と {1} が 草 を 食べて いる 。", (ANIMALS, ANIMALS)),
    ("the {0} eats {1} .", "{0} mange {1} .", "{0} 吃 {1} 。", "{0} は {1} を 食べる 。",
     (ANIMALS, FOODS)),
    ("the {0} is {1} .", "{0} est {1} .", "{0} 是 {1} 的 。", "{0} は {1} 。",
     (ANIMALS, COLOURS)),
)  # fmt: skip
APART = (  # words that no sentence of the training has together
    {"Messi", "Ronaldo"}, {"sheep", "goat"}, {"Mbappé", "goat"}, {"Marta", "captain"},
    {"rabbit", "leaves"}, {"girl", "horse"}, {"cow", "brown"},
)  # fmt: skip
PARTS = {"validation": 0.1, "test": 0.2}  # of the sentences that have none of these pairs


@dataclass(frozen=True)
class Sentence:
    """One sentence, its translations, and whether its goat, if it has one, is an animal."""

    english: str
    translations: Words
    goat: str = ""  # "animal" or "champion"


def sentences() -> Iterator[Sentence]:
    """Yield every sentence of the small world."""
    for english, *others, kinds in TEMPLATES:
        names = [list(kind) for kind in kinds]
        twice = len(kinds) > 1 and kinds[0] is kinds[1]
        firsts = permutations(names[0], 2) if twice else ((name,) for name in names[0])
        for chosen in ((*a, *b) for a, b in product(firsts, product(*names[1 + twice :]))):
            meant = [kind[name] for kind, name in zip(kinds, chosen, strict=True)]
            french = [
                _french(kind, name, chosen[0]) for kind, name in zip(kinds, chosen, strict=True)
            ]
            filled = [french, *zip(*(words[1:] for words in meant), strict=True)]
            told = tuple(t.format(*w) for t, w in zip(others, filled, strict=True))
            animal = any(
                kind is ANIMALS and name == "goat" for kind, name in zip(kinds, chosen, strict=True)
            )
            goat = ("animal" if animal else "champion") if "goat" in chosen else ""
            yield Sentence(english.format(*chosen), told, goat)


def _french(kind: Mapping[str, Words], name: str, subject: str) -> str:
    """Return a word in the gender of the sentence's subject, where it follows that."""
    word = kind[name][0]
    follows = (kind is ROLES and subject in PEOPLE) or kind is COLOURS
    return FEMININE[word] if follows and subject in SHE else word


def parts() -> dict[str, list[Sentence]]:
    """Return the sentences by what they are for: training, validation, test, and new pairs."""
    found: dict[str, list[Sentence]] = {"training": [], **{name: [] for name in PARTS}, "pairs": []}
    rest = []
    for one in sentences():
        words = set(one.english.split())
        (found["pairs"] if any(pair <= words for pair in APART) else rest).append(one)
    order = torch.randperm(len(rest), generator=generator_of(0, 0)).tolist()
    first = 0
    for name, share in PARTS.items():
        last = first + round(share * len(rest))
        found[name] = [rest[i] for i in order[first:last]]
        first = last
    found["training"] = [rest[i] for i in order[first:]]
    return found


def vocabulary() -> list[str]:
    """Return all words: nothing, the end, a word for each language, then in order of appearance.

    Raises:
        ValueError: there are more than the model has room for.
    """
    words = dict.fromkeys(["", "<end>", *(f"<{language}>" for language in LANGUAGES)])
    for one in sentences():
        words |= dict.fromkeys(" ".join([one.english, *one.translations]).split())
    if len(words) > WORDS:
        raise ValueError(f"a translator has room for {WORDS} words, got {len(words)}")
    return list(words)


class Translate(Task):
    """Say the next word of a translation, at every place of it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.pairs, self.targets = encoded(parts()["training"])

    def ask(self, size, generator, step):
        chosen = torch.randint(len(self.pairs), (size,), generator=generator)
        return self.pairs[chosen], self.targets[chosen]

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(outputs.flatten(0, 1), targets.flatten(), ignore_index=PAD)


def encoded(some: list[Sentence]) -> tuple[Tensor, Tensor]:
    """Return what is read and written, (sentence, 1, 2, word), and the words that follow."""
    numbers = {word: i for i, word in enumerate(vocabulary())}

    def padded(words: list[str]) -> list[int]:
        return [numbers[word] for word in words] + [PAD] * (LENGTH - len(words))

    pairs, targets = [], []
    for one, i in product(some, range(len(LANGUAGES))):
        words = one.translations[i].split()
        written = padded([f"<{LANGUAGES[i]}>", *words])
        pairs.append([[padded(one.english.split()), written]])
        targets.append(padded([*words, "<end>"]))
    return torch.tensor(pairs), torch.tensor(targets)


def translated(model: Translator, english: str, language: str) -> str:
    """Return the model's translation, the likeliest word each time."""
    words = vocabulary()
    source = [words.index(word) for word in english.split()]
    with unchecked():
        steps = greedy(model, source, words.index(f"<{language}>"))
        found = [int(chances.argmax()) for chances in steps]
    return " ".join(words[i] for i in found if i != END)


def measure(model: Translator, *, judged: tuple[str, ...] = ("test", "pairs")) -> dict[str, Any]:
    """Return the share of held-out translations that are right to the last word, and their goats.

    Of a sentence with a goat it also counts whether the goat is the right one, whatever else is.
    """
    found: dict[str, Any] = {}
    mistakes = []
    for name in judged:
        part = parts()[name]
        right: dict[str, list[bool]] = {language: [] for language in LANGUAGES}
        goats = []
        for one, (i, language) in product(part, enumerate(LANGUAGES)):
            said = translated(model, one.english, language)
            right[language].append(said == one.translations[i])
            if one.goat:
                goats.append(_goat(said, i) == one.goat)
            if said != one.translations[i]:
                mistakes.append([name, one.english, language, said])
        found[name] = sum(map(sum, right.values())) / (len(LANGUAGES) * len(part))
        found |= {f"{name}, {k}": sum(v) / len(v) for k, v in right.items()}
        found[f"{name}, goat"] = sum(goats) / len(goats)
    return found | {"mistakes": mistakes}


def _goat(said: str, language: int) -> str:
    """Return which goat a translation speaks of, if it is one alone."""
    animal = ANIMALS["goat"][language].split()[-1] in said.split()
    champion = bool(re.search(("meilleure? de tous", "史上 最佳", "史上 最高")[language], said))
    return {(True, False): "animal", (False, True): "champion"}.get((animal, champion), "")
