"""One training for every model, on transformers' Trainer: best epoch kept, safe to kill at any moment."""

import contextlib
import json
import math
import shutil
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from shrump import processes
from shrump.errors import ShrumpError
from shrump.models.loading import pick_device, quiet_transformers, training_precision
from shrump.progress import bar
from shrump.workspace import replacing, sha256, write_text

quiet_transformers()

import torch  # noqa: E402
from torch.utils.data import Dataset, Sampler  # noqa: E402
from transformers import (  # noqa: E402
    PreTrainedModel,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_pt_utils import get_length_grouped_indices  # noqa: E402

_COMPLETE = "complete.json"
_BEST, _HISTORY = "best", "history.json"
_SAVES = 10  # checkpoints over a whole training, besides one at the end of every epoch


@dataclass(frozen=True)
class Settings:
    """What a training needs to know; ``batch`` counts rows, ``warmup`` is a share of all steps."""

    epochs: float
    learning_rate: float
    batch: int
    seed: int
    warmup: float = 0.05
    by_length: bool = False  # batches of like length, for rows that are not blocks
    patience: int = 2  # epochs without a better validation loss before an early stop
    key: str = "learning_rate"  # the recipe key to name when the loss is lost


@dataclass
class History:
    """What was measured at the end of each epoch, and which one was best (the lowest ``loss``)."""

    epochs: list[dict] = field(default_factory=list)

    @property
    def best(self) -> dict:
        return min(self.epochs, key=lambda epoch: epoch["loss"])


def train(
    model: PreTrainedModel,
    rows: Dataset,
    collate: Callable[[Sequence], dict],
    measure: Callable[[PreTrainedModel], dict[str, float]],
    settings: Settings,
    scratch: Path,
    what: str,
) -> tuple[Path, History]:
    """Train ``model``; return the folder of its best epoch's weights, inside ``scratch``, and the history.

    ``measure`` gives the figures of a validation, with at least "loss"; the epoch with the lowest loss is
    kept. ``scratch`` holds what a training needs to go on: after any stop the same call goes on from the
    last whole checkpoint there, and on a CPU ends with the same bits as a training that nothing disturbed.
    Raises `ShrumpError` when the loss is no longer a number.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    resume = find_whole_checkpoint(scratch)
    processes.wait_for_all()
    steps_per_epoch = math.ceil(len(rows) / settings.batch)
    steps = max(1, math.ceil(steps_per_epoch * settings.epochs))
    keeper = _Keeper(measure, settings, scratch, steps_per_epoch, resume)
    arguments = TrainingArguments(
        output_dir=str(scratch),
        per_device_train_batch_size=max(1, settings.batch // processes.COUNT),
        max_steps=steps,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=settings.warmup,
        weight_decay=0.01,
        logging_steps=max(1, steps // 100),
        logging_nan_inf_filter=False,
        eval_strategy="no",
        save_strategy="steps",
        save_steps=max(1, steps // _SAVES),
        save_total_limit=2,
        seed=settings.seed,
        use_cpu=pick_device() == "cpu",
        dataloader_pin_memory=pick_device() == "cuda",
        remove_unused_columns=False,
        disable_tqdm=True,
        report_to="none",
        **training_precision(),
    )
    set_seed(settings.seed)
    with bar(steps, what, "step") as progress:
        callbacks = [_Progress(progress, resume), keeper]
        trainer = _Trainer(model=model, args=arguments, train_dataset=rows, data_collator=collate, callbacks=callbacks)
        keeper.trainer = trainer
        trainer.by_length = settings.by_length
        trainer.remove_callback(PrinterCallback)
        with _postponed_interrupts(keeper):
            trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    return scratch / _BEST, keeper.history


@contextlib.contextmanager
def _postponed_interrupts(keeper: "_Keeper"):
    """Ctrl-C and SIGTERM end the training after the step at hand, with a checkpoint; a second one at once."""

    def ask(*_) -> None:
        if keeper.asked_to_stop:
            raise KeyboardInterrupt
        keeper.asked_to_stop = True

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread gets signals
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if keeper.asked_to_stop:
        raise KeyboardInterrupt


def find_whole_checkpoint(scratch: Path) -> Path | None:
    """The last of the Trainer's checkpoints that is whole; half-written ones are removed.

    The Trainer does not write them at once, and takes the highest number unseen; `_Keeper` seals each one
    with the hash of its files when it is done.
    """
    found = sorted(scratch.glob("checkpoint-*"), key=lambda folder: int(folder.name.split("-")[1]))
    for folder in reversed(found):
        if _is_whole(folder):
            return folder
        if processes.IS_MAIN:
            shutil.rmtree(folder)
    return None


def _is_whole(folder: Path) -> bool:
    try:
        sealed = json.loads((folder / _COMPLETE).read_text())
    except (OSError, ValueError):
        return False
    return sealed == _contents(folder)


def _contents(folder: Path) -> dict[str, str]:
    return {item.name: sha256(item) for item in sorted(folder.iterdir()) if item.name != _COMPLETE}


class _Trainer(Trainer):
    """A Trainer that can put rows of like length together and still give the same order after a restart."""

    by_length = False

    def _get_train_sampler(self, train_dataset=None):
        if not self.by_length:
            return super()._get_train_sampler(train_dataset)
        return _LikeLengths(self.train_dataset, self._train_batch_size, self.args.seed)


class _LikeLengths(Sampler):
    """An order of rows, new in each epoch, in which those of one batch are about equally long."""

    def __init__(self, rows: Dataset, batch: int, seed: int):
        super().__init__()
        self.lengths = [sum(len(part) for part in row.values()) for row in rows]
        self.batch, self.seed, self.epoch = batch, seed, 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self):
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        return iter(get_length_grouped_indices(self.lengths, self.batch, generator=generator))


class _Progress(TrainerCallback):
    """Moves the bar, and stops a training whose loss is no longer a number."""

    def __init__(self, progress, resume: Path | None):
        self.progress, self.resume = progress, resume

    def on_train_begin(self, args, state, control, **kwargs):
        self.progress.update(state.global_step)

    def on_step_end(self, args, state, control, **kwargs):
        self.progress.update(1)

    def on_log(self, args, state, control, logs=None, **kwargs):
        if "loss" in (logs or {}):
            self.progress.set_postfix(loss=f"{logs['loss']:.2f}", refresh=False)


class _Keeper(TrainerCallback):
    """Measures each epoch, keeps the best, seals checkpoints, stops early."""

    def __init__(self, measure, settings: Settings, scratch: Path, steps_per_epoch: int, resume: Path | None):
        self.measure, self.settings, self.scratch = measure, settings, scratch
        self.steps_per_epoch = steps_per_epoch
        self.asked_to_stop = False
        self.history = _read_history(scratch, resume)

    def on_train_begin(self, args, state, control, **kwargs):
        if self._is_stale():
            control.should_training_stop = True

    def on_log(self, args, state, control, logs=None, **kwargs):
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            at = f"the training loss is {loss} at step {state.global_step}"
            raise ShrumpError(f"{at}: set a lower {self.settings.key} and run again")

    def on_step_end(self, args, state, control, model=None, **kwargs):
        if self.asked_to_stop:
            control.should_save = control.should_training_stop = True
        # Before the Trainer saves: a checkpoint at an epoch's end implies that the epoch was measured.
        if state.global_step % self.steps_per_epoch and state.global_step < state.max_steps:
            return
        model.eval()
        with torch.no_grad():
            figures = self.measure(model)
        model.train()
        if not self.history.epochs or figures["loss"] < self.history.best["loss"]:
            self._keep_weights(model)
        self.history.epochs.append({"step": state.global_step, **figures})
        if processes.IS_MAIN:
            write_text(self.scratch / _HISTORY, json.dumps(asdict(self.history)))
        control.should_save = True
        if self._is_stale():
            control.should_training_stop = True

    def on_save(self, args, state, control, **kwargs):
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        processes.wait_for_all()
        if processes.IS_MAIN:
            write_text(folder / _COMPLETE, json.dumps(_contents(folder)))

    def _keep_weights(self, model: PreTrainedModel) -> None:
        # Several processes may hold a part of the weights each (FSDP): all help to gather them, one writes.
        whole = {}
        if processes.COUNT > 1:
            whole["state_dict"] = self.trainer.accelerator.get_state_dict(self.trainer.model_wrapped)
        if processes.IS_MAIN:
            with replacing(self.scratch / _BEST) as temporary:
                model.save_pretrained(temporary, **whole)

    def _is_stale(self) -> bool:
        epochs = self.history.epochs
        return bool(epochs) and len(epochs) - 1 - epochs.index(self.history.best) >= self.settings.patience


def _read_history(scratch: Path, resume: Path | None) -> History:
    """The epochs that were measured up to the checkpoint; later ones are measured again, to the same figures."""
    step = int(resume.name.split("-")[1]) if resume else 0
    try:
        epochs = json.loads((scratch / _HISTORY).read_text())["epochs"]
    except OSError:
        epochs = []
    return History([epoch for epoch in epochs if epoch["step"] <= step])
