"""One attempt of one seat: the loop, its context and its tools."""
