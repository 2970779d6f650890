"""Writes the encoder's arithmetic as three graphs: ``python -m benchmarks.ear.graph``.

Google's USE multilingual v3, cut after its first layer and where a line becomes one row. Without
weights: what runs a graph puts them into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from moderation.ear.encoder.first import ALL, REACHES, ROW
from moderation.ear.encoder.graphs import BLOCK, FIRST, LAST, SECOND
from moderation.ear.encoder.weights import DENSE, DIMENSIONS, EPSILON, ORDERS, WIDTH

_OURS: Final = "com.microsoft"
_FEATURES: Final = DIMENSIONS + ALL
_INNER: Final = 320
_SHAPES: Final = {
    "pool": (_FEATURES, DIMENSIONS),
    "d0": (DIMENSIONS, _INNER),
    "d1": (_INNER, _INNER),
    "d2": (_INNER, DIMENSIONS),
    "d3": (DIMENSIONS, DIMENSIONS),
    "p1": (DIMENSIONS, _INNER),
    "p3": (_INNER, DIMENSIONS),
    "project": (DIMENSIONS, ALL),
    **{f"first{each.size}": (WIDTH, WIDTH * each.size) for each in ORDERS},
}
"""Matrices in blocks, inputs by outputs."""


def first() -> ModelProto:
    """From ``own``, the vectors of some pieces, to their ``rows``: see ``FirstLayer``."""
    return _model(
        "first",
        [*_first_layer()],
        [_floats("own", "pieces", DIMENSIONS)],
        _floats("rows", "pieces", ROW),
        [*_first_missing()],
    )


def second() -> ModelProto:
    """Of one line. ``flat`` has a row of ``WIDTH`` for each order of each piece, ``first`` the same
    with one row per piece, ``own`` the piece's own vector, ``windows…`` the rows of ``flat`` that a
    window takes in; ``mean`` is one row.
    """
    windows = [
        helper.make_tensor_value_info(
            f"windows{each.size}", TensorProto.INT64, ["pieces", each.size]
        )
        for each in ORDERS
    ]
    inputs = [
        _floats("flat", "rows", WIDTH),
        _floats("first", "pieces", ALL),
        _floats("own", "pieces", DIMENSIONS),
        *windows,
    ]
    return _model(
        "second",
        [*_second_layer()],
        inputs,
        _floats("mean", 1, _FEATURES),
        [*_constants(), *_second_missing()],
    )


def last() -> ModelProto:
    """Of many lines, a row for each: ``mean`` as ``second`` gives it, ``root`` the square root of
    how many pieces a line has; each ``vectors`` is of length one.
    """
    return _model(
        "last",
        [*_last_layers()],
        [_floats("mean", "lines", _FEATURES), _floats("root", "lines", 1)],
        _floats("vectors", "lines", DIMENSIONS),
        [*_last_missing()],
    )


def _model(
    name: str,
    nodes: Sequence[NodeProto],
    inputs: Sequence[ValueInfoProto],
    output: ValueInfoProto,
    tensors: Sequence[TensorProto],
) -> ModelProto:
    graph = helper.make_graph(nodes, name, inputs, [output], initializer=tensors)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_OURS, 1)]
    model = helper.make_model(graph, producer_name="causerie", opset_imports=opsets)
    model.ir_version = 9
    return model


def _first_layer() -> Iterator[NodeProto]:
    """A projection, and what it adds to each place of each window."""
    yield _dense("project", "own", "plain", bias="bias")
    normed = ["plain", "norm", "norm_bias"]
    yield _node("LayerNormalization", normed, "projected", axis=-1, epsilon=EPSILON)
    yield helper.make_node(
        "Split",
        ["projected"],
        [f"part{each.size}" for each in ORDERS],
        axis=1,
        num_outputs=len(ORDERS),
    )
    for each in ORDERS:
        size = each.size
        yield _dense(f"first{size}", f"part{size}", f"added{size}", bias=f"first{size}_bias")
        places = [f"added{size}_{place}" for place in range(size)]
        yield helper.make_node("Split", [f"added{size}"], places, axis=1, num_outputs=size)
    added = [
        f"added{ORDERS[at].size}_{ORDERS[at].before + away}"
        for away, orders in REACHES
        for at in orders
    ]
    yield _node("Concat", ["projected", *added], "rows", axis=1)


def _second_layer() -> Iterator[NodeProto]:
    """Convolutions: the rows of each window side by side, times a matrix. Then the mean over a
    line's pieces."""
    for each in ORDERS:
        size, name = each.size, f"second{each.size}"
        yield _node("Gather", ["flat", f"windows{size}"], f"rows{size}", axis=0)
        yield _node("Reshape", [f"rows{size}", f"side_by_side{size}"], f"wide{size}")
        matrix = [name, f"{name}_scale", f"{name}_zero", f"{name}_bias"]
        yield _node("DynamicQuantizeMatMul", [f"wide{size}", *matrix], f"sum{size}", domain=_OURS)
    yield _node("Concat", [f"sum{each.size}" for each in ORDERS], "sums", axis=1)
    yield _node("Relu", ["sums"], "kept")
    yield _node("Add", ["kept", "first"], "second")
    yield _node("Concat", ["own", "second"], "features", axis=1)
    normed = ["features", "norm", "norm_bias"]
    yield _node("LayerNormalization", normed, "even", axis=-1, epsilon=EPSILON)
    yield _node("ReduceMean", ["even", "rows_axis"], "mean", keepdims=1)


