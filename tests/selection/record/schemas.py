"""The part of JSON Schema (2020-12) that the schema of the record uses, checked plainly."""

import re

KINDS = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "object": dict,
    "string": str,
}
KNOWN = {
    "$defs", "$ref", "$schema", "additionalProperties", "anyOf", "const", "description", "enum",
    "items", "maximum", "minimum", "pattern", "properties", "required", "title", "type",
}  # fmt: skip


def errors(value, schema, root, where="record"):
    """Return what is wrong with `value`, each as "where: what"; nothing when it is valid."""
    if unknown := set(schema) - KNOWN:
        raise NotImplementedError(sorted(unknown))
    if "$ref" in schema:
        return errors(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, where)
    if "anyOf" in schema:
        found = [errors(value, one, root, where) for one in schema["anyOf"]]
        return [] if [] in found else found[-1]
    wrong = list(_own(value, schema, where))
    if wrong:
        return wrong
    if isinstance(value, list):
        for index, item in enumerate(value):
            wrong += errors(item, schema["items"], root, f"{where}[{index}]")
    if isinstance(value, dict):
        wrong += _inside(value, schema, root, where)
    return wrong


def _own(value, schema, where):
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and type(value) not in [KINDS[kind] for kind in kinds]:
        yield f"{where}: not {kinds}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{where}: const"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: enum"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where}: pattern"
    if type(value) is int:
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        if not low <= value <= high:
            yield f"{where}: range"


def _inside(value, schema, root, where):
    wrong = [f"{where}: {key} is missing" for key in schema.get("required", []) if key not in value]
    for key, item in value.items():
        inner = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
        if inner is False:
            wrong.append(f"{where}: {key} is unknown")
        else:
            wrong += errors(item, inner, root, f"{where}.{key}")
    return wrong
