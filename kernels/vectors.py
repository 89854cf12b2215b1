"""Explicit vectors of 16 float32 numbers: the two loops that nearly all of an epoch's time goes into.

LLVM doesn't vectorise such short loops by itself, so these functions emit its instructions on vectors
directly, with the sums held in registers while a loop runs. On processors with narrower registers LLVM splits
the vectors. Each function says what it computes in plain Python; tests hold them to that.
"""

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import registry
from numba.core.imputils import impl_ret_borrowed
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

LANES = 16
"""float32 numbers in one vector."""

HALF = LANES // 2
"""float32 numbers in half a vector, which is added for the rest of a row: a whole register of many processors."""

MOST_VECTORS = 8
"""Vectors that `add_row_groups` keeps in registers at once; wider rows are walked in strips."""


def registers_for_sums() -> int:
    """Return how many vectors of 16 numbers fit into the processor's registers."""
    *_, features = registry.cpu_target.target_context.codegen().magic_tuple()
    return 32 if "+avx512f" in features else 8 if "+avx," in features or "+neon" in features else 4


def entries_at_once(vectors: int, registers: int) -> int:
    """Return how many entries are under way at once for rows of `vectors` vectors, each with sums of its own.

    Several hide the time that an addition takes, as long as all sums stay in registers, with two to spare. Measured
    best with 32 registers (AVX-512) and with 16 half as wide (AVX2, where 4 and 5 vectors take a fifth less time than
    with two entries under way).
    """
    most = 4 if vectors == 1 else 2 if vectors <= 5 else 1
    return next((count for count in (4, 2) if count <= most and count * vectors + 2 <= registers), 1)


ENTRIES_AT_ONCE = (0, *(entries_at_once(count, registers_for_sums()) for count in range(1, MOST_VECTORS + 1)))
"""`entries_at_once` by the number of vectors, for this processor."""

_FLOAT = ir.FloatType()
_VECTOR = ir.VectorType(_FLOAT, LANES)
_HALF_VECTOR = ir.VectorType(_FLOAT, HALF)
_INDEX = ir.IntType(64)
_INT32 = ir.IntType(32)


@intrinsic
def add_row_groups(
    typing, entries, starts, group, groups, scales, rows, row_place, row_stride, sums, sum_place, sum_stride, halves
):  # fmt: skip
    """Add scaled rows of one matrix to each row of another, `halves` (1 to 2 * MOST_VECTORS) half vectors wide.

    For g in range(groups), k in range(starts[group + g], starts[group + g + 1]), entries[k] = row * 256 + scale, and
    lane in range(8 * halves): `sums[sum_place + g * sum_stride + lane] += scales[scale] * rows[row_place +
    row * row_stride + lane]`. The size of every group is a multiple of ENTRIES_AT_ONCE of as many whole vectors.
    """
    i = types.int64
    signature = types.void(entries, starts, i, i, scales, rows, i, i, sums, i, i, i)

    def generate(context, builder, signature, arguments):
        entries, starts, scales, rows, sums = (
            _data(context, builder, signature.args[n], arguments[n]) for n in (0, 1, 4, 5, 8)
        )
        group, groups, row_place, row_stride = (arguments[n] for n in (2, 3, 6, 7))
        sum_place, sum_stride, halves = arguments[9:12]
        starts, rows = builder.gep(starts, [group]), builder.gep(rows, [row_place])
        after = builder.append_basic_block("after")
        cases = builder.switch(halves, after)
        for count in range(1, 2 * MOST_VECTORS + 1):

            def add_group(g, _, count=count):
                first, last = (builder.load(builder.gep(starts, [builder.add(g, _index(n))])) for n in (0, 1))
                with builder.if_then(builder.icmp_signed("<", first, last)):
                    place = builder.add(sum_place, builder.mul(g, sum_stride))
                    _add_rows(builder, entries, first, last, scales, rows, row_stride, sums, place, count)
                return []

            case = builder.append_basic_block(f"halves{count}")
            cases.add_case(_index(count), case)
            builder.position_at_end(case)
            _loop(builder, _index(0), groups, 1, [], add_group)
            builder.branch(after)
        builder.position_at_end(after)
        return context.get_dummy_value()

    return signature, generate


