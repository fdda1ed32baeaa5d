"""A small encoder and decoder that translate, and how one is asked, word by word."""

import math
from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from vitexplain.positions import sinusoidal_1d
from vitexplain.transformer import PostNormBlock, causal_mask, post_norm

LENGTH = 14  # places for words of a sentence
PAD, END = 0, 1  # the first of the words: nothing, and the end of a sentence
WORDS = 192  # of all languages, at most
DIM, HEADS, MLP = 48, 4, 96


class Translator(nn.Module):
    """The Transformer of Vaswani et al. 2017 in miniature, one table of words for every use.

    Torch's layers hold the parameters and nothing more: `post_norm` computes, so that it can be
    looked at. `depth` counts the encoder's blocks, which may be none, and the decoder's.
    """

    def __init__(self, depth: tuple[int, int] = (2, 2)) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, DIM)
        nn.init.normal_(self.words.weight, std=DIM**-0.5)
        one, other = nn.TransformerEncoderLayer, nn.TransformerDecoderLayer
        for name, kind, count in zip(("encoder", "decoder"), (one, other), depth, strict=True):
            layers = nn.ModuleList(kind(DIM, HEADS, MLP) for _ in range(count))
            self.add_module(name, nn.ModuleDict({"layers": layers}))
        places = torch.as_tensor(sinusoidal_1d(LENGTH, DIM), dtype=torch.float32)
        self.register_buffer("places", places, persistent=False)

    def read(self, source: Int[Tensor, "*batch word"]) -> tuple[list[PostNormBlock], Tensor]:
        """Return the encoder's blocks and its last tokens; without blocks the words themselves."""
        x = self._embed(source)
        if not list(self.get_submodule("encoder.layers").children()):
            return [], x
        mask = self._seen(source)
        params = dict(self.named_parameters())
        blocks = list(post_norm(params, "encoder", x, heads=HEADS, mask=mask))
        return blocks, blocks[-1].output

    def write(
        self, written: Int[Tensor, "*batch word"], context: Tensor, source: Tensor
    ) -> tuple[list[PostNormBlock], Float[Tensor, "*batch word next"]]:
        """Return the decoder's blocks, and for each place the logits of the word that follows."""
        mask = torch.as_tensor(causal_mask(written.shape[-1]), device=written.device)
        blocks = list(
            post_norm(
                dict(self.named_parameters()), "decoder", self._embed(written), heads=HEADS,
                mask=mask, context=context, context_mask=self._seen(source),
            )
        )  # fmt: skip
        return blocks, blocks[-1].output @ self.words.weight.T

    def forward(self, pair: Tensor) -> Tensor:
        """Return logits, (batch, word, next), of what is read and written, (batch, 1, 2, word)."""
        source, written = pair.long()[:, 0].unbind(1)
        return self.write(written, self.read(source)[1], source)[1]

    def _embed(self, words: Tensor) -> Tensor:
        return math.sqrt(DIM) * self.words(words) + self.get_buffer("places")[: words.shape[-1]]

    def _seen(self, words: Tensor) -> Tensor:
        """Return which words are any, (…, 1, 1, word); the first always is."""
        return torch.cat([words[..., :1] >= 0, words[..., 1:] != PAD], -1)[..., None, None, :]


@torch.no_grad()
def greedy(model: Translator, source: Sequence[int], language: int) -> Iterator[Tensor]:
    """Yield the chances of each next word, the likeliest of which is written, up to the end."""
    read, written = torch.tensor(source), [language]
    context = model.read(read)[1]
    while written[-1] != END and len(written) < LENGTH:
        chances = model.write(torch.tensor(written), context, read)[1][-1].softmax(-1)
        written.append(int(chances.argmax()))
        yield chances
