"""One step of rollout's recursion, for who has the layers all together or one by one."""

from jaxtyping import Float

from vitexplain.arrays import Array


def advanced(
    rolled: Float[Array, "*batch token token"] | None, layer: Float[Array, "*batch token token"]
) -> Float[Array, "*batch token token"]:
    """Return A_l Ã_(l-1); of the first layer, whose Ã_(l-1) is None, A_l alone.

    Raises:
        ValueError: the layers have different shapes.
    """
    if rolled is None:
        return layer
    if layer.shape != rolled.shape:
        raise ValueError(
            "every layer must have the same batch and tokens, "
            f"got {tuple(rolled.shape)} and {tuple(layer.shape)}; windows that merge are for "
            "vitexplain.reading.stage_rollout"
        )
    return layer @ rolled
