"""What a processor can do at most of what the sparse form of an epoch is made of: loads and multiply-adds.

The first loop loads what `add_row_groups` loads for each entry, always from the first-level cache, and the second
multiplies and adds what is in registers. Neither does anything else that takes the processor as long, so the time that
they take is the least in which any code does as many. The vectors are those of `vectors`, so LLVM splits them alike.
"""

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .compilation import kernel
from .vectors import (
    _HALF_VECTOR,
    _INDEX,
    _VECTOR,
    HALF,
    LANES,
    MOST_VECTORS,
    _data,
    _index,
    _load,
    _loop,
    _multiply_add,
    _spread,
    _store,
)

ENTRIES = 4
"""Entries that are loaded in one turn of the loop, each combined with numbers of its own, so that no load waits."""

CHAINS = (3, 7, 12)
"""Sums that are under way at once, of which the quickest number counts.

Too few wait for one another, and too many don't fit into the registers: 7 vectors of 16 numbers fill the 16 registers
of AVX2, AVX-512 has room for 12, and SSE for 3.
"""

_BITS = ir.VectorType(ir.IntType(32), LANES)
_HALF_BITS = ir.VectorType(ir.IntType(32), HALF)


@intrinsic
def combine_loads(typing, turns, halves, entries, scales, rows, total, bits):
    """Load `turns * ENTRIES` entries, each with its scale and `halves` (1 to 2 * MOST_VECTORS) half vectors of a row.

    What is loaded is combined, so that LLVM leaves no load out: for turn in range(turns) and e in range(ENTRIES),
    `total[0] += entries[e]`, and by exclusive or of the bits, `bits[LANES * e + lane] ^= scales[e]` for lane in
    range(LANES) and `bits[LANES * e + place % LANES] ^= rows[HALF * e * halves + place]` for place in
    range(HALF * halves).
    """
    i = types.int64
    signature = types.void(i, i, entries, scales, rows, total, bits)

    def generate(context, builder, signature, arguments):
        turns, halves = arguments[:2]
        sources = [_data(context, builder, signature.args[n], arguments[n]) for n in (2, 3, 4)]
        total, bits = (_data(context, builder, signature.args[n], arguments[n]) for n in (5, 6))
        after = builder.append_basic_block("after")
        cases = builder.switch(halves, after)
        for count in range(1, 2 * MOST_VECTORS + 1):
            case = builder.append_basic_block(f"halves{count}")
            cases.add_case(_index(count), case)
            builder.position_at_end(case)
            _combine_rows(builder, turns, count, sources, total, bits)
            builder.branch(after)
        builder.position_at_end(after)
        return context.get_dummy_value()

    return signature, generate


def _combine_rows(builder, turns, halves, sources, total, bits):
    """Emit the loop for rows of so many half vectors, with what is combined in registers."""
    entries, scales, rows = sources
    whole, half = divmod(halves, 2)

    def combine_turn(_, before):
        sum_of_entries, *combined = before
        for e in range(ENTRIES):
            # To LLVM alone memory may have changed here: it loads again, and in this order, which is the quickest.
            builder.fence("acq_rel", "singlethread")
            entry, scale = (builder.load(builder.gep(source, [_index(e)])) for source in (entries, scales))
            sum_of_entries = builder.add(sum_of_entries, builder.zext(entry, _INDEX))
            first = HALF * e * halves
            row = [_load(builder, rows, _index(first + LANES * v)) for v in range(whole)]
            for vector in (_spread(builder, scale), *row):
                combined[e] = builder.xor(combined[e], builder.bitcast(vector, _BITS))
            if half:
                rest = _load(builder, rows, _index(first + LANES * whole), _HALF_VECTOR)
                combined[ENTRIES + e] = builder.xor(combined[ENTRIES + e], builder.bitcast(rest, _HALF_BITS))
        return [sum_of_entries, *combined]

    places = [_index(LANES * e) for e in range(ENTRIES)]
    started = [builder.bitcast(_load(builder, bits, place), _BITS) for place in places]
    started += [ir.Constant(_HALF_BITS, None)] * (ENTRIES * half)
    ended = _loop(builder, _index(0), turns, 1, [builder.load(total), *started], combine_turn)
    builder.store(ended[0], total)
    for vector, place in zip(ended[1 : ENTRIES + 1], places, strict=True):
        _store(builder, builder.bitcast(vector, _VECTOR), bits, place)
    for vector, place in zip(ended[ENTRIES + 1 :], places * half, strict=True):
        first = builder.bitcast(_load(builder, bits, place, _HALF_VECTOR), _HALF_BITS)
        _store(builder, builder.bitcast(builder.xor(first, vector), _HALF_VECTOR), bits, place)


@intrinsic
def chain_multiply_adds(typing, turns, chains, factor, addend, sums):
    """Multiply and add `chains` (one of CHAINS) vectors of sums so many times, in registers.

    For turn in range(turns) and k in range(LANES * chains): `sums[k] = sums[k] * factor + addend`.
    """
    i = types.int64
    signature = types.void(i, i, types.float32, types.float32, sums)

    def generate(context, builder, signature, arguments):
        turns, chains = arguments[:2]
        factor, addend = (_spread(builder, number) for number in arguments[2:4])
        sums = _data(context, builder, signature.args[4], arguments[4])
        after = builder.append_basic_block("after")
        cases = builder.switch(chains, after)
        for count in CHAINS:
            case = builder.append_basic_block(f"chains{count}")
            cases.add_case(_index(count), case)
            builder.position_at_end(case)
            places = [_index(LANES * c) for c in range(count)]
            started = [_load(builder, sums, place) for place in places]
            ended = _loop(
                builder, _index(0), turns, 1, started,
                lambda _, now: [_multiply_add(builder, factor, total, addend) for total in now],
            )  # fmt: skip
            for place, total in zip(places, ended, strict=True):
                _store(builder, total, sums, place)
            builder.branch(after)
        builder.position_at_end(after)
        return context.get_dummy_value()

    return signature, generate


def plain_combine_loads(turns, halves, entries, scales, rows, total, bits):
    """Do what `combine_loads` does, in plain Python."""
    scale_bits, row_bits, combined = (numbers.view(np.int32) for numbers in (scales, rows, bits))
    for _ in range(turns):
        for e in range(ENTRIES):
            total[0] += int(entries[e])
            combined[LANES * e : LANES * (e + 1)] ^= scale_bits[e]
            for place in range(0, HALF * halves, HALF):
                first, row = LANES * e + place % LANES, HALF * e * halves + place
                combined[first : first + HALF] ^= row_bits[row : row + HALF]


def plain_chain_multiply_adds(turns, chains, factor, addend, sums):
    """Do what `chain_multiply_adds` does, in plain Python."""
    for _ in range(turns):
        sums[: LANES * chains] = sums[: LANES * chains] * factor + addend


if numba.config.DISABLE_JIT:
    combine_loads, chain_multiply_adds = plain_combine_loads, plain_chain_multiply_adds


@kernel("void(int64, int64, uint16[::1], float32[::1], float32[::1], int64[::1], float32[::1])")
def load_entries(turns, halves, entries, scales, rows, total, bits):
    """Do `combine_loads`, from ENTRIES entries and scales, and as many rows one after the other."""
    combine_loads(turns, halves, entries, scales, rows, total, bits)


@kernel("void(int64, int64, float32, float32, float32[::1])")
def multiply_and_add(turns, chains, factor, addend, sums):
    """Do `chain_multiply_adds`."""
    chain_multiply_adds(turns, chains, factor, addend, sums)
