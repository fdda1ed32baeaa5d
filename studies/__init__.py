"""The studies behind the pages: tasks trained, measured and written down, `python -m studies`.

What they found is read by `vitexplain.experiments`: `results.read(name)`, `weights.load(name)`.
Nothing here is in the wheel.
"""
