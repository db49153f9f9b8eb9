# SPDX-License-Identifier: Apache-2.0
"""`fit-component init`: a first config and module file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import click

from fit_component.cli import schema
from fit_component.cli.problems import say
from fit_component.cli.writing_files import refuse_existing, write_all

SETTINGS = "fit.yaml"
MODULE = "model/classifier.py"

_NEXT = """\
{settings}: the settings, checked while you type if your editor reads {schema}
{module}: the module file, which trains with them

Next:
1. In {module}, name the label.
2. In the pipeline, give Trainer both; transform_graph instead of schema if there is a Transform:

   from fit_component import Trainer, load_fit_args

   trainer = Trainer(
       module_file="{module}",
       examples=example_gen.outputs["examples"],
       schema=schema_gen.outputs["schema"],
       train_args=load_fit_args("{settings}"),
   )

3. After a change: fit-component check {settings}"""


@click.command()
@click.argument("directory", default=".", type=click.Path(file_okay=False, path_type=Path))
def command(directory: Path) -> None:
    """Write a first config and module file.

    Into DIRECTORY, by default this one, go fit.yaml, the settings with
    comments; fit_args.schema.json, by which editors check them; and
    model/classifier.py, a module file for TFX's Trainer. Nothing is
    overwritten.
    """
    files = {directory / name: content for name, content in _contents().items()}
    refuse_existing(files, "name another directory: nothing was written")
    write_all(files)
    paths = {"settings": SETTINGS, "module": MODULE, "schema": schema.NAME}
    say(_NEXT.format(**{name: directory / path for name, path in paths.items()}))


def _contents() -> Mapping[str, bytes]:
    """The files by their paths in the directory."""
    templates = resources.files("fit_component.cli") / "templates"
    return {
        SETTINGS: (templates / "fit.yaml").read_bytes(),
        schema.NAME: schema.schema(),
        MODULE: (templates / "classifier.py.template").read_bytes(),
    }
