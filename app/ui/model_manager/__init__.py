"""The model manager: the models that are here, those that could be, and those that are on their way."""
