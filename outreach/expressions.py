"""SQL of the calendar rule: days and months are Shanghai's, in the database too."""

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, DateField, Func, TextField
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
    """The pairs of neighbouring characters of a text: Chinese words are short for trigrams."""

    function = "bigrams"
    arity = 1
    output_field = ArrayField(TextField())


class IsOneOf(Func):
    """Whether a value is one of an array's; unlike IN (SELECT ...) an index can answer it."""

    arity = 2
    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()
