# acceptance/scenarios/__init__.py: given, when, then; written once, run against SQL, gateway and model.
