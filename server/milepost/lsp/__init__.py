"""The editor's process: JSON-RPC over standard input and output, and the views of `ide` as LSP.

    seizure      takes file descriptors 0 and 1 away from everybody else, before anything else is imported
    framing      bytes to frames, frames to bytes; survives whatever comes in
    patience     waiting for a file descriptor
    envelope     a frame to a request, a notification, an answer or a fault; only its outermost keys are looked at
    arrivals     what was read and waits for the loop; a cancel overtakes what it cancels
    listener     the thread that reads
    writer       the thread that writes, so that a client that does not read blocks nobody
    lifecycle    what may be asked when, and the exit code
    protocol     from an envelope to a handler and back
    questions    what the server asked the client, each with its time limit
    connection   the loop and the threads of one client, and their end
    server       what features are registered on
    serving      the entry: from a process that has just begun to its exit code

    entry, ready, features, loading, building      a start that answers before it has loaded what does the work
    folders, watch, fold, follower, missions       missions, read as they grow
    window, documents, convert, encoded, values    what stands where, as a client counts and reads it
    publisher, gauge, announcing, put_off, throttle    what a client is told unasked
    wire, methods, commands, gate, schema, identity    our own messages, declared once
    switchboard, orders, detached, spoken, shell       from a button or a shell to an order
    clone, clones                                  the missions' private repositories, read with git
    handlers                                       an answer for each request

Nothing is imported here: `seizure` must be able to come first.
"""
