"""Model files: `name height width`, then as many numbers, and so on."""

from pocket import stripes


def load(text):
    words, tensors = text.split(), {}
    while words:
        (name, height, width), words = (words[0], int(words[1]), int(words[2])), words[3:]
        numbers, words = [float(word) for word in words[: height * width]], words[height * width :]
        if len(numbers) < height * width:
            raise ValueError(f"{name} is cut short")
        tensors[name] = stripes.Tensor([numbers[at * width : (at + 1) * width] for at in range(height)])
    return tensors
