"""What every model of ours keeps to, read from `_meta`."""

import pytest
from django.apps import apps
from django.db import models

LINE = ["core", "notifications", "accounts", "programs", "applications", "scoring", "selection"]
OURS = [
    model
    for label in LINE
    for model in apps.get_app_config(label).get_models()
    if not hasattr(model, "pgh_tracked_model")
]
NULL_TEXTS = {
    "scoring.ScoreSheet.submitted_by": "one half of a pair with submitted_at",
    "scoring.Adjudication.settled_by": "one half of a pair with settled_at",
}
CASCADES = {"programs.PlanCounty.plan": "a table that an import replaces"}
IDS = [model._meta.label for model in OURS]


def fields(model):
    return [field for field in model._meta.get_fields() if field.concrete]


def condition_text(model):
    checks = [c for c in model._meta.constraints if isinstance(c, models.CheckConstraint)]
    return [str(check.condition) for check in checks]


def test_models_were_found():
    assert len(OURS) > 15
    assert "applications.Application" in IDS


@pytest.mark.parametrize("model", OURS, ids=IDS)
def test_time_and_actor_come_together(model):
    names = {field.name: field for field in fields(model)}
    for name, field in names.items():
        actor = names.get(f"{name.removesuffix('_at')}_by")
        if not name.endswith("_at") or actor is None or not (field.null and actor.null):
            continue
        both = f"('{name}__isnull', False)"
        neither = f"('{actor.name}__isnull', True)"
        guards = [text for text in condition_text(model) if both in text and neither in text]
        assert guards, f"{model._meta.label}: {name} and {actor.name}"


@pytest.mark.parametrize("model", OURS, ids=IDS)
def test_foreign_keys_point_down_the_line(model):
    here = LINE.index(model._meta.app_label)
    for field in fields(model):
        if field.is_relation and field.related_model._meta.app_label in LINE:
            there = LINE.index(field.related_model._meta.app_label)
            assert there <= here, f"{model._meta.label}.{field.name}"


@pytest.mark.parametrize("model", OURS, ids=IDS)
def test_foreign_keys_protect_what_they_point_to(model):
    for field in fields(model):
        label = f"{model._meta.label}.{field.name}"
        if field.is_relation and label not in CASCADES:
            assert field.remote_field.on_delete is models.PROTECT, label


@pytest.mark.parametrize("model", OURS, ids=IDS)
def test_text_is_blank_and_never_null(model):
    for field in fields(model):
        label = f"{model._meta.label}.{field.name}"
        if isinstance(field, models.CharField | models.TextField) and label not in NULL_TEXTS:
            assert not field.null, label


@pytest.mark.parametrize("model", OURS, ids=IDS)
def test_text_has_its_own_words(model):
    assert model.__str__ is not models.Model.__str__, model._meta.label
    assert model.__doc__ is not None
    assert not model.__doc__.startswith(f"{model.__name__}("), model._meta.label


@pytest.mark.parametrize("label", [*NULL_TEXTS, *CASCADES])
def test_listed_exceptions_still_exist(label):
    model, _dot, name = label.rpartition(".")
    assert apps.get_model(model)._meta.get_field(name)
