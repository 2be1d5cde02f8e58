"""How a tester touches the program: HTTP, a terminal, commands, a library; whatever is seen is kept as evidence."""
