"""The kinds of list that the registry is filled from."""

from django.utils.translation import gettext_noop

from contact_points.columns import Column, Layout

VILLAGE_CODE = Column(
    "village_code",
    "村代码",
    gettext_noop("Village code"),
    "code",
    (
        *("村编码", "村级代码", "村编号", "行政区划代码", "区划代码", "统计用区划代码"),
        *("行政村代码", "行政村编码", "村(社区)代码", "12位代码", "村区划代码", "村庄代码"),
    ),
)
VILLAGE = Column(
    "village",
    "村名",
    gettext_noop("Village"),
    "name",
    (
        *("村", "村庄", "行政村", "村(社区)", "村(居)", "村居", "社区", "村名称", "村庄名称"),
        *("联系村", "所联系村", "联系的村", "联系点", "联系点村", "所联系点", "联系村庄"),
        *("联系点村名", "联系村名", "联系点名称", "联系点所在村", "村(社区)名称", "村社区"),
        *("包联村", "所包联村", "包村", "所包村", "包村名称", "所包村(社区)", "包联村(社区)"),
        *("帮扶村", "所帮扶村", "帮扶村名", "驻村", "所驻村", "驻点村", "挂点村", "挂钩村"),
        *("结对村", "分包村", "所分包村", "包保村", "蹲点村", "行政村名称", "行政村名"),
        *("乡镇村", "乡镇(村)", "乡(镇)村", "乡镇、村", "乡镇及村", "联系乡镇村", "所在乡镇村"),
    ),
)
TOWNSHIP = Column(
    "township",
    "乡镇",
    gettext_noop("Township"),
    "name",
    (
        *(
            "乡(镇)",
            "乡镇(街道)",
            "乡镇街道",
            "镇",
            "乡",
            "镇(街道)",
            "乡镇(办)",
            "乡(镇、街道)",
        ),
        *("所属乡镇", "所在乡镇", "乡镇名称", "乡镇名", "联系乡镇", "包联乡镇", "包村乡镇"),
        *("所属乡(镇)", "所在乡(镇)", "村所在乡镇", "街道", "所属镇", "所在镇"),
    ),
)
UNIT = Column(
    "unit",
    "联系单位",
    gettext_noop("Unit"),
    "name",
    (
        *(
            "单位",
            "单位名称",
            "责任单位",
            "包联单位",
            "帮扶单位",
            "包村单位",
            "部门",
            "部门名称",
        ),
        *("包联部门", "联系部门", "责任部门", "驻村单位", "挂点单位", "分包单位", "包保单位"),
        *("所在单位", "工作单位", "县直单位", "县直部门", "结对单位", "后盾单位", "派出单位"),
        *("单位全称", "牵头单位", "联系单位名称", "包联单位名称", "所属单位"),
    ),
)
OFFICER = Column(
    "officer",
    "责任人",
    gettext_noop("Responsible officer"),
    "person",
    (
        *("责任人姓名", "姓名", "联系领导", "包村领导", "包联领导", "包联干部", "联系人"),
        *("联系干部", "驻村干部", "包村干部", "帮扶干部", "帮扶责任人", "包联责任人", "领导"),
        *(
            "领导姓名",
            "县级领导",
            "县领导",
            "联系县领导",
            "包联县领导",
            "干部姓名",
            "联系人姓名",
        ),
        *("分包领导", "包保领导", "挂点领导", "责任领导", "联系责任人", "包村责任人", "负责人"),
        *("联系点责任人", "包保责任人", "分包责任人", "包联人", "人员姓名", "联系领导姓名"),
        *("具体责任人", "主要责任人", "第一责任人", "联系点领导", "领导干部", "领导干部姓名"),
    ),
)
POST = Column(
    "post",
    "职务",
    gettext_noop("Post"),
    "text",
    (
        *(
            "现任职务",
            "职位",
            "单位职务",
            "单位及职务",
            "工作单位及职务",
            "单位、职务",
            "现职务",
        ),
        *("责任人职务", "领导职务", "职务职称", "职务名称", "联系人职务", "行政职务"),
    ),
)
TELEPHONE = Column(
    "telephone",
    "联系电话",
    gettext_noop("Telephone"),
    "telephone",
    (
        *("电话", "手机", "手机号", "手机号码", "联系方式", "电话号码", "办公电话", "联系手机"),
        *("移动电话", "责任人电话", "联系人电话", "手机电话", "联系号码", "责任人联系电话"),
        *("联系电话(手机)", "号码"),
    ),
)
FIRST_DAY = Column(
    "first_day",
    "起始日期",
    gettext_noop("First day"),
    "first",
    (
        *("开始日期", "起始时间", "开始时间", "起始", "开始", "起", "包联开始时间", "起始年月"),
        *("联系开始时间", "任职时间", "生效日期", "自", "起始日", "开始年月", "起始月份"),
    ),
)
LAST_DAY = Column(
    "last_day",
    "终止日期",
    gettext_noop("Last day"),
    "last",
    (
        *("结束日期", "截止日期", "终止时间", "结束时间", "截止时间", "终止", "结束", "截止"),
        *("止", "至", "终止年月", "结束年月", "联系结束时间", "到期日期", "到期时间"),
    ),
)
NOTE = Column(
    "note",
    "备注",
    gettext_noop("Note"),
    "text",
    ("备考", "说明", "备注说明", "附注", "其他说明"),
)
# Two days in one cell, like 2026.1-2026.12; read into first_day and last_day, never exported.
PERIOD = Column(
    "period",
    "起止时间",
    gettext_noop("From and to"),
    "period",
    (
        *("起止日期", "起止年月", "时间", "联系时间", "包联时间", "帮扶时间", "期限", "联系期限"),
        *("包联期限", "起止", "时限", "联系起止时间", "包联起止时间", "工作时间", "驻村时间"),
    ),
)

