"""App -> schema: what each question comes to. Plain functions that know nothing of HTTP."""
