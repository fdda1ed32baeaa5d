"""Why nothing was captured, and what to do about it."""

from torch import nn

from vitexplain.capture.choice import Choice
from vitexplain.capture.maps import Ignored, listed
from vitexplain.capture.running import Running


def why_nothing(
    model: nn.Module,
    running: Running,
    choice: Choice,
    ignored: tuple[Ignored, ...],
    outside: bool,
) -> str:
    """Return one sentence that says why, and one that says what to do."""
    kind = type(model).__name__
    if not running.entered and running.elsewhere:
        return (
            f"{kind} ran in another thread than the `with`, and only that one is seen. Open the "
            "capture in the thread that runs the model; nn.DataParallel starts threads of its own"
        )
    if not running.entered:
        more = "Attention ran, but in no module of this model" if outside else "Nothing attended"
        return f"{kind} did not run inside the `with`. {more}: call this very model there"
    if choice.left_out:
        return (
            f"attention ran in {listed(choice.left_out)}, and only= or keep= left all of it out. "
            "Widen them"
        )
    if ignored:
        found = listed(f"{one.name or kind} ({one.reason})" for one in ignored)
        return (
            f"no softmax in {kind} is attention: {found}. Linear attention has no matrix to "
            "record, and weights that are applied otherwise than by a matrix product are not seen"
        )
    return (
        f"{kind} ran without scaled_dot_product_attention, without a softmax and without torch's "
        "own attention modules. It does not attend, or by a formula of its own (a softmax by exp "
        "and sum, sigmoid, linear attention), which cannot be recognised"
    )
