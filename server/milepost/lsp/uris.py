"""Between URIs and paths; whatever is no file is left alone."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from milepost.domain.errors import Refused
from milepost.ide.snapshot import uri as uri_of_text

__all__ = ["is_file", "path_of", "uri_of", "uri_of_text"]


def path_of(text: str) -> Path:
    """The path behind a `file:` URI; a plain path is taken as it is. Raises Refused for another scheme."""
    if text.startswith("/"):
        return Path(text)
    parts = urlsplit(text)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise Refused(f"{text!r} is no file of this machine")
    return Path(unquote(parts.path, errors="surrogateescape"))


def is_file(text: str) -> bool:
    """Whether a URI names a file of this machine."""
    return urlsplit(text).scheme == "file"


def uri_of(path: Path) -> str:
    """A path as a URI."""
    return uri_of_text(str(path))
