"""Numbers that papers state in a sentence, most of them in the abstract."""

from vitexplain.facts.published.number import number

QUOTED = {
    "conv stem, least": number(1, "points of ImageNet top-1", "conv-stem", "abstract"),
    "conv stem, most": number(2, "points of ImageNet top-1", "conv-stem", "abstract"),
    "LeViT": number(5, "times an EfficientNet's speed, CPU, at 80% top-1", "levit", "abstract"),
    "ViT's pre-training, least": number(2, "times less compute than ResNets", "vit", "section 4.4"),
    "ViT's pre-training, most": number(4, "times less compute than ResNets", "vit", "section 4.4"),
    "covered": number(80, "% of the image covered", "intriguing", "abstract"),
    "right when covered": number(60, "% top-1 on ImageNet, at most", "intriguing", "abstract"),
    "Transformer": number(41.8, "BLEU, English to French", "attention", "abstract and Table 2"),
    "Transformer, in the text": number(41.0, "BLEU, likewise", "attention", "section 6.1"),
}
"""What a stem of convolutions gains, what LeViT saves, how much a trained ViT can miss; BLEU."""
