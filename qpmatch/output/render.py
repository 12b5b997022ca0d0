"""The one renderer: a view in a format -> text for stdout."""

from __future__ import annotations

from qpmatch.output.view import Format, View


def render(view: View, form: Format, *, width: int | None = None) -> str:
    """``view`` as ``form``; ``width`` is the terminal's, in cells, where a table goes to a terminal."""
    if form in (Format.TABLE, Format.MARKDOWN):
        from qpmatch.output import table

        return table.as_table(view, width) if form is Format.TABLE else table.as_markdown(view)

    from qpmatch.output import structured

    match form:
        case Format.JSON:
            return structured.as_json(view)
        case Format.NDJSON:
            return structured.as_ndjson(view)
        case Format.YAML:
            return structured.as_yaml(view)
        case Format.CSV:
            return structured.as_csv(view)
