"""Changing one value of ``config.yaml`` while everything a person wrote stays as it is."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qpmatch import config, yamlload
from qpmatch.errors import ConfigError
from qpmatch.files import PRIVATE, write_over

Path_ = Sequence[str]


def set_values(path: Path, values: Mapping[tuple[str, ...], Any]) -> None:
    """Set each key (``("profiles", "na", "region")``) to a plain value, and check the file before it is kept.

    Makes the file, readable by its owner only, when there is none. Raises ``ConfigError`` when the result
    would not be a configuration, or when the file is laid out in a way that has to be edited by hand,
    ``FileError`` when it cannot be written.
    """
    located = config.read(path)
    text = path.read_text("utf-8-sig") if located else ""
    for keys, value in values.items():
        text = _with_value(text, str(path), keys, value)
    config.check(_load(text, str(path)))
    # A link to where somebody keeps the configuration stays a link.
    write_over(path.resolve(), text, mode=PRIVATE, make_folder=True)


def parsed_value(typed: str, *, text: bool = False) -> Any:
    """A value as a person types it on the command line: the YAML scalar it would be, or ``text`` as it is."""
    if text:
        return typed
    try:
        value = yamlload.load(typed, "value").data
    except yamlload.YamlError:
        return typed
    return typed if isinstance(value, (dict, list)) else value


def _load(text: str, source: str) -> yamlload.Located:
    try:
        return yamlload.load(text, source, text_keys=config.TEXT_KEYS)
    except yamlload.YamlError as error:
        raise ConfigError(error.message, hint=error.hint) from None


def _with_value(text: str, source: str, keys: Path_, value: Any) -> str:
    """``text`` with one more value. The edit is textual; what comes out is read again and compared."""
    before = _load(text, source).data or {}
    wanted = _merged(before, keys, value)
    edited = _edited(text, keys, value)
    with contextlib.suppress(ConfigError):
        if _load(edited, source).data == wanted:
            return edited
    raise ConfigError(
        f"{source} is laid out in a way that cannot be changed safely",
        hint=f"Edit it by hand: set {'.'.join(keys)} to {_scalar(value)}.",
    )


def _merged(data: Any, keys: Path_, value: Any) -> dict[str, Any]:
    data = data if isinstance(data, dict) else {}
    first, rest = keys[0], keys[1:]
    return {**data, first: _merged(data.get(first), rest, value) if rest else value}


def _scalar(value: Any) -> str:
    """A value in YAML; JSON's way of quoting text is YAML's too."""
    return json.dumps(value, ensure_ascii=False)


def _edited(text: str, keys: Path_, value: Any) -> str:
    import yaml

    root = yaml.compose(text, Loader=yaml.SafeLoader)
    node, depth = root, 0
    while depth < len(keys) and isinstance(node, yaml.MappingNode):
        below = next((item for key, item in node.value if key.value == keys[depth]), None)
        if below is None or (isinstance(below, yaml.ScalarNode) and depth + 1 < len(keys)):
            break
        node, depth = below, depth + 1
    if depth == len(keys) and isinstance(node, yaml.ScalarNode):
        start, end = node.start_mark.index, node.end_mark.index
        space = "" if start and text[start - 1] in " \t" else " "
        return text[:start] + space + _scalar(value) + text[end:]
    if not isinstance(node, yaml.MappingNode):
        block = _block(keys, value, 0)
        return f"{text.rstrip()}\n{block}".lstrip() if text.strip() else block
    if node.flow_style:
        at = node.start_mark.index + 1
        more = ", " if node.value else ""
        return text[:at] + _flow(keys[depth:], value) + more + text[at:]
    indent = node.value[0][0].start_mark.column
    at = text.rfind("\n", 0, node.value[0][0].start_mark.index) + 1
    return text[:at] + _block(keys[depth:], value, indent) + text[at:]


def _block(keys: Path_, value: Any, indent: int) -> str:
    lines = [f"{' ' * (indent + 2 * level)}{_key(key)}:" for level, key in enumerate(keys)]
    return "\n".join(lines) + f" {_scalar(value)}\n"


def _flow(keys: Path_, value: Any) -> str:
    return "".join(f"{_key(key)}: {{" for key in keys[:-1]) + (
        f"{_key(keys[-1])}: {_scalar(value)}" + "}" * (len(keys) - 1)
    )


def _key(key: str) -> str:
    plain = key.replace("_", "").replace("-", "").replace(".", "").isalnum() and key.isascii()
    return key if plain and not isinstance(parsed_value(key), (int, float, bool)) else _scalar(key)
