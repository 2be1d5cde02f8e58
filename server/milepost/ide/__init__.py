"""What an editor can show of a mission, as plain data: pure, and without a word of any editor's protocol.

Lines and columns count from 0, columns in characters (code points); `lsp` turns them into what a client counts.
"""
