"""From a YAML text to a checked definition, and from a definition to canonical JSON."""

import re
from collections.abc import Iterable
from glob import escape
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from core import canonical
from core.exceptions import DomainError
from programs.schema.checks import find_faults
from programs.schema.definition import ProgramDefinition

LANGUAGE = re.compile(r"[a-z]{2}(-[a-z]{2,4})?")
SENTENCES = {
    "missing": "This is required.",
    "extra_forbidden": "This name is not known here.",
    "string_type": "This has to be text.",
    "string_too_short": "This is empty.",
    "int_type": "This has to be a whole number.",
    "int_parsing": "This has to be a whole number.",
    "int_from_float": "This has to be a whole number.",
    "decimal_type": "This has to be a number.",
    "decimal_parsing": "This has to be a number.",
    "bool_type": "This has to be true or false.",
    "bool_parsing": "This has to be true or false.",
    "tuple_type": "This has to be a list.",
    "dict_type": "This has to be a group of names with values.",
    "model_type": "This has to be a group of names with values.",
    "greater_than_equal": "This has to be {ge} or more.",
    "greater_than": "This has to be more than {gt}.",
    "less_than_equal": "This has to be {le} or less.",
    "decimal_max_places": "This has at most {decimal_places} digits after the point.",
    "literal_error": "This has to be one of {expected}.",
    "string_pattern_mismatch": "This has to match the pattern {pattern}.",
    "string_too_long": "This has at most {max_length} characters.",
    "too_short": "This needs at least {min_length} entry.",
}


class ProgramFileError(DomainError):
    """A program file that cannot be used; `errors` lists every fault as `path: sentence`."""

    def __init__(self, errors: Iterable[str]):
        self.errors = list(errors)
        super().__init__("\n".join(self.errors))


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML that notices a name written twice in one group and keeps dates as text."""

    def __init__(self, stream: str):
        super().__init__(stream)
        self.repeats: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """Build the group and note names that occur twice, with their lines."""
        seen: set[str] = set()
        names = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for name in names:
            if name.value in seen and name.tag != "tag:yaml.org,2002:merge":
                line = name.start_mark.line + 1
                self.repeats.append(f"line {line}: The name {name.value} is used twice.")
            seen.add(name.value)
        return super().construct_mapping(node, deep=deep)


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_definition(text: str) -> ProgramDefinition:
    """Read a YAML program definition.

    Raises `ProgramFileError` with every fault found, each as `path: sentence`.
    """
    raw, errors = _read_yaml(text)
    try:
        definition = ProgramDefinition.model_validate(raw)
    except ValidationError as error:
        errors += _sentences(error) + _faults_of_readable_parts(raw)
        raise ProgramFileError(dict.fromkeys(errors)) from None
    if errors:
        raise ProgramFileError(errors)
    return definition


def read_program(path: Path) -> str:
    """The text of a program file together with the translations that lie beside it.

    The translations of `name.yaml` into Spanish are in `name.es.yaml`: a list of `en`, the English
    text, and `es`, the text in that language. Raises `ProgramFileError` for one that is not so;
    `OSError` and `UnicodeDecodeError` as reading does.
    """
    text = path.read_text(encoding="utf-8-sig")
    tables = {}
    for beside in sorted(path.parent.glob(f"{escape(path.stem)}.*{path.suffix}")):
        language = beside.stem.removeprefix(f"{path.stem}.")
        if LANGUAGE.fullmatch(language):
            tables[language] = _table(beside, language)
    if not tables:
        return text
    block = yaml.safe_dump({"translations": tables}, allow_unicode=True, sort_keys=False)
    return f"{text.rstrip()}\n\n{block}"


def _table(path: Path, language: str) -> dict[str, str]:
    """One translation file as a table from English to its language."""
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, RecursionError) as error:
        raise ProgramFileError([f"{path.name}: {_yaml_sentence(error)}"]) from None
    table: dict[str, str] = {}
    for i, row in enumerate(_items(rows)):
        if not isinstance(row, dict) or set(row) != {"en", language}:
            raise ProgramFileError([f"{path.name}: [{i}]: Give en and {language}."])
        english = str(row["en"]).strip()
        if english in table:
            raise ProgramFileError([f"{path.name}: [{i}]: “{english[:60]}” is there twice."])
        table[english] = str(row[language]).strip()
    return table


def canonical_json(definition: ProgramDefinition) -> str:
    """The definition as JSON with sorted keys and no spaces, the same for the same content."""
    return canonical.canonical_json(definition.model_dump(mode="json"))


def sha256(definition: ProgramDefinition) -> str:
    """Hexadecimal SHA-256 of the canonical JSON in UTF-8 (64 characters)."""
    return canonical.digest(canonical_json(definition))


def _read_yaml(text: str) -> tuple[dict[str, Any], list[str]]:
    """The content, and a sentence for each name used twice."""
    loader = None
    try:
        loader = _StrictLoader(text)
        raw = loader.get_single_data()
    except (yaml.YAMLError, RecursionError) as error:
        raise ProgramFileError([_yaml_sentence(error)]) from None
    finally:
        if loader is not None:
            loader.dispose()
    if not isinstance(raw, dict):
        raise ProgramFileError(["file: The file has to hold a program definition in YAML."])
    return raw, loader.repeats


def _yaml_sentence(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return "file: The file is not YAML that can be read."
    problem = getattr(error, "problem", None) or "the text is not YAML"
    return f"line {mark.line + 1}, column {mark.column + 1}: This is not YAML: {problem}."


def _sentences(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for item in error.errors(include_url=False):
        if item["type"] == "program_faults":
            lines.extend(item["msg"].splitlines())
            continue
        pattern = SENTENCES.get(item["type"])
        sentence = pattern.format(**item.get("ctx", {})) if pattern else item["msg"] + "."
        lines.append(f"{_path(item['loc'])}: {sentence}")
    return lines


def _path(loc: tuple[int | str, ...]) -> str:
    path = ""
    for step in loc:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step != "[key]":
            path += f".{step}" if path else step
    return path or "file"


def _faults_of_readable_parts(raw: dict[str, Any]) -> list[str]:
    """Check what can be read even when other parts cannot, so that one run reports everything."""
    parts: dict[str, Any] = {}
    for name, field in ProgramDefinition.model_fields.items():
        if name not in raw:
            continue
        try:
            parts[name] = TypeAdapter(field.rebuild_annotation()).validate_python(raw[name])
        except ValidationError:
            parts[name] = None
    if parts.get("sections") is None:
        sections = [s for s in _items(raw.get("sections")) if isinstance(s, dict)]
        parts["section_keys"] = {str(section.get("key")) for section in sections}
        parts["question_keys"] = {
            str(question.get("key"))
            for section in sections
            for question in _items(section.get("questions"))
            if isinstance(question, dict)
        }
    return [f"{fault.path}: {fault.sentence}" for fault in find_faults(parts)]


def _items(value: Any) -> list:
    return value if isinstance(value, list) else []
