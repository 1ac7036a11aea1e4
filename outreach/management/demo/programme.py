"""What the county office puts into its year: what to say about each topic, and days to avoid."""

from datetime import date
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

# title -> what is said about it, one point a line
POINTS = {
    "反诈宣传和个人信息保护": (
        "不轻信：刷单返利、冒充公检法、养老投资高息回报，都是常见骗局。",
        "不转账：凡是要求转到“安全账户”、先交保证金的，一律挂断电话。",
        "不出借：银行卡、电话卡、身份证不外借、不出租、不出售。",
        "被骗后马上拨打110或反诈专线96110，并保存转账记录。",
    ),
    "春节期间防火防煤气中毒": (
        "取暖前检查炉具和烟道，屋里留通风口，睡前再看一遍火。",
        "一氧化碳报警器装在有炉子的房间，定期试响、换电池。",
        "遵守烟花爆竹禁放规定；不私拉电线，不在楼道给电动车充电。",
    ),
    "全县三干会精神": (
        "讲清全县今年的重点工作和民生实事清单，对照本村能得到什么。",
        "产业项目和就业岗位的信息在哪里查、找谁问。",
        "请群众说说对清单的意见，记下来带回。",
    ),
    "中央一号文件精神": (
        "粮食安全：种粮补贴、最低收购价、耕地用途管控。",
        "农民增收：土地延包、产业到户、外出务工服务。",
        "乡村建设和治理：厕所、道路、饮水，积分制和村规民约。",
    ),
    "小麦春管和统防统治": (
        "看苗情浇水施肥，不搞一刀切；除草抓住气温和苗龄的窗口期。",
        "条锈病、蚜虫由统防统治组织统一打药，群众提前报名。",
        "农药包装收回到指定地点，不丢在地头和沟渠。",
    ),
    "城乡居民养老保险和待遇认证": (
        "缴费分档次，多缴多得、长缴多得，政府按档次给补贴。",
        "年满六十周岁、缴费满年限的，到村里代办点申请领取。",
        "待遇认证可以用手机办，也可以由村干部和家属帮助办。",
    ),
    "高标准农田建设和管护": (
        "项目范围、工程内容、工期和施工单位在村里公示。",
        "井、渠、路、电建成后归谁管、坏了找谁修，写进管护协议。",
        "群众代表可以看现场、看账目，发现质量问题直接反映。",
    ),
    "防汛避险和用电安全": (
        "听得懂预警：谁通知、走哪条路、到哪里集合，每户都要清楚。",
        "独居老人、行动不便的人由包户干部上门接。",
        "雨后先查电、查水井、查院墙，水淹过的电器不马上通电。",
    ),
    "城乡居民医保缴费政策": (
        "缴费时间、标准和渠道以县医保局当年公告为准，财政另有补助。",
        "连续参保有激励，断保再参保有等待期。",
        "外地就医先备案，手机、村卫生室、镇政务大厅都能办。",
    ),
    "秋冬季防火和秸秆禁烧": (
        "秸秆不烧：还田、离田打捆都可以，离田有补贴的讲清怎么领。",
        "野外用火先报备；上坟祭祀提倡鲜花代替烧纸。",
        "取暖季不用不合格的插座和电热毯。",
    ),
    "移风易俗和村规民约": (
        "红白事标准由本村红白理事会定，党员干部带头。",
        "彩礼不攀比，婚事新办。",
        "村规民约的修订要经村民会议通过，欢迎提意见。",
    ),
}  # fmt: skip
# Topics with a file that a cadre can print or read out.
WITH_FILE = ("反诈宣传和个人信息保护", "全县三干会精神")

# first and last day of a year, township ("": the whole county), reason
AVOIDED = (
    ((2, 4), (2, 12), "官亭镇", "年集"),
    ((5, 12), (5, 28), "堤村乡", "金银花采收"),
    ((6, 5), (6, 18), "", "麦收"),
    ((9, 22), (10, 8), "", "秋收秋种"),
)


def explained(title: str, text: str) -> str:
    """The topic's text: what it is about, then its points."""
    return "\n".join([text, *(f"{n}. {point}" for n, point in enumerate(POINTS[title], start=1))])


def outline(title: str, text: str) -> SimpleUploadedFile:
    """The same as a Word document."""
    document, out = Document(), BytesIO()
    document.add_heading(f"{title}宣讲提纲")
    for line in text.splitlines():
        document.add_paragraph(line)
    document.save(out)
    return SimpleUploadedFile(f"{title}宣讲提纲.docx", out.getvalue())


def avoided(year: int) -> list[tuple[date, date, str, str]]:
    """(first day, last day, township, reason) of the year."""
    return [
        (date(year, *first), date(year, *last), township, reason)
        for first, last, township, reason in AVOIDED
    ]
