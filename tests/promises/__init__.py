"""The shipped presets' whole trainings, recorded, and what those recordings depend on.

A preset's comment promises findings. Training all presets to their end takes minutes, so it is recorded, and the quick
tests diagnose the recordings anew and train the first epochs beside them (`recording.py`). A recording holds as long as
the program does what it did then; `behaviour.py` says what that is.
"""
