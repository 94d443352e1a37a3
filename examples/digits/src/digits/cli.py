"""The command line: train, evaluate, predict. Results go to standard output as JSON."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from digits import __version__, config, data, model, training
from digits.evaluation import evaluate

MODEL = Path("model")


def _train(options: argparse.Namespace) -> int:
    recipe = config.read(options.config) if options.config else config.Config()
    share = data.split(data.load(), recipe).train
    card = model.save(options.model, training.train(recipe, share), recipe, share)
    _show({"model": str(options.model), "trained_on": card.trained_on, "sha256": card.sha256})
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    trained = model.load(options.model)
    held_out = data.split(data.load(), trained.config).held_out
    report = evaluate(held_out.labels, trained.predict(held_out.images))
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report.as_dict(), indent=2)
        options.output.write_text(text + "\n", encoding="utf-8")
    _show({"accuracy": report.accuracy, "images": report.images, "worst": report.worst.digit})
    return 0 if report.accuracy >= options.minimum else 1


def _predict(options: argparse.Namespace) -> int:
    text = sys.stdin.read() if str(options.image) == "-" else options.image.read_text("utf-8")
    digit = model.load(options.model).predict(data.parse_image(text))[0]
    _show({"digit": int(digit)})
    return 0


def _show(values: dict[str, Any]) -> None:
    print(json.dumps(values))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="digits", description="Recognises handwritten digits.")
    parser.add_argument("--version", action="version", version=f"digits {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train a model and write it to a folder")
    train.add_argument("--config", type=Path, help="the recipe, a TOML file")
    train.set_defaults(perform=_train)

    judge = commands.add_parser("evaluate", help="judge a model by the images it has never seen")
    judge.add_argument("--output", type=Path, help="where the full report goes, as JSON")
    judge.add_argument("--minimum", type=float, default=0.0, help="fail below this accuracy")
    judge.set_defaults(perform=_evaluate)

    predict = commands.add_parser("predict", help="tell which digit an image shows")
    predict.add_argument("image", type=Path, help="a file of 64 numbers from 0 to 16; - is stdin")
    predict.set_defaults(perform=_predict)

    for command in (train, judge, predict):
        command.add_argument("--model", type=Path, default=MODEL, help="the model's folder")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Performs one command; gives 0, 1 for a model that is not good enough, 2 for bad input."""
    options = _parser().parse_args(arguments)
    try:
        return options.perform(options)
    except (config.ConfigError, data.ImageError, model.ModelError, OSError) as error:
        print(f"digits: {error}", file=sys.stderr)
        return 2
