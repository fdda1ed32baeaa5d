"""Ways to read attention, each with what it leaves out, and ways to test a reading."""

from vitexplain.reading.attribution import (
    attention_gradients,
    generic_attribution,
    gradient_attention,
)
from vitexplain.reading.baseline import Baseline, baseline_images, blur
from vitexplain.reading.faithfulness import Curve, Pointing, deletion, insertion, pointing
from vitexplain.reading.flow import attention_flow, attention_flow_of
from vitexplain.reading.gradients import gradient, integrated_gradients, over_patches
from vitexplain.reading.norms import head_norms, value_norms, value_norms_of
from vitexplain.reading.occlusion import occlusion
from vitexplain.reading.randomisation import parts, randomised, similarity
from vitexplain.reading.raw import mean_weights, raw
from vitexplain.reading.relevance import transformer_attribution
from vitexplain.reading.rollout import Fusion, rollout, rollout_of, rollouts
from vitexplain.reading.stages import stage_rollout
from vitexplain.reading.statistics import (
    entropy,
    head_similarity,
    received,
    sinks,
    token_norms,
)
from vitexplain.reading.table import CLASS_AGNOSTIC, READINGS, Reading

__all__ = [
    "CLASS_AGNOSTIC",
    "READINGS",
    "Baseline",
    "Curve",
    "Fusion",
    "Pointing",
    "Reading",
    "attention_flow",
    "attention_flow_of",
    "attention_gradients",
    "baseline_images",
    "blur",
    "deletion",
    "entropy",
    "generic_attribution",
    "gradient",
    "gradient_attention",
    "head_norms",
    "head_similarity",
    "insertion",
    "integrated_gradients",
    "mean_weights",
    "occlusion",
    "over_patches",
    "parts",
    "pointing",
    "randomised",
    "raw",
    "received",
    "rollout",
    "rollout_of",
    "rollouts",
    "similarity",
    "sinks",
    "stage_rollout",
    "token_norms",
    "transformer_attribution",
    "value_norms",
    "value_norms_of",
]
