"""What a pipeline is, what a run says and what came of it: frozen values, no I/O."""
