"""Small rows for tests: each function makes one, with believable defaults and any field by name."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange

from contact_points.models import (
    ContactPoint,
    County,
    Household,
    Officer,
    Township,
    Unit,
    Village,
)
from feedback.models import Matter, MatterCategory
from feedback.records import record_of, stamp_of
from feedback.services import Sending, receive_record, save_feedback
from feedback.services.evidence import add_evidence
from feedback.services.matters import accept_matter, raise_matter, say_done
from outreach import clock
from outreach.models import User
from outreach.roles import Role
from reports.bulletins import begin_bulletin
from reports.services import make_report, request_report
from tests.visits.drawing import jpeg
from visits.models import (
    AnnualPlan,
    AvoidedDays,
    Group,
    PlanImport,
    PlanLine,
    ProgrammeYear,
    Talk,
    Topic,
    TopicAttachment,
    Visit,
    YearRule,
)
from visits.services.exemptions import ask_exemption
from visits.services.photos import add_photo, prepare_photo
from visits.services.recording import VisitContent, record_visit

PASSWORD = "a-long-test-password"
_n = count(1)


def count_from(n):
    """The next row gets this number; rows of a test that begin elsewhere than its world's never
    share a code with them."""
    global _n
    _n = count(n)


def county(**fields):
    n = next(_n)
    return County.objects.create(**{"code": f"{130000 + n:06d}", "name": f"测试县{n}"} | fields)


def township(county, **fields):
    n = next(_n)
    values = {"county": county, "code": f"{county.code}{n % 1000:03d}", "name": f"测试镇{n}"}
    return Township.objects.create(**values | fields)


def village(township, **fields):
    n = next(_n)
    values = {
        "county": township.county,
        "township": township,
        "code": f"{township.code}{n % 1000:03d}",
        "name": f"测试村{n}",
        "households_count": 100,
    }
    return Village.objects.create(**values | fields)


def household(village, number=None):
    return Household.objects.create(village=village, number=number or f"1组-{next(_n) % 1000:03d}")


def unit(county, **fields):
    values = {
        "county": county,
        "name": f"县测试局{next(_n)}",
        "kind": Unit.Kind.GOVERNMENT_DEPARTMENT,
    }
    return Unit.objects.create(**values | fields)


def user(role, *, county=None, unit=None, **fields):
    """An account that need not change its password; its password is PASSWORD."""
    n = next(_n)
    row = User(
        **{
            "username": f"user{n}",
            "name": f"用户{n}",
            "role": role,
            "county": county or unit.county,
            "unit": unit,
            "must_change_password": False,
        }
        | fields
    )
    row.set_password(PASSWORD)
    row.full_clean()
    row.save()
    return row


def officer(unit, **fields):
    values = {"county": unit.county, "unit": unit, "name": f"干部{next(_n)}", "post": "科员"}
    return Officer.objects.create(**values | fields)


def cadre(unit, **fields):
    """A cadre's account together with its officer."""
    account = user(Role.CADRE, unit=unit)
    officer(unit, name=account.name, user=account, **fields)
    return account


def contact_point(unit, village, officer_=None, *, first=None, last=None, **fields):
    """Open from 1 January of this year unless `first` says otherwise; `last` is its last day."""
    first = first or clock.today().replace(month=1, day=1)
    return ContactPoint.objects.create(
        county=unit.county,
        unit=unit,
        village=village,
        officer=officer_ or officer(unit),
        period=DateRange(first, last and last + timedelta(days=1)),
        **fields,
    )


def programme_year(county, year=None, *, feedback_due_days=5, visits_per_month=1):
    year = year or clock.today().year
    row = ProgrammeYear.objects.create(county=county, year=year)
    YearRule.objects.create(
        programme_year=row,
        effective_month=date(year, 1, 1),
        feedback_due_days=feedback_due_days,
        visits_per_month=visits_per_month,
    )
    return row


def topic(programme_year, **fields):
    values = {
        "programme_year": programme_year,
        "title": f"宣传内容{next(_n)}",
        "first_month": date(programme_year.year, 1, 1),
        "last_month": date(programme_year.year, 12, 1),
    }
    return Topic.objects.create(**values | fields)


def plan(programme_year, unit, **fields):
    values = {"county": unit.county, "programme_year": programme_year, "unit": unit}
    return AnnualPlan.objects.get_or_create(**values, defaults=fields)[0]


def plan_line(contact_point, month, *, programme_year=None, **fields):
    year = programme_year or ProgrammeYear.objects.get(county=contact_point.county, year=month.year)
    values = {
        "county": contact_point.county,
        "plan": plan(year, contact_point.unit),
        "contact_point": contact_point,
        "month": month,
        "officer": contact_point.officer,
    }
    return PlanLine.objects.create(**values | fields)