def _last_layers() -> Iterator[NodeProto]:
    """No row depends on the others."""
    yield _dense("pool", "mean", "pooled", bias="pool_bias")
    yield _node("Mul", ["pooled", "root"], "line")
    yield _dense("d0", "line", "a")
    yield _node("Relu", ["a"], "inner0")
    yield _dense("p1", "line", "b")
    yield _dense("d1", "inner0", "c")
    yield _node("Add", ["b", "c"], "d")
    yield _node("Relu", ["d"], "inner1")
    yield _dense("d2", "inner1", "e")
    yield _node("Relu", ["e"], "inner2")
    yield _dense("p3", "inner1", "f")
    yield _dense("d3", "inner2", "g")
    yield _node("Add", ["f", "g"], "h")
    yield _node("Tanh", ["h"], "bounded")
    yield _node("LpNormalization", ["bounded"], "vectors", axis=-1, p=2)


def _dense(name: str, source: str, to: str, *, bias: str | None = None) -> NodeProto:
    """A product with a matrix in blocks of eight-bit numbers."""
    inputs, outputs = _SHAPES[name]
    taken = [source, name, f"{name}_scale", *(["", "", bias] if bias else [])]
    size = {"K": inputs, "N": outputs, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
    return _node("MatMulNBits", taken, to, domain=_OURS, **size)


def _node(
    kind: str, inputs: Sequence[str], output: str, *, domain: str = "", **how: Any
) -> NodeProto:
    return helper.make_node(kind, list(inputs), [output], domain=domain, **how)


def _constants() -> Iterator[TensorProto]:
    yield helper.make_tensor("rows_axis", TensorProto.INT64, [1], [0])
    for each in ORDERS:
        shape = [-1, each.size * WIDTH]
        yield helper.make_tensor(f"side_by_side{each.size}", TensorProto.INT64, [2], shape)


def _first_missing() -> Iterator[TensorProto]:
    """The weights, as something that is to be found elsewhere."""
    for name in ("bias", "norm", "norm_bias"):
        yield _elsewhere(name, TensorProto.FLOAT, ALL)
    yield from _blocks("project")
    for each in ORDERS:
        yield from _blocks(f"first{each.size}")
        yield _elsewhere(f"first{each.size}_bias", TensorProto.FLOAT, WIDTH * each.size)


def _second_missing() -> Iterator[TensorProto]:
    for name in ("norm", "norm_bias"):
        yield _elsewhere(name, TensorProto.FLOAT, _FEATURES)
    for each in ORDERS:
        name = f"second{each.size}"
        yield _elsewhere(name, TensorProto.INT8, each.size * WIDTH, WIDTH)
        yield _elsewhere(f"{name}_zero", TensorProto.INT8, WIDTH)
        yield _elsewhere(f"{name}_scale", TensorProto.FLOAT, WIDTH)
        yield _elsewhere(f"{name}_bias", TensorProto.FLOAT, WIDTH)


def _last_missing() -> Iterator[TensorProto]:
    yield _elsewhere("pool_bias", TensorProto.FLOAT, DIMENSIONS)
    for name in ("pool", *DENSE):
        yield from _blocks(name)


def _blocks(name: str) -> Iterator[TensorProto]:
    inputs, outputs = _SHAPES[name]
    blocks = inputs // BLOCK
    yield _elsewhere(name, TensorProto.UINT8, outputs, blocks, BLOCK)
    yield _elsewhere(f"{name}_scale", TensorProto.FLOAT, outputs * blocks)


def _elsewhere(name: str, kind: int, *shape: int) -> TensorProto:
    tensor = TensorProto(name=name, data_type=kind, dims=shape)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="given-when-loaded")
    return tensor


def _floats(name: str, rows: str | int, columns: int) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows, columns])


if __name__ == "__main__":
    for file, model in ((FIRST, first()), (SECOND, second()), (LAST, last())):
        file.write_bytes(model.SerializeToString(deterministic=True))
