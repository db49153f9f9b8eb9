# SPDX-License-Identifier: Apache-2.0
"""Pages from their templates, with all that they need inside."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from typing import Any

from fit_component.record.pages import words
from fit_component.record.pages.libraries import library

_FILTERS = {
    "value": words.value_text,
    "duration": words.duration_text,
    "moment": words.moment_text,
    "reason": words.reason_text,
}


def render(template: str, values: Mapping[str, Any]) -> str:
    """Renders a page.

    Args:
      template: The name of its template.
      values: What is in it; `has_charts` says whether anything is to be drawn.
        Texts are escaped.

    Returns:
      HTML that loads nothing.

    Raises:
      ExtraMissingError: If jinja2 or plotly is not installed.
    """
    jinja2 = library("jinja2")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fit_component.record.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    environment.filters.update(_FILTERS)
    environment.globals["count"] = words.count_text
    environment.globals["plotly_js"] = library("plotly.offline").get_plotlyjs
    version = importlib.metadata.version("fit-component")
    page: str = environment.get_template(template).render(values, version=version)
    return page
