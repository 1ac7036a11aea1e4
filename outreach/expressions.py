"""SQL of the calendar rule: days and months are Shanghai's, in the database too."""

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateField, Func, TextField, Value
from django.db.models.functions import Upper
from django.utils.deconstruct import deconstructible


@deconstructible(path="outreach.expressions.ShanghaiDay")
class ShanghaiDay(Func):
    """The Shanghai day of a moment."""

    template = "((%(expressions)s AT TIME ZONE 'Asia/Shanghai')::date)"
    output_field = DateField()


@deconstructible(path="outreach.expressions.ShanghaiMonth")
class ShanghaiMonth(Func):
    """The first day of the Shanghai month of a moment."""

    template = "(date_trunc('month', %(expressions)s AT TIME ZONE 'Asia/Shanghai')::date)"
    output_field = DateField()


@deconstructible(path="outreach.expressions.Bigrams")
class Bigrams(Func):
    """The pairs of neighbouring characters of a text: Chinese words are short for trigrams.

    Made for an index: single characters and empty texts are among them.
    """

    function = "bigrams"
    arity = 1
    output_field = ArrayField(TextField())


class SoughtBigrams(Func):
    """The pairs that `Bigrams` of a text holding this one has, and nothing else."""

    template = "ARRAY[%(expressions)s]"
    output_field = ArrayField(TextField())

    def __init__(self, text: str):
        super().__init__(*(Upper(Value(text[n : n + 2])) for n in range(len(text) - 1)))
