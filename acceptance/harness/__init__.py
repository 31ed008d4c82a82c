# acceptance/harness/__init__.py: starting, asking, killing: everything around the product, nothing of it.
