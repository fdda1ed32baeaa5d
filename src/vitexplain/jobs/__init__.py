"""Many images: each done once, by as many processes and machines as there are.

The output folder is the meeting place. `run` works alone, with several processes, and as each
rank of torchrun or Accelerate; `on_ray` does the same with a Ray cluster. There is no server
and no message: who creates a file first has the item, outputs appear whole or not at all, and
they are the record from which a later call goes on.
"""

from vitexplain.jobs.begun import Summary
from vitexplain.jobs.cluster import on_ray
from vitexplain.jobs.files import fingerprint
from vitexplain.jobs.names import output_name
from vitexplain.jobs.record import JobError
from vitexplain.jobs.runs import run
from vitexplain.jobs.worker import Work

__all__ = ["JobError", "Summary", "Work", "fingerprint", "on_ray", "output_name", "run"]
