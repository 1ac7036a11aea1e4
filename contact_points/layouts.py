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
    "village",
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
    # A leader's post says of which body they are.
    needed=(("unit", "post"), ("officer",), ("village", "village_code")),
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
    sections=("township", "unit"),
    one_each=("village", "village_code"),
)

HOUSEHOLDS_COUNT = Column(
    "households_count",
    "户数",
    gettext_noop("Number of households"),
    "count",
    (
        *("总户数", "户籍户数", "农户数", "户数(户)", "户数合计", "全村户数", "农户总数", "住户数"),
        *("家庭户数", "常住户数", "总户数(户)", "村民户数"),
    ),
)
POPULATION = Column(
    "population",
    "人口",
    gettext_noop("Population"),
    "count",
    (
        *("人口数", "总人口", "人口总数", "总人数", "人数", "人口(人)", "户籍人口", "常住人口"),
        *(
            "户籍人口数",
            "常住人口数",
            "全村人口",
            "人口数(人)",
            "总人口(人)",
            "总人口数",
            "人口合计",
        ),
    ),
)
VILLAGES = Layout(
    "villages",
    (VILLAGE_CODE, VILLAGE, TOWNSHIP, HOUSEHOLDS_COUNT, POPULATION),
    needed=(("village", "village_code"),),
    loosely=(
        (r"代码|编码", "village_code"),
        (r"户数", "households_count"),
        (r"人口", "population"),
        (r"乡镇|街道", "township"),
        (r"村名|村.*名称|行政村", "village"),
    ),
    # A part of the households or people is not all of them.
    foreign=r"贫困|脱贫|低保|五保|特困|残疾|党员|代表|劳动力|监测|外出|流动|男|女|负责人|书记|主任",
)

UNIT_NAME = Column(
    "unit",
    "单位名称",
    gettext_noop("Unit"),
    "name",
    (
        *("单位", "单位全称", "部门", "部门名称", "名称", "单位名", "机关名称", "机构名称", "机构"),
        *("单位(部门)", "部门(单位)", "单位部门", "责任单位", "联系单位", "县直单位", "县直部门"),
        *("所在单位", "工作单位", "所属单位", "单位(全称)", "机关单位"),
    ),
)
UNIT_KIND = Column(
    "unit_kind",
    "单位类别",
    gettext_noop("Kind"),
    "name",
    (
        *("类别", "单位类型", "类型", "单位性质", "性质", "单位分类", "分类", "单位种类", "种类"),
        *("机构类别", "机构类型", "部门类别", "系统", "所属系统", "归口"),
    ),
)
ORDER = Column(
    "order",
    "排序",
    gettext_noop("Order"),
    "count",
    ("排列顺序", "显示顺序", "排序号", "顺序", "排列", "单位排序", "排名", "次序"),
)
UNITS = Layout(
    "units",
    (UNIT_NAME, UNIT_KIND, TOWNSHIP, ORDER),
    needed=(("unit",),),
    loosely=(
        (r"(单位|机构|部门).*(类别|类型|性质|分类)", "unit_kind"),
        (r"乡镇|街道", "township"),
        (r"(单位|部门|机构).*(名称|全称)", "unit"),
        (r"排序|排列", "order"),
    ),
    foreign=r"负责人|领导|书记|局长|主任|联系人|联络员|电话|简称|上级|主管|挂靠|地址",
    # A line 乡镇 or 官亭镇 in a list of units is a kind of them, or a unit itself.
    sections=("unit_kind",),
)

NAME = Column(
    "officer",
    "姓名",
    gettext_noop("Full name"),
    "person",
    (
        *("干部姓名", "人员姓名", "领导姓名", "责任人", "责任人姓名", "干部", "人员", "领导干部"),
        *("领导干部姓名", "工作人员", "姓名(全名)", "联系人", "联系人姓名", "负责人", "领导"),
        *("联络员", "联络员姓名", "成员", "成员姓名", "职工姓名", "走访干部", "走访人"),
    ),
)
USERNAME = Column(
    "username",
    "用户名",
    gettext_noop("User name"),
    "text",
    (
        *("账号", "帐号", "登录名", "登录账号", "登录帐号", "用户账号", "用户帐号", "系统账号"),
        *("登陆账号", "登陆名", "账户", "帐户", "账号名", "用户名称"),
    ),
)
ROLE = Column(
    "role",
    "角色",
    gettext_noop("Role"),
    "name",
    ("用户角色", "系统角色", "账号角色", "权限", "身份角色", "用户类型", "账号类型", "用户权限"),
)
LEFT_ON = Column(
    "left_on",
    "离任日期",
    gettext_noop("Left on"),
    "last",
    (
        *("离任时间", "离职日期", "离职时间", "调离日期", "调离时间", "离岗日期", "离岗时间"),
        *("免职日期", "免职时间", "退休日期", "退休时间", "调出日期", "调出时间", "卸任日期"),
    ),
)
OFFICERS = Layout(
    "officers",
    (NAME, UNIT_NAME, POST, TELEPHONE, USERNAME, ROLE, LEFT_ON),
    needed=(("officer",), ("unit",)),
    loosely=(
        (r"姓名", "officer"),
        (r"单位|部门", "unit"),
        (r"职务", "post"),
        (r"电话|手机|联系方式", "telephone"),
        (r"离任|离职|调离|免职", "left_on"),
        (r"账号|帐号|用户名", "username"),
    ),
    foreign=r"上级|填报|审核|配偶|家庭|紧急|原单位|原职务|原任|曾任|拟任|介绍人",
    sections=("unit",),
)

GROUP = Column(
    "group",
    "组别",
    gettext_noop("Villagers' group"),
    "text",
    ("组", "村民组", "村民小组", "小组", "所在组", "组号", "组名", "所属组", "村组", "生产组"),
)
HOUSEHOLD = Column(
    "household",
    "户号",
    gettext_noop("Household"),
    "household",
    (
        *("户编号", "农户编号", "户编码", "农户号", "家庭编号", "农户户号", "住户编号"),
        *("户序号", "户序", "组内序号", "组内户号", "户顺序号", "农户序号"),
    ),
)
HOUSEHOLDS = Layout(
    "households",
    (VILLAGE_CODE, VILLAGE, TOWNSHIP, HOUSEHOLD),
    also=(GROUP,),
    needed=(("household",), ("village", "village_code")),
    loosely=(
        (r"村.*(代码|编码)", "village_code"),
        (r"户.*(编号|编码|序号)|户号", "household"),
        (r"乡镇|街道", "township"),
        (r"村名|村.*名称|行政村", "village"),
    ),
    # A household is a number; the paper that says whose stays in the village.
    forbidden=(
        r"户主|姓名|户名|成员|家属|配偶|子女|与户主|电话|手机|联系方式|联系号码|出生|生日|年龄|性别"
        r"|民族|宗教|信仰|政治|党派|文化程度|学历|婚姻|健康|残疾|疾病|银行|账号|帐号|卡号|收入|照片"
    ),
    sections=("township", "village"),
)

LAYOUTS = {
    layout.name: layout for layout in (CONTACT_POINTS, VILLAGES, UNITS, OFFICERS, HOUSEHOLDS)
}
