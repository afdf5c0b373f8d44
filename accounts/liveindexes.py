"""A migration operation that builds an index on a table in use."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently


class BuildIndex(AddIndexConcurrently):
    """Build an index without holding up those who write; may be started again after a crash."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Clear away what an earlier attempt left half built, and build anew."""
        schema_editor.execute(f"drop index concurrently if exists {self.index.name}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
