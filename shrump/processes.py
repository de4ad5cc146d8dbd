"""Who this process is among those that ``accelerate launch`` (or torchrun) started; alone it costs nothing."""

import os

COUNT = int(os.environ.get("WORLD_SIZE", "1"))
RANK = int(os.environ.get("RANK", "0"))
IS_MAIN = RANK == 0


def wait_for_all() -> None:
    """Go on when every process has come this far."""
    if COUNT > 1:
        from accelerate import PartialState

        PartialState().wait_for_everyone()
