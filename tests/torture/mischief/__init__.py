"""What a drill does inside the worker: a clock that is wrong, and a document that kills whoever seals it."""
