"""What happened, kept: the event log, blobs, orders on their way in, the lease, and sums over turns."""
