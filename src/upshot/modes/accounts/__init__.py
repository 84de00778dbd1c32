"""Mode `account`: what each operation does, and how its end is published."""
