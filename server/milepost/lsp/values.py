"""Between JSON and the types that handlers see: LSP's own by cattrs, ours by pydantic, each declared by its method.

A method nobody declared gives its handler the plain JSON: nothing is renamed on the way. pydantic itself is not
imported: it takes a sixth of the time to `initialize`, which needs none of it.
"""

from collections.abc import Callable
from typing import Any, Protocol, Self

from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError, StructureHandlerNotFoundError
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from milepost.lsp.encoded import Encoded


class Model(Protocol):
    """What is needed of pydantic's BaseModel."""

    @classmethod
    def model_validate(cls, obj: Any, /) -> Self:
        """An instance; a ValueError with `errors()` says what does not fit."""

    def model_dump(self, *, mode: str, by_alias: bool) -> dict[str, Any]:
        """As plain values."""


MISFITS = (
    BaseValidationError, StructureHandlerNotFoundError, ValueError, TypeError, KeyError, AttributeError, IndexError,
    RecursionError,
)
"""What cattrs raises about values that do not fit their type."""


class Values:
    """The types of every method."""

    def __init__(self, converter: Converter) -> None:
        self._converter = converter
        self._declared: dict[str, type[Model]] = {}
        converter.register_structure_hook_func(_is_model, lambda value, model: model.model_validate(value))
        converter.register_unstructure_hook_func(_is_model, _dump)

    def declare(self, method: str, params: type[Model]) -> None:
        """The type of a method of ours."""
        self._declared[method] = params

    def params(self, method: str, raw: Any) -> Any:
        """What a handler gets; JsonRpcInvalidParams says what does not fit."""
        if raw is not None and not isinstance(raw, dict | list):
            raise JsonRpcInvalidParams("params: expected an object")
        if (model := self._declared.get(method)) is not None:
            return self.model(model, raw)
        if (known := types.METHOD_TO_TYPES.get(method)) is None:
            return raw
        return None if known[2] is None else self._standard(known[2], raw)

    def model(self, model: type[Model], raw: Any) -> Model:
        """A value of ours; nothing at all counts as an empty object."""
        try:
            return model.model_validate({} if raw is None else raw)
        except ValueError as error:
            raise JsonRpcInvalidParams(_words(error)) from error

    def answer(self, method: str) -> Callable[[Any], Any]:
        """How the client's answer to a question is read; it raises one of MISFITS."""
        known = types.METHOD_TO_TYPES.get(method)
        response = known[1] if known is not None else None
        if response is None:
            return lambda result: result

        def structure(result: Any) -> Any:
            return self._converter.structure({"id": 0, "jsonrpc": "2.0", "result": result}, response).result

        return structure

    def plain(self, value: Any) -> Any:
        """As JSON holds it."""
        return value if isinstance(value, Encoded) else self._converter.unstructure(value)

    def _standard(self, kind: Any, raw: Any) -> Any:
        try:
            return self._converter.structure(raw if raw is not None else {}, kind)
        except BaseValidationError as error:
            raise JsonRpcInvalidParams("; ".join(transform_error(error, path="params")[:3])) from error
        except MISFITS as error:
            raise JsonRpcInvalidParams("params: expected an object") from error


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and hasattr(kind, "model_validate")


def _dump(value: Model) -> Any:
    return value.model_dump(mode="json", by_alias=True)


def _words(error: ValueError) -> str:
    """What does not fit and where, without the values: they may be secret."""
    errors: Callable[..., list[dict[str, Any]]] | None = getattr(error, "errors", None)
    if errors is None:
        return "params: they do not fit"
    found = errors(include_url=False, include_input=False)[:3]
    return "; ".join(f"{'.'.join(map(str, ('params', *each['loc'])))}: {each['msg']}" for each in found)
