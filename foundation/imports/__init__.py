"""Bulk import of CSV files: any record type, any size, nothing silently dropped.

An app declares what it takes in ``<app>/imports/`` (see ``registry.Import``)::

    register(Import(
        code="dispatches",
        label=_("派工案件"),
        columns=(
            Column("source", parsers.text(40), required=True, help=_("來源系統")),
            Column("source_number", parsers.text(40), required=True, help=_("來源系統的案件編號")),
            Column("received_at", parsers.moment, required=True, help=_("受理時間")),
        ),
        key=("source", "source_number"),
        existing=existing,      # which of these keys are in the database already
        write=write,            # writes new records inside the batch's transaction
    ))

and ``./cityhall import dispatches FILE --mapping M`` does the rest. Each line ends as imported, unchanged (its key was
there already) or rejected (among others one whose key the file has had before, with the number of that line), and
``read = imported + unchanged + rejected`` at every commit.
"""

from foundation.imports.engine import Report, run
from foundation.imports.mapping import Mapping, MappingError
from foundation.imports.reader import FileError
from foundation.imports.registry import Column, Import, Refused, get, names, register
from foundation.imports.staging import stage

__all__ = [
    "Column",
    "FileError",
    "Import",
    "Mapping",
    "MappingError",
    "Refused",
    "Report",
    "get",
    "names",
    "register",
    "run",
    "stage",
]
