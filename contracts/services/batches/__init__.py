"""Many deeds with one press: chosen, looked at once more, asked for, and done one by one by the worker."""
