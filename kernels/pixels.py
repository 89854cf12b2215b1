"""The non-zero pixels of a set of images, twice: as a forward pass reads them, and as a backward pass does.

Samples come in tiles of at most 256, inputs in blocks of at most 256, and every pixel is one 16-bit entry,
place * 256 + value, in a group of its own kind:

- forward, by tile, block and sample: the place is that of the input in its block. A sample's sums stay in
  registers while its pixels are added, and a block's weights stay in the first-level cache for a tile.
- backward, by tile and input: the place is that of the sample in its tile. An input's gradients stay in
  registers, and the tile's errors in the cache.

Groups may be padded with entries of value 0 to a multiple of some number.
"""

from .compilation import inlined, kernel


@inlined()
def end_of_block(b, block, inputs):
    """Return the input after the last of block `b`; the last block may be short."""
    return inputs if (b + 1) * block > inputs else (b + 1) * block


@kernel("void(uint8[:, ::1], int64[::1], int64, int64, int64[::1])")
def count_forward(images, tiles, block, multiple, starts):
    """Write where each forward group begins to `starts`, (samples * blocks + 1,).

    Parameters
    ----------
    images : uint8, (samples, inputs)
    tiles : int64, (tiles + 1,)
        The first sample of each tile, and the number of samples.
    block : int
        Inputs a block.
    multiple : int
        What the size of a group is padded to.
    """
    inputs = images.shape[1]
    blocks = -(-inputs // block)
    starts[0] = 0
    group = 0
    for tile in range(tiles.size - 1):
        for b in range(blocks):
            for sample in range(tiles[tile], tiles[tile + 1]):
                count = 0
                for column in range(b * block, end_of_block(b, block, inputs)):
                    count += images[sample, column] != 0
                starts[group + 1] = starts[group] + -(-count // multiple) * multiple
                group += 1


@kernel("void(uint8[:, ::1], int64[::1], int64, int64[::1], uint16[::1])")
def fill_forward(images, tiles, block, starts, entries):
    """Write the forward entries; arguments as in `count_forward`, `entries` zero beforehand."""
    inputs = images.shape[1]
    blocks = -(-inputs // block)
    group = 0
    for tile in range(tiles.size - 1):
        for b in range(blocks):
            for sample in range(tiles[tile], tiles[tile + 1]):
                place = starts[group]
                for column in range(b * block, end_of_block(b, block, inputs)):
                    value = int(images[sample, column])
                    if value != 0:
                        entries[place] = (column - b * block) * 256 + value
                        place += 1
                group += 1


@kernel("void(uint8[:, ::1], int64[::1], int64, int64[::1])")
def count_backward(images, tiles, multiple, starts):
    """Write where each backward group begins to `starts`, (tiles * inputs + 1,), as `count_forward` does."""
    inputs = images.shape[1]
    for group in range(starts.size):
        starts[group] = 0
    for tile in range(tiles.size - 1):
        for sample in range(tiles[tile], tiles[tile + 1]):
            for column in range(inputs):
                starts[1 + tile * inputs + column] += images[sample, column] != 0
    for group in range(starts.size - 1):
        starts[group + 1] = starts[group] + -(-starts[group + 1] // multiple) * multiple


@kernel("void(uint8[:, ::1], int64[::1], int64[::1], int64[::1], uint16[::1])")
def fill_backward(images, tiles, starts, places, entries):
    """Write the backward entries; `places`, (inputs,), is room to work in, `entries` zero beforehand."""
    inputs = images.shape[1]
    for tile in range(tiles.size - 1):
        for column in range(inputs):
            places[column] = starts[tile * inputs + column]
        for sample in range(tiles[tile], tiles[tile + 1]):
            for column in range(inputs):
                value = int(images[sample, column])
                if value != 0:
                    entries[places[column]] = (sample - tiles[tile]) * 256 + value
                    places[column] += 1