def _add_rows(builder, entries, first, last, scales, rows, stride, sums, place, halves):
    """Emit the loop over one group's entries, with the sums, `halves` half vectors, in registers."""
    kinds = [_VECTOR] * (halves // 2) + [_HALF_VECTOR] * (halves % 2)
    at_once = ENTRIES_AT_ONCE[len(kinds)]
    lanes = [builder.add(place, _index(LANES * v)) for v in range(len(kinds))]

    def add_entries(k, sums_now):
        sums_after = []
        for u in range(at_once):
            entry = builder.zext(builder.load(builder.gep(entries, [builder.add(k, _index(u))])), _INDEX)
            scale = builder.load(builder.gep(scales, [builder.and_(entry, _index(255))]))
            row = builder.mul(builder.lshr(entry, _index(8)), stride)
            for v, kind in enumerate(kinds):
                numbers = _load(builder, rows, builder.add(row, _index(LANES * v)), kind)
                total = sums_now[len(sums_after)]
                sums_after.append(_multiply_add(builder, _spread(builder, scale, kind), numbers, total))
        return sums_after

    started = [_load(builder, sums, lane, kind) for lane, kind in zip(lanes, kinds, strict=True)]
    zeros = [ir.Constant(kind, None) for kind in kinds * (at_once - 1)]
    ended = _loop(builder, first, last, at_once, started + zeros, add_entries)
    for v, lane in enumerate(lanes):
        total = ended[v]
        for other in ended[v + len(kinds) :: len(kinds)]:
            total = builder.fadd(total, other)
        _store(builder, total, sums, lane)


@intrinsic(prefer_literal=True)
def add_products(
    typing, left, left_place, left_row, left_step, steps,
    right, right_place, right_step, out, out_place, out_row, anew, rows,
):  # fmt: skip
    """Add the product of two matrices to `rows` rows of sums, one vector wide, which begin at zero if `anew`.

    For row in range(rows), lane in range(16) and k in range(steps): `out[out_place + row * out_row + lane] +=
    left[left_place + row * left_row + k * left_step] * right[right_place + k * right_step + lane]`.
    `anew` and `rows` are constants.
    """
    if not isinstance(rows, types.IntegerLiteral) or not isinstance(anew, types.BooleanLiteral):
        return None
    i = types.int64
    signature = types.void(left, i, i, i, i, right, i, i, out, i, i, anew, rows)
    count = rows.literal_value

    def generate(context, builder, signature, arguments):
        left_data, right_data, out_data = (_data(context, builder, signature.args[n], arguments[n]) for n in (0, 5, 8))
        left_place, left_row, left_step, steps = arguments[1:5]
        right_place, right_step = arguments[6:8]
        out_place, out_row = arguments[9:11]
        left_data, right_data = builder.gep(left_data, [left_place]), builder.gep(right_data, [right_place])
        left_rows = [builder.mul(left_row, _index(r)) for r in range(count)]
        out_rows = [builder.add(out_place, builder.mul(out_row, _index(r))) for r in range(count)]

        def add_step(k, sums_now):
            numbers = _load(builder, right_data, builder.mul(k, right_step))
            step = builder.mul(k, left_step)
            factors = [builder.load(builder.gep(left_data, [builder.add(row, step)])) for row in left_rows]
            return [
                _multiply_add(builder, _spread(builder, factor), numbers, total)
                for factor, total in zip(factors, sums_now, strict=True)
            ]

        zero = ir.Constant(_VECTOR, None)
        started = [zero if anew.literal_value else _load(builder, out_data, row) for row in out_rows]
        for row, total in zip(out_rows, _loop(builder, _index(0), steps, 1, started, add_step), strict=True):
            _store(builder, total, out_data, row)
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def window(typing, array, start, count):
    """Return `count` numbers of a contiguous array from place `start` in memory on, (count,), without a copy.

    Does what `array.reshape(-1)[start : start + count]` does, whose checks take long to compile.
    """
    i = types.int64
    line = types.Array(array.dtype, 1, "C")

    def generate(context, builder, signature, arguments):
        whole = context.make_array(signature.args[0])(context, builder, arguments[0])
        part = context.make_array(line)(context, builder)
        count, size = arguments[2], context.get_constant(types.intp, context.get_abi_sizeof(_number(context, line)))
        data = builder.gep(whole.data, [arguments[1]])
        populate_array(part, data, [count], [size], size, whole.meminfo, parent=whole.parent)
        return impl_ret_borrowed(context, builder, line, part._getvalue())

    return line(array, i, i), generate


@intrinsic
def bits_of(typing, number):
    """Return the bits of a float32 number as an int32."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], _INT32)

    return types.int32(types.float32), generate


@intrinsic
def float_of(typing, bits):
    """Return the float32 number that has the bits of an int32."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], _FLOAT)

    return types.float32(types.int32), generate


def _data(context, builder, kind, array):
    """Return the pointer to an array's first element."""
    return context.make_array(kind)(context, builder, array).data


def _number(context, kind):
    return context.get_data_type(kind.dtype)


def _index(number):
    return ir.Constant(_INDEX, number)


def _load(builder, data, place, kind=_VECTOR):
    return builder.load(builder.bitcast(builder.gep(data, [place]), kind.as_pointer()), align=4)


def _store(builder, vector, data, place):
    builder.store(vector, builder.bitcast(builder.gep(data, [place]), vector.type.as_pointer()), align=4)


def _spread(builder, number, kind=_VECTOR):
    """Return a vector with the number in every lane."""
    nothing = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(nothing, number, ir.Constant(_INT32, 0))
    return builder.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(_INT32, kind.count), [0] * kind.count))


