"""Progress bars with an estimate, on standard error, for anything that may take over two seconds."""

import sys

from shrump import processes

quiet = False  # set once by the command line's --quiet


def bar(total: float | None, what: str, unit: str = "it"):
    """A tqdm bar named ``what``; use it with ``with`` and call ``update(n)``. Logs get a line now and then."""
    from tqdm import tqdm

    return tqdm(
        total=total,
        desc=f"{what:<24}",
        unit=unit,
        unit_scale=total is None or total >= 10_000,
        delay=1,
        mininterval=0.2 if sys.stderr.isatty() else 10,
        disable=quiet or not processes.IS_MAIN,
        dynamic_ncols=True,
    )