CONTACT_POINTS = Layout(
    "contact_points",
    (VILLAGE_CODE, VILLAGE, TOWNSHIP, UNIT, OFFICER, POST, TELEPHONE, FIRST_DAY, LAST_DAY, NOTE),
    also=(PERIOD,),
    needed=(("unit",), ("officer",), ("village", "village_code")),
    loosely=(
        (r"代码|编码", "village_code"),
        (r"电话|手机|联系方式", "telephone"),
        (r"起止", "period"),
        (r"(开始|起始)(时间|日期|年月)", "first_day"),
        (r"(结束|终止|截止)(时间|日期|年月)", "last_day"),
        (r"职务", "post"),
        (r"(联系|包联|包村|责任|帮扶|分包|包保|挂点).*(领导|干部)|责任人|包联人", "officer"),
        (r"(联系|包联|包村|责任|帮扶|分包|包保|后盾).*(单位|部门)", "unit"),
        (r"(联系|包联|包|帮扶|驻|分包|挂点|结对).*村", "village"),
        (r"乡镇", "township"),
    ),
    # People of the village itself: their name and telephone are not the responsible officer's.
    foreign=r"支部书记|村书记|村主任|村干部|两委|网格员|第一书记|支书|填报|审核",
)

HOUSEHOLDS_COUNT = Column(
    "households_count", "户数", gettext_noop("Households"), "text", ("总户数", "户数(户)")
)
POPULATION = Column(
    "population", "人口", gettext_noop("Population"), "text", ("人口数", "总人口", "人口(人)")
)
VILLAGES = Layout(
    "villages",
    (VILLAGE_CODE, VILLAGE, TOWNSHIP, HOUSEHOLDS_COUNT, POPULATION),
    needed=(("village", "village_code"),),
)

UNIT_NAME = Column("unit", "单位名称", gettext_noop("Unit"), "name", ("单位", "部门", "单位全称"))
UNIT_KIND = Column(
    "unit_kind", "单位类别", gettext_noop("Kind"), "name", ("类别", "单位性质", "单位类型", "类型")
)
ORDER = Column("order", "排序", gettext_noop("Order"), "text", ("排列顺序", "顺序"))
UNITS = Layout("units", (UNIT_NAME, UNIT_KIND, TOWNSHIP, ORDER), needed=(("unit",),))

NAME = Column("officer", "姓名", gettext_noop("full name"), "person", ("干部姓名", "责任人"))
USERNAME = Column("username", "用户名", gettext_noop("user name"), "text", ("账号", "登录名"))
ROLE = Column("role", "角色", gettext_noop("role"), "name", ("账号角色", "用户角色"))
LEFT_ON = Column("left_on", "离任日期", gettext_noop("Left on"), "last", ("离任时间", "离职日期"))
OFFICERS = Layout(
    "officers",
    (NAME, UNIT_NAME, POST, TELEPHONE, USERNAME, ROLE, LEFT_ON),
    needed=(("officer",), ("unit",)),
)

HOUSEHOLD = Column(
    "household", "户编号", gettext_noop("Household"), "name", ("户号", "农户编号", "编号")
)
HOUSEHOLDS = Layout(
    "households",
    (VILLAGE_CODE, VILLAGE, TOWNSHIP, HOUSEHOLD),
    needed=(("village", "village_code"), ("household",)),
)
LAYOUTS = {
    layout.name: layout for layout in (CONTACT_POINTS, VILLAGES, UNITS, OFFICERS, HOUSEHOLDS)
}
