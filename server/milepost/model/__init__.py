"""Language models behind one small protocol: a live gateway, recordings and scripts."""
