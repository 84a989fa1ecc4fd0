"""One head of attention."""

import math

from pocket import stripes


def attend(queries, keys, values):
    width = queries.shape()[1]
    scores = stripes.scaled(stripes.matmul(queries, stripes.transposed(keys)), 1 / math.sqrt(width))
    return stripes.matmul(stripes.softmax(scores), values)