def moment(day, hour=9, minute=0):
    """A Shanghai time of day as an aware moment."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.SHANGHAI)


def plan_import(plan, actor, **fields):
    """A sheet that was read, with one village and nothing to write."""
    columns = [{"index": 0, "letter": "A", "header": "村名", "name": "village", "sure": True}]
    row = {"number": 2, "place": "2", "values": {"village": "测试村"}, "problems": []}
    values = {"file_name": "方案.xlsx", "sha256": f"{next(_n):064x}", "state": "ready"}
    values |= {"rows": [row], "understood": {"columns": columns, "sheet": "方案", "unknown": []}}
    made = {"county": plan.county, "plan": plan, "created_by": actor}
    return PlanImport.objects.create(**values | made | fields)


def visit(contact_point, actor, *, started_at=None, talks=None, topics=(), **fields):
    """A visit recorded through the service, today at nine unless said otherwise."""
    content = VisitContent(
        officer_id=fields.pop("officer_id", contact_point.officer_id),
        started_at=started_at or moment(clock.today(), 0, 1),
        talks={(Group.PARTY_MEMBERS, Talk.Form.GROUP_TALK): 8} if talks is None else talks,
        topic_ids=frozenset(t.pk for t in topics),
        **fields,
    )
    row, _new = record_visit(id=uuid4(), contact_point=contact_point, content=content, actor=actor)
    return row


def feedback(visit, actor, *, send=True, **texts):
    """Feedback written through the service."""
    texts = {"findings": "群众反映机井电费计量不准，希望尽快更换电表。"} | texts
    return save_feedback(visit=visit, actor=actor, texts=texts, version=0, send=send)


def received(visit, actor, *, send=True, **texts):
    """The visit's record with these texts, received as a page or a phone sends it."""
    visit = Visit.objects.for_record().get(pk=visit.pk)
    stored = record_of(visit)
    receipt = receive_record(
        id=visit.pk,
        contact_point=visit.contact_point,
        record=replace(stored, texts=stored.texts | texts),
        sending=Sending(edition=uuid4(), base=stamp_of(visit), send=send),
        actor=actor,
    )
    return receipt.feedback


def record_form(place, **more):
    """What the page of a record posts: a visit of the place's officer on 19 May."""
    return {
        "contact_point": place.contact_point.pk,
        "edition": str(uuid4()),
        "base": "",
        "day": "2026-05-19",
        "start": "09:15",
        "end": "11:40",
        "officer": place.officer.pk,
        "people_capable": "7",
        "form_capable": "heart_to_heart",
        "others": "",
        "problems": "",
        "keep": "1",
        **more,
    }


def pdf(name="宣讲提纲.pdf"):
    """An upload that is told apart from every other."""
    return SimpleUploadedFile(name, b"%%PDF-1.7 %d" % next(_n))


def attachment(topic, **fields):
    n = next(_n)
    values = {"topic": topic, "file_name": "宣讲提纲.pdf", "size": 9, "sha256": f"{n:064x}"}
    row = TopicAttachment(**values | fields)
    row.file.save(f"{n}.pdf", ContentFile(b"%PDF-1.7\n"), save=False)
    row.save()
    return row


def photo(visit, actor, *, ready=False):
    """A photo added through the service; `ready`: its sizes are made as well."""
    row = add_photo(visit=visit, actor=actor, content=jpeg(next(_n), (96, 64)))
    if ready:
        prepare_photo(photo=row)
        row.refresh_from_db()
    return row


def avoided_days(programme_year, **fields):
    values = {
        "programme_year": programme_year,
        "first_day": date(programme_year.year, 6, 5),
        "last_day": date(programme_year.year, 6, 20),
        "reason": "麦收",
    }
    return AvoidedDays.objects.create(**values | fields)


def exemption_request(line, actor, **fields):
    """A request asked through the service, for a line that was not visited yet."""
    values = {"kind": "blocked", "reason": "道路塌方，无法进村"} | fields
    return ask_exemption(line=line, actor=actor, **values)


def bulletin(home):
    """A draft begun through the service from a finding of the home's first place."""
    place = home.places[0]
    row = feedback(visit(place.contact_point, place.cadre), place.cadre)
    return begin_bulletin(
        county=home.county,
        month=clock.this_month(),
        title="群众反映的用水问题",
        findings=[row.pk],
        actor=home.office,
    )


def matter_category(county, **fields):
    return MatterCategory.objects.create(**{"county": county, "name": f"类别{next(_n)}"} | fields)


def matter(place, **fields):
    """A matter raised at the desk of the place's unit."""
    values = {"actor": place.coordinator, "village": place.village, "text": "村口路灯不亮"}
    return raise_matter(**values | fields)


def visit_matter(place):
    """A matter raised at the place's visit."""
    row = matter(place)
    Matter.objects.filter(pk=row.pk).update(source="visit", visit=place.visit, position=0)
    return Matter.objects.get(pk=row.pk)


def matter_picture(matter, actor):
    """A photo added through the service, its sizes made."""
    file = SimpleUploadedFile("1.jpg", jpeg(next(_n), (96, 64)))
    (row,) = add_evidence(matter=matter, actor=actor, sent=[file])
    prepare_photo(photo=row)
    row.refresh_from_db()
    return row


def report(home, month):
    """The month's report, asked for by the county's office and made."""
    row = request_report(county=home.county, month=month, actor=home.office)
    return make_report(report=row, progress=lambda *args: None)


def matter_in_work(place, **fields):
    return accept_matter(matter=matter(place, **fields), actor=place.coordinator)


def matter_answered(place, outcome="solved", **fields):
    return say_done(
        matter=matter_in_work(place, **fields),
        actor=place.coordinator,
        outcome=outcome,
        text="已更换灯头，当晚亮灯。",
    )
