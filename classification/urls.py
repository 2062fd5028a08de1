"""Addresses of the model cards; the code of a classifier has a dot in it (cases.agency)."""

from django.urls import path, register_converter

from classification.pages import card
from classification.registry import Classifier, classifier


class ClassifierConverter:
    """A declared classifier by its code; an unknown one is not found."""

    regex = r"[a-z]+\.[a-z][a-z0-9_]*"

    def to_python(self, text: str) -> Classifier:
        try:
            return classifier(text)
        except LookupError as error:
            raise ValueError(text) from error

    def to_url(self, declared: Classifier | str) -> str:
        return declared if isinstance(declared, str) else declared.code


register_converter(ClassifierConverter, "classifier")

urlpatterns = [
    path("models/", card.models, name="models"),
    path("models/<classifier:declared>/", card.card, name="model"),
    path("models/<classifier:declared>/trial/", card.trial, name="model-trial"),
    path("models/<classifier:declared>/<int:number>/", card.card, name="model-version"),
    path("models/<classifier:declared>/<int:number>/in-force/", card.in_force, name="model-in-force"),
    path("models/<classifier:declared>/automatic/", card.automatic, name="model-automatic"),
]
