"""署名者が、後の署名を禁じているか（ISO 32000-2 12.7.5.5 の /Lock、12.8.2 の変換）。"""

from signing.pdf.file import File
from signing.pdf.syntax import Dictionary, Value

LOCKING_ACTIONS = {"All", "Exclude"}
NO_CHANGES = 1


def forbids_more(file: File, field: Dictionary) -> bool:
    """Tell whether a filled or empty signature field locks what another signature would change. Raises Broken."""
    lock, signature = file.resolve(field.get("Lock")), file.resolve(field.get("V"))
    if isinstance(lock, dict) and (lock.get("Action") in LOCKING_ACTIONS or lock.get("P") == NO_CHANGES):
        return True
    references = file.resolve(signature.get("Reference")) if isinstance(signature, dict) else None
    listed = [file.dictionary(each) for each in references] if isinstance(references, list) else []
    return any(_forbids(each, file.resolve(each.get("TransformParams"))) for each in listed)


def _forbids(reference: Dictionary, parameters: Value) -> bool:
    method = reference.get("TransformMethod")
    if not isinstance(parameters, dict):
        return True
    if method == "DocMDP":
        return parameters.get("P", 2) == NO_CHANGES
    return method != "FieldMDP" or parameters.get("Action") in LOCKING_ACTIONS
