"""SQL of the calendar rule: days and months are Shanghai's, in the database too."""

from django.db.models import DateField, Func
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
