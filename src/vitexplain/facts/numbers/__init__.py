"""The one table of numbers that the words of `facts` may name: each has one name and one function.

`value("far")` computes or reads it anew. Words name a number in a slot, `{far[vit]:%}`; a
condition names it in an expression, `far['vit'].low > 0.9` (see `vitexplain.facts.words`).
"""

from vitexplain.facts.numbers.table import names, ours, value

__all__ = ["names", "ours", "value"]
