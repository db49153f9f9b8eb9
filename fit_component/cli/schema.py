# SPDX-License-Identifier: Apache-2.0
"""`fit-component schema`: what editors complete and check settings by."""

from __future__ import annotations

from importlib import resources

import click

NAME = "fit_args.schema.json"

# The \b are click's: what follows keeps its lines.
_HELP = """\
Print the JSON Schema of settings, for editors.

Editors complete and check settings in YAML and JSON with it, and show what
each means. Save it beside the settings:

\b
  fit-component schema > fit_args.schema.json

In YAML, name it in a comment at the top. VS Code needs the extension "YAML"
of Red Hat; other editors use the same language server.

\b
  # yaml-language-server: $schema=fit_args.schema.json

For JSON, which has no comments, name it in .vscode/settings.json:

\b
  "json.schemas": [
    {"fileMatch": ["fit.json"], "url": "./fit_args.schema.json"}
  ]

It accepts all that `fit-component check` accepts, which tells more: what is
wrong between several settings.
"""


def schema() -> bytes:
    """The JSON Schema of settings in YAML and JSON, draft 7, as UTF-8."""
    return resources.files("fit_component.proto").joinpath(NAME).read_bytes()


@click.command(help=_HELP)
def command() -> None:
    """Prints it."""
    click.echo(schema(), nl=False)
