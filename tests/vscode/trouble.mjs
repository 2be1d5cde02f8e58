// Trouble: no server, a server of another protocol, one that is killed, one that hangs; each said in words.
export async function trouble() {}