def _multiply_add(builder, factor, numbers, total):
    product = builder.fmul(factor, numbers, flags=("contract",))
    return builder.fadd(total, product, flags=("contract",))


def _loop(builder, first, last, step, started, body):
    """Emit `for k in range(first, last, step)` around `body`, with values carried in registers.

    `body(k, values)` emits one turn and returns the values after it; those after the last turn are returned.
    """
    before = builder.block
    head, inside, after = (builder.append_basic_block(name) for name in ("head", "inside", "after"))
    builder.branch(head)
    builder.position_at_end(head)
    k = builder.phi(_INDEX)
    values = [builder.phi(value.type) for value in started]
    builder.cbranch(builder.icmp_signed("<", k, last), inside, after)
    builder.position_at_end(inside)
    values_after = body(k, values)
    next_k = builder.add(k, _index(step))
    back = builder.block  # the body may have emitted blocks of its own
    builder.branch(head)
    for phi, initial, updated in zip([k, *values], [first, *started], [next_k, *values_after], strict=True):
        phi.add_incoming(initial, before)
        phi.add_incoming(updated, back)
    builder.position_at_end(after)
    return values


def plain_add_row_groups(
    entries, starts, group, groups, scales, rows, row_place, row_stride, sums, sum_place, sum_stride, halves
):  # fmt: skip
    """Do what `add_row_groups` does, in plain Python and another order of addition."""
    lanes, vectors = HALF * halves, (halves + 1) // 2
    for g in range(groups):
        place = sum_place + g * sum_stride
        first, last = starts[group + g], starts[group + g + 1]
        assert (last - first) % ENTRIES_AT_ONCE[vectors] == 0
        for entry in entries[first:last].astype(int):
            row = row_place + (entry >> 8) * row_stride
            sums[place : place + lanes] += scales[entry & 255] * rows[row : row + lanes]


def plain_add_products(
    left, left_place, left_row, left_step, steps,
    right, right_place, right_step, out, out_place, out_row, anew, rows,
):  # fmt: skip
    """Do what `add_products` does, in plain Python."""
    for row in range(rows):
        lanes = slice(out_place + row * out_row, out_place + row * out_row + LANES)
        if anew:
            out[lanes] = 0
        for k in range(steps):
            place = right_place + k * right_step
            factor = left[left_place + row * left_row + k * left_step]
            out[lanes] += factor * right[place : place + LANES]


if numba.config.DISABLE_JIT:
    add_row_groups, add_products = plain_add_row_groups, plain_add_products

    def window(array, start, count):  # noqa: D103
        return array.reshape(-1)[start : start + count]

    def bits_of(number):  # noqa: D103
        return np.float32(number).view(np.int32)

    def float_of(bits):  # noqa: D103
        return np.int32(bits).view(np.float32)
