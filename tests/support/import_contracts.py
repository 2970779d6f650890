"""An import-linter contract type: these packages import the standard library and themselves."""

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.imports import Module


class StandardLibraryOnly(Contract):
    """Holds that `modules`, with all below them, import nothing but the standard library.

    A list of forbidden frameworks would have to name every one of them; this names none.
    """

    modules = fields.SetField(subfield=fields.ModuleField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        strangers: list[str] = []
        for package in self._packages():
            for importer in sorted({package, *graph.find_descendants(package)}):
                output.verbose_print(verbose, f"Reading the imports of {importer}.")
                strangers.extend(
                    f"{importer} imports {imported}"
                    for imported in sorted(graph.find_modules_directly_imported_by(importer))
                    if not (
                        imported == package
                        or imported.startswith(f"{package}.")
                        or imported.partition(".")[0] in sys.stdlib_module_names
                    )
                )
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for stranger in check.metadata["strangers"]:
            output.print_error(stranger, bold=False)
            output.new_line()

    def _packages(self) -> list[str]:
        modules: set[Module] = self.modules  # type: ignore[assignment]  # a field reads as its value
        return sorted(module.name for module in modules)
