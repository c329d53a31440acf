"""The command line: one verb a module, loaded only when called."""
