"""Mines the engine's own error texts from the versions of its Go module, and measures the reader on them.

    python -m tools.engine_texts --mine      # downloads, reads and measures; writes tests/corpus/engine.json
    python -m tools.engine_texts             # the table, from what is committed
    python -m tools.engine_texts --write-docs

A text's verbs are filled by rule (`filling`), the class that it must have follows from where it stands
and what it says of itself (`places`, and its data), and it is read as the console prints it (`judging`).
Only facts are kept: place, versions, a digest, the class expected and the class given; no sentences.
"""
