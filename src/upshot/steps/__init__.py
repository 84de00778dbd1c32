"""The story's steps: each joins a few rooms for one purpose. Only `app` and `__main__` call them."""
