"""How the backend is asked: what is sent, what is shown meanwhile, what is written down."""
