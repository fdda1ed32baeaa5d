"""Many images, by as many processes and machines as there are, into one folder.

The output folder is the meeting place. `run` works alone, with several processes, and as each
rank of torchrun, Accelerate or SLURM; `on_ray` does the same with a Ray cluster. There is no
server, no message and no lock: outputs appear whole or not at all, what is there is skipped, and
whoever is killed leaves nothing but work to do. Two that meet may do an image twice; the first
output stays.
"""

from vitexplain.jobs.cluster import on_ray
from vitexplain.jobs.folder import JobError
from vitexplain.jobs.names import fingerprint, output_name
from vitexplain.jobs.runs import Summary, run
from vitexplain.jobs.work import Work

__all__ = ["JobError", "Summary", "Work", "fingerprint", "on_ray", "output_name", "run"]
