# acceptance/__init__.py: the black-box suite: SQL and WebSocket only, with a model of its own.
