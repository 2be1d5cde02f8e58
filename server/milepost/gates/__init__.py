"""What needs no model: commands run and reports read, and files compared; each gate answers with plain results."""
