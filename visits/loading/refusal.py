"""Why a cell or a row of the sheet stays out."""

from typing import Any

from contact_points.reading import Sentence


class Refused(Exception):
    """What is wrong, as the sentence its author will read."""

    def __init__(self, text: str, /, **params: Any):
        super().__init__(text)
        self.sentence = Sentence(text, params)
