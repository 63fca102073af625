"""What the user sees. With `application.py` the only room that knows Qt."""
