"""Many deeds with one press: choose, look once more, press, and watch them being done."""
