# acceptance/model/__init__.py: what Plait should do, computed a second time and as plainly as possible.
