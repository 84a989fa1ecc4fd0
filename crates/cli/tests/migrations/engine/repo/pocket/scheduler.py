"""Which requests go together, and who sees which token."""

from pocket import stripes


def batches(lengths, room):
    """Indices of requests, in order, so that no batch is larger than the room."""
    made, left = [], 0
    for index, length in enumerate(lengths):
        if length > room:
            raise ValueError(f"request {index} needs {length}, and there is room for {room}")
        if not made or length > left:
            made.append([])
            left = room
        made[-1].append(index)
        left -= length
    return made


def mask(lengths):
    """A row for each request: 1 where it has a token."""
    tensor = stripes.zeros(len(lengths), max(lengths, default=0))
    for row, length in zip(tensor.rows(), lengths):
        row[:length] = [1.0] * length
    return tensor
