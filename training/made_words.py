"""Words for the generators, each in English and Chinese: people, firms, places, things, identifiers, amounts; and frames of facts.

Every maker takes a random generator and returns {"en": …, "zh": …}. Names are put together from parts, so that few repeat. None of the
names is in the texts that the product is measured on (a test holds it where those are at hand).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Both = Mapping[str, str]


@dataclass(frozen=True)
class Frame:
    """One fact: `{e}` is who or what it is about, `{v}` its value."""

    entity: str
    value: str
    name: Both
    sentences: Mapping[str, Sequence[str]]
    questions: Mapping[str, Sequence[str]]
    roles: tuple[Both, ...] = ()


def _both(text: str) -> tuple[Both, ...]:
    """Lines or items "english=中文", apart by commas."""
    return tuple(
        {"en": en.strip(), "zh": zh.strip()}
        for en, zh in (item.split("=") for item in text.replace("\n", ",").split(",") if item.strip())
    )


_FIRST = _both(
    """Ottilie=奥蒂莉,Balthasar=巴尔塔萨,Rosamund=罗莎蒙德,Tadeusz=塔德乌什,Ingeborg=英格博格,Callum=卡勒姆,Priya=普丽娅,Esteban=埃斯特万,Noor=努尔,Wilhelmina=威廉明娜,
    Hamish=哈米什,Ludmila=柳德米拉,Florian=弗洛里安,Beatrix=比阿特丽克斯,Desmond=德斯蒙德,Anneliese=安内莉泽,Raimund=赖蒙德,Gwenllian=格文利安,Maurizio=毛里齐奥,Sunniva=苏尼娃,
    Cormac=科马克,Eleni=埃莱尼,Thaddeus=萨迪厄斯,Yasmin=亚斯敏,Leopold=利奥波德,Marguerite=玛格丽特,Ignatius=伊格内修斯,Saskia=萨斯基娅,Bartholomew=巴塞洛缪,Odette=奥黛特"""
)
_LAST = _both(
    """Achterhof=阿赫特霍夫,Pemberton=彭伯顿,Quiroga=基罗加,Lindroos=林德罗斯,Okonjo=奥孔乔,Farnborough=法恩伯勒,Vasquez=巴斯克斯,Hallworth=霍尔沃思,Tremblay=特伦布莱,
    Zielinski=杰林斯基,Castellano=卡斯泰拉诺,Drummond=德拉蒙德,Ebersole=埃伯索尔,Fairweather=费尔韦瑟,Grimshaw=格里姆肖,Haverkamp=哈弗坎普,Ivarsson=伊瓦尔松,Jankowski=扬科夫斯基,
    Kettering=凯特林,Lombardi=隆巴尔迪,Mbeki-Ross=姆贝基-罗斯,Nakagawa=中川,Oberholzer=奥伯霍尔策,Pellegrino=佩莱格里诺,Rutherglen=拉瑟格伦,Sandoval=桑多瓦尔,Thistlewood=西斯尔伍德,
    Umbridge=昂布里奇,Vandermeer=范德梅尔,Whitcombe=惠特科姆"""
)
_SURNAMES = "沈=Shen,韩=Han,蒋=Jiang,崔=Cui,潘=Pan,姚=Yao,邵=Shao,贺=He,龚=Gong,尹=Yin,段=Duan,雷=Lei,侯=Hou,孟=Meng,秦=Qin,阎=Yan,薛=Xue,范=Fan,廖=Liao,邹=Zou,熊=Xiong,陆=Lu,康=Kang,毛=Mao,邱=Qiu,史=Shi,顾=Gu,翁=Weng,祝=Zhu,闵=Min"
_GIVEN = "书瑶=Shuyao,景行=Jingxing,若溪=Ruoxi,承泽=Chengze,雨桐=Yutong,怀瑾=Huaijin,思齐=Siqi,牧之=Muzhi,采薇=Caiwei,远舟=Yuanzhou,静姝=Jingshu,启衡=Qiheng,亦凡=Yifan,清和=Qinghe,砚秋=Yanqiu,子衿=Zijin,南星=Nanxing,嘉树=Jiashu,听澜=Tinglan,松年=Songnian,岚=Lan,骐=Qi,翀=Chong,霖=Lin,蓓=Bei,昶=Chang,珩=Heng,婧=Jing"
_STEMS = _both(
    """Brightwater=明水,Corvid=鸦羽,Silverbirch=银桦,Norvane=诺凡,Tallgrass=高草,Lumenfield=光野,Oakhollow=橡谷,Quillmark=羽印,Redfern=赤蕨,Saltmarsh=盐泽,Thornbury=棘堡,Umberline=褐线,
    Violetta=紫岚,Wrenford=鹪渡,Yarrowdale=蓍谷,Zephyrine=西风,Amberlock=琥锁,Bluestem=蓝茎,Cinderpeak=烬峰,Dunmarrow=丹莫,Elderglow=榆辉,Foxmere=狐泽,Goldwick=金维,Harrowby=耙庄,Ironleaf=铁叶,Juniperus=桧柏"""
)
_TRADES = _both(
    """Logistics=物流,Foods=食品,Textiles=纺织,Instruments=仪器,Shipping=航运,Dairy=乳业,Ceramics=陶瓷,Software=软件,Insurance=保险,Timber=木业,Optics=光学,Energy=能源,Pharma=制药,
    Printing=印务,Motors=汽车,Tools=工具,Media=传媒,Seeds=种业,Paper=纸业,Glass=玻璃"""
)
_FORMS = _both("Ltd=有限公司,Inc.=股份有限公司,GmbH=有限责任公司,Group=集团,Co.=公司,Partners=合伙企业")
_PLACES = _both(
    """Ostrava=奥斯特拉瓦,Turku=图尔库,Gijón=希洪,Villach=菲拉赫,Bergamo=贝加莫,Aalborg=奥尔堡,Zwolle=兹沃勒,Kaunas=考纳斯,Maribor=马里博尔,Perpignan=佩皮尼昂,Halifax=哈利法克斯,
    Dunedin=达尼丁,Hobart=霍巴特,Arequipa=阿雷基帕,Cuenca=昆卡,Oaxaca=瓦哈卡,Mombasa=蒙巴萨,Kumasi=库马西,Izmir=伊兹密尔,Gaziantep=加济安泰普,Kochi=科钦,Mysuru=迈索尔,Surat=苏拉特,
    Cebu=宿务,Hue=顺化,Daegu=大邱,Sendai=仙台,Anyang=安阳,Yichang=宜昌,Jinhua=金华,Weifang=潍坊,Zigong=自贡,Wuzhou=梧州,Ganzhou=赣州,Yangquan=阳泉,Yancheng=盐城,Huzhou=湖州"""
)
_THINGS = _both(
    """north pump=北泵,oak cabinet=橡木柜,spare boiler=备用锅炉,cargo bike=货运自行车,greenhouse lamp=温室灯,water filter=净水器,harvester=收割机,tin roof=铁皮屋顶,piano stool=琴凳,
    label printer=标签打印机,ferry ramp=渡轮坡道,sorting belt=分拣带,yellow crane=黄色吊车,rubber seal=橡胶密封圈,wool blanket=羊毛毯,bread oven=面包炉,garden shed=花园棚屋,steel ladder=钢梯,
    cooling tower=冷却塔,old windmill=旧风车,ice machine=制冰机,projector=投影仪,loading dock=装卸台,wall clock=挂钟,test kit=检测盒,crab basket=蟹笼,rain gauge=雨量计,signal cable=信号电缆,
    leather saddle=皮马鞍,copper kettle=铜壶,hearing aid=助听器,stage curtain=舞台幕布,mill wheel=磨轮,bus shelter=候车亭,snow plough=扫雪机,bench vice=台钳,fuel tank=油箱,baby scale=婴儿秤,
    choir robe=合唱袍,dye bath=染缸,cable car=缆车,bee hive=蜂箱,glass dome=玻璃穹顶,tile saw=瓷砖切割机,milk churn=奶桶,postal van=邮政车,sand filter=砂滤池,tower bell=塔钟"""
)
_DOCUMENTS = _both(
    """cleaning contract=保洁合同,spring catalogue=春季目录,safety sheet=安全说明书,survey sheet=勘测表,building permit=建筑许可证,travel policy=差旅制度,harvest diary=收成日记,choir handbook=合唱团手册,
    repair protocol=维修记录,loan ledger=借款台账,audit letter=审计函,training plan=培训计划,stock list=库存清单,field study=实地研究,visitor guide=参观指南,tender folder=招标文件夹"""
)


def person(rng: random.Random) -> Both:
    if rng.random() < 0.5:
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        middle = f" {rng.choice('ABCDEHJKLMNPRSTW')}." if rng.random() < 0.1 else ""
        return {"en": f"{first['en']}{middle} {last['en']}", "zh": f"{first['zh']}·{last['zh']}"}
    surname, given = (rng.choice(text.split(",")).split("=") for text in (_SURNAMES, _GIVEN))
    return {"en": f"{surname[1]} {given[1]}" if rng.random() < 0.6 else f"{given[1]} {surname[1]}", "zh": surname[0] + given[0]}


def company(rng: random.Random) -> Both:
    stem, trade, form = rng.choice(_STEMS), rng.choice(_TRADES), rng.choice(_FORMS)
    if rng.random() < 0.4:
        return {"en": f"{stem['en']} {trade['en']}", "zh": f"{stem['zh']}{trade['zh']}"}
    return {"en": f"{stem['en']} {trade['en']} {form['en']}", "zh": f"{stem['zh']}{trade['zh']}{form['zh']}"}


def place(rng: random.Random) -> Both:
    return rng.choice(_PLACES)


def thing(rng: random.Random) -> Both:
    return rng.choice(_THINGS)


def document(rng: random.Random) -> Both:
    return rng.choice(_DOCUMENTS)


def year(rng: random.Random) -> Both:
    number = rng.choice((rng.randint(1850, 2026), rng.randint(1990, 2026), rng.randint(2010, 2026)))
    return {"en": str(number), "zh": f"{number}年"}


def nonsense(rng: random.Random) -> str:
    """A made word of two or three syllables, in small letters."""
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 3)))


def identifier(rng: random.Random) -> Both:
    """Letters and digits as orders, parts, sections, flights and tickets have them."""

    def digits(count: int) -> str:
        return "".join(rng.choice("0123456789") for _ in range(count))

    def letters(count: int) -> str:
        return "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(count))

    made = rng.choice(
        (
            f"{letters(2)}-{digits(4)}", f"{letters(1)}{digits(3)}", f"{rng.randint(2001, 2026)}-{digits(3)}", f"{letters(3)}{digits(5)}", f"{digits(3)}.{digits(2)}",
            f"{letters(2)} {digits(3)}", f"#{digits(5)}", f"{digits(2)}/{letters(2)}/{digits(3)}", f"{letters(1)}-{digits(2)}-{letters(1)}", f"v{digits(1)}.{digits(1)}.{digits(2)}",
            f"{rng.randint(2, 19)}.{rng.randint(1, 12)}.{rng.randint(1, 9)}", f"{letters(2)}{digits(2)}{letters(1)}", f"{digits(8)}",
        )
    )  # fmt: skip
    return {"en": made, "zh": made}


def near_identifier(near: Both, rng: random.Random) -> Both:
    """The same with one character changed, or two neighbours exchanged."""
    text = near["en"]
    places = [i for i, c in enumerate(text) if c.isalnum()]
    at = rng.choice(places)
    if rng.random() < 0.25 and at + 1 < len(text) and text[at + 1].isalnum() and text[at] != text[at + 1]:
        made = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    else:
        pool = "0123456789" if text[at].isdigit() else "ABCDEFGHJKLMNPQRSTUVWXYZ"
        made = text[:at] + rng.choice([c for c in pool if c != text[at]]) + text[at + 1 :]
    return {"en": made, "zh": made}


# --- amounts -----------------------------------------------------------------------------------------------------------------

_DIGITS = "零一二三四五六七八九"
_MONTHS = "January February March April May June July August September October November December".split()
_UNITS: Mapping[str, tuple[str, str, str, int]] = {
    "days": ("day", "days", "天", 90), "weeks": ("week", "weeks", "周", 30), "months": ("month", "months", "个月", 36), "years": ("year", "years", "年", 30),
    "hours": ("hour", "hours", "小时", 72), "minutes": ("minute", "minutes", "分钟", 90),
}  # fmt: skip
_WORDS = "one two three four five six seven eight nine ten eleven twelve".split()


def number_word(number: int) -> str:
    """A whole number under 200 in Chinese characters."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones or not number else "")


def duration(rng: random.Random, units: Sequence[str] = tuple(_UNITS)) -> Both:
    one, many, chinese, most = _UNITS[rng.choice(units)]
    count = rng.randint(1, most)
    written = _WORDS[count - 1] if count <= 12 and rng.random() < 0.4 else str(count)
    han = number_word(count) if count < 100 and rng.random() < 0.5 else str(count)
    han = "两" if han == "二" else han
    if chinese == "天" and rng.random() < 0.4:
        chinese = "日"
    kind = rng.choice(("", "", "", "working ")) if many == "days" else ""
    return {"en": f"{written} {kind}{one if count == 1 else many}", "zh": f"{han}{'个工作日' if kind else chinese}"}


def money(rng: random.Random) -> Both:
    amount = rng.choice((rng.randint(2, 99), rng.randint(100, 9900), rng.randint(10, 990) * 1000))
    sign, name, chinese = rng.choice(
        (("€", "euros", "欧元"), ("$", "dollars", "美元"), ("£", "pounds", "英镑"), ("¥", "yuan", "元"))
    )
    figure = f"{amount:,}" if rng.random() < 0.7 else f"{amount}"
    cents = f".{rng.randint(0, 99):02}" if amount < 1000 and rng.random() < 0.2 else ""
    if rng.random() < 0.12:
        large = rng.choice((("million", "百万"), ("billion", "十亿")))
        few = f"{rng.randint(1, 90)}.{rng.randint(1, 9)}"
        return {"en": f"{sign}{few} {large[0]}", "zh": f"{few}{large[1]}{chinese}"}
    return {"en": rng.choice((f"{sign}{figure}{cents}", f"{figure}{cents} {name}")), "zh": f"{figure}{cents}{chinese}"}


def count(rng: random.Random) -> Both:
    number = rng.choice((rng.randint(2, 60), rng.randint(60, 900), rng.randint(1000, 60000)))
    text = f"{number:,}" if number < 1000 or rng.random() < 0.6 else str(number)
    return {"en": text, "zh": text}


def day(rng: random.Random) -> Both:
    month, at, number = rng.randint(1, 12), rng.randint(1, 28), rng.randint(1995, 2027)
    name = _MONTHS[month - 1]
    english = (
        f"{at} {name} {number}",
        f"{name} {at}, {number}",
        f"{number}-{month:02}-{at:02}",
        f"{at} {name}",
        f"{at:02}.{month:02}.{number}",
        f"{name[:3]} {at}",
    )
    chinese = (f"{number}年{month}月{at}日", f"{month}月{at}日", f"{number}-{month:02}-{at:02}", f"{number}年{month}月{at}号")
    return {"en": rng.choice(english), "zh": rng.choice(chinese)}


def clock(rng: random.Random) -> Both:
    hour, minute = rng.randint(6, 21), rng.choice((0, 15, 30, 45, 10, 50))
    twelve = f"{(hour - 1) % 12 + 1}{f':{minute:02}' if minute else ''} {'a.m.' if hour < 12 else 'p.m.'}"
    chinese = f"{'上午' if hour < 12 else '下午'}{(hour - 1) % 12 + 1}点{f'{minute}分' if minute else ''}"
    return {"en": rng.choice((f"{hour}:{minute:02}", twelve)), "zh": rng.choice((f"{hour}:{minute:02}", chinese))}


def percent(rng: random.Random) -> Both:
    figure = rng.choice((f"{rng.randint(2, 98)}", f"{rng.randint(1, 97)}.{rng.randint(1, 9)}"))
    return {
        "en": rng.choice((f"{figure}%", f"{figure} percent", f"{figure} per cent")),
        "zh": rng.choice((f"{figure}%", f"百分之{figure}")),
    }


def weight(rng: random.Random) -> Both:
    unit, chinese = rng.choice((("kg", "公斤"), ("g", "克"), ("tonnes", "吨"), ("kg", "千克"), ("mg", "毫克")))
    figure = rng.choice((f"{rng.randint(2, 900)}", f"{rng.randint(1, 40)}.{rng.randint(1, 9)}"))
    return {"en": f"{figure} {unit}", "zh": figure + rng.choice((chinese, f" {unit}" if unit != "tonnes" else chinese))}


def length(rng: random.Random) -> Both:
    unit, full, chinese = rng.choice(
        (("m", "metres", "米"), ("km", "kilometres", "公里"), ("cm", "centimetres", "厘米"), ("mm", "millimetres", "毫米"))
    )
    figure = rng.choice((f"{rng.randint(2, 900)}", f"{rng.randint(1, 40)}.{rng.randint(1, 9)}"))
    return {"en": f"{figure} {rng.choice((unit, full))}", "zh": figure + rng.choice((chinese, chinese, f" {unit}"))}


def temperature(rng: random.Random) -> Both:
    figure = rng.randint(1, 60)
    sign = rng.choice(("-", "−", "", "")) if figure < 40 else ""
    return {"en": rng.choice((f"{sign}{figure} °C", f"{sign}{figure}°C", f"{'minus ' if sign else ''}{figure} degrees")),
            "zh": rng.choice((f"{sign}{figure} °C", f"{sign}{figure}℃", f"{'零下' if sign else ''}{figure}度"))}  # fmt: skip


def days(rng: random.Random) -> Both:
    return duration(rng, ("days",))


def years(rng: random.Random) -> Both:
    return duration(rng, ("years",))


_VALUES: Mapping[str, Callable[[random.Random], Both]] = {
    "duration": duration, "money": money, "count": count, "day": day, "clock": clock, "percent": percent, "weight": weight, "length": length,
    "temperature": temperature, "person": person, "place": place, "year": year, "days": days, "years": years, "identifier": identifier,
}  # fmt: skip


def value(kind: str, rng: random.Random) -> Both:
    return _VALUES[kind](rng)


_BOUNDS = (
    ("at least {}", "至少{}"), ("no more than {}", "不超过{}"), ("under {}", "低于{}"), ("up to {}", "最多{}"), ("more than {}", "{}以上"), ("less than {}", "{}以下"),
    ("about {}", "约{}"), ("≥ {}", "≥{}"), ("≤ {}", "≤{}"), ("not less than {}", "不少于{}"), ("exactly {}", "正好{}"), ("nearly {}", "近{}"), ("over {}", "超过{}"),
)  # fmt: skip


def decorated(amount: Both, rng: random.Random) -> Both:
    """The amount with a bound, as one value."""
    english, chinese = rng.choice(_BOUNDS)
    return {"en": english.format(amount["en"]), "zh": chinese.format(amount["zh"])}


# --- frames ------------------------------------------------------------------------------------------------------------------


def _roles(text: str) -> tuple[Both, ...]:
    return _both(text)


def _frame(entity: str, kind: str, name: str, en: str, zh: str, ask_en: str, ask_zh: str, roles: str = "") -> Frame:
    """Sentences and questions apart by /; a name "english=中文"."""
    return Frame(
        entity, kind, _both(name)[0],
        {"en": en.split(" / "), "zh": zh.split("/")}, {"en": ask_en.split(" / "), "zh": ask_zh.split("/")}, _roles(roles),
    )  # fmt: skip


FRAMES: tuple[Frame, ...] = (
    _frame("company", "money", "turnover=营业额", "{e} turned over {v}. / The turnover of {e} came to {v}. / Sales at {e} reached {v} last year.", "{e}的营业额为{v}。/{e}全年营收{v}。/去年{e}实现收入{v}。",
           "What was the turnover of {e}? / How much did {e} turn over? / {e} sales", "{e}的营业额是多少？/{e}收入多少？/{e}营收"),
    _frame("company", "count", "staff=员工", "{e} employs {v} people. / With a workforce of {v}, {e} is well known in the area. / {v} people work at {e}.", "{e}有员工{v}人。/{e}共雇用{v}人。/在{e}工作的有{v}人。",
           "How many people does {e} employ? / What is the size of the workforce at {e}? / number of employees {e}", "{e}有多少员工？/{e}雇了多少人？/{e}员工人数"),
    _frame("company", "person", "director=总经理", "{e} is run by {v}. / {v} has led {e} since the merger. / The director of {e} is {v}.", "{e}由{v}掌管。/{e}的总经理是{v}。/合并以来{v}一直领导{e}。",
           "Who runs {e}? / Who is the director of {e}? / head of {e}", "{e}的总经理是谁？/谁掌管{e}？/{e}负责人"),
    _frame("company", "place", "seat=总部", "{e} has its seat in {v}. / {e} moved its head office to {v}. / The headquarters of {e} are in {v}.", "{e}总部设在{v}。/{e}把总部迁到了{v}。/{e}注册于{v}。",
           "Where is {e} based? / In which city are the headquarters of {e}? / {e} head office", "{e}总部在哪里？/{e}设在哪座城市？/{e}总部"),
    _frame("company", "year", "founded=成立", "{e} was founded in {v}. / {e} goes back to {v}. / In {v} {e} opened for business.", "{e}成立于{v}。/{e}创立于{v}。/{v}，{e}开业。",
           "When was {e} founded? / In what year did {e} begin? / {e} founding year", "{e}是哪一年成立的？/{e}何时创立？/{e}成立时间"),
    _frame("person", "day", "birthday=出生日期", "{e} was born on {v}. / {e}, born {v}, grew up with an aunt.", "{e}生于{v}。/{e}出生于{v}，由姑母抚养长大。", "When was {e} born? / What is the birthday of {e}? / {e} date of birth", "{e}是什么时候出生的？/{e}的生日是哪天？/{e}出生日期"),
    _frame("person", "place", "home=住地", "{e} lives in {v}. / {e} settled in {v} after the war. / Home for {e} is {v}.", "{e}住在{v}。/{e}战后定居{v}。/{e}家在{v}。", "Where does {e} live? / Which town is {e}'s home?", "{e}住在哪里？/{e}定居何处？/{e}家在哪儿"),
    _frame("person", "money", "pay=工资", "{e} earns {v} a month. / {e} is paid {v}. / The monthly pay of {e} is {v}.", "{e}月薪{v}。/{e}每月工资为{v}。/{e}领{v}的月薪。", "How much does {e} earn? / What is {e} paid? / salary of {e}", "{e}工资多少？/{e}每月挣多少钱？/{e}的月薪"),
    _frame("person", "clock", "shift=上班时间", "{e} starts at {v}. / The shift of {e} begins at {v}.", "{e}{v}上班。/{e}的班次从{v}开始。", "At what time does {e} start? / When does the shift of {e} begin?", "{e}几点上班？/{e}的班次几点开始？"),
    _frame("person", "count", "points=得分", "{e} scored {v} points. / {v} points went to {e}. / {e} finished with {v} points.", "{e}得了{v}分。/{e}以{v}分结束比赛。/{v}分归{e}。", "How many points did {e} score? / What was the score of {e}? / {e} points", "{e}得了多少分？/{e}几分？/{e}得分"),
    _frame("place", "count", "inhabitants=人口", "{e} has {v} inhabitants. / {v} people live in {e}. / The population of {e} stands at {v}.", "{e}有{v}名居民。/{e}人口为{v}。/{v}人住在{e}。", "How many people live in {e}? / What is the population of {e}? / {e} inhabitants", "{e}有多少人口？/{e}居民有多少？/{e}人口"),
    _frame("place", "temperature", "temperature=气温", "In {e} it was {v}. / The thermometer in {e} showed {v}. / {e} reported {v}.", "{e}气温{v}。/{e}测得{v}。/{e}的温度计显示{v}。", "How warm was it in {e}? / What temperature was measured in {e}? / {e} temperature", "{e}气温多少？/{e}多少度？/{e}温度"),
    _frame("place", "duration", "journey=车程", "From the depot to {e} it takes {v}. / {e} is reached in {v}. / The journey to {e} lasts {v}.", "到{e}需要{v}。/前往{e}的路程为{v}。/{v}可到{e}。", "How long does it take to {e}? / How long is the journey to {e}?", "到{e}要多久？/去{e}需要多长时间？/到{e}的车程"),
    _frame("place", "person", "agent=联系人", "Our agent in {e} is {v}. / In {e}, {v} answers your questions. / {v} looks after {e}.", "我们在{e}的联系人是{v}。/{e}由{v}负责。/{v}负责{e}地区。", "Who is the agent in {e}? / Who looks after {e}? / contact {e}", "{e}的联系人是谁？/{e}由谁负责？/{e}找谁"),
    _frame("year", "count", "visitors=访客", "In {e} there were {v} visitors. / {e} saw {v} visitors. / {v} visitors came in {e}.", "{e}接待访客{v}人次。/{e}来了{v}名访客。/{e}的访客为{v}人。", "How many visitors came in {e}? / What was the number of visitors in {e}? / visitors {e}", "{e}有多少访客？/{e}接待了多少人次？/{e}访客数"),
    _frame("year", "money", "loss=亏损", "In {e} the loss was {v}. / The books for {e} show a loss of {v}. / {e} closed with a loss of {v}.", "{e}亏损{v}。/{e}账面亏损为{v}。/{e}以亏损{v}收官。", "How large was the loss in {e}? / What loss was made in {e}? / loss {e}", "{e}亏损多少？/{e}亏了多少钱？/{e}的亏损"),
    _frame("year", "percent", "share=占比", "In {e} the share was {v}. / By {e} the share had reached {v}. / {v} was the share in {e}.", "{e}占比为{v}。/到{e}占比达到{v}。/{e}的比重为{v}。", "What was the share in {e}? / How high was the share in {e}? / share {e}", "{e}的占比是多少？/{e}占百分之几？/{e}占比"),
    _frame("year", "person", "winner=获奖者", "The {e} prize went to {v}. / In {e} {v} won. / {v} was honoured in {e}.", "{e}的奖项授予{v}。/{e}{v}获胜。/{v}于{e}获奖。", "Who won in {e}? / Who got the prize in {e}? / {e} winner", "{e}谁获奖？/{e}的获奖者是谁？/{e}获奖者"),
    _frame("identifier", "day", "due=到期", "Order {e} is due on {v}. / {e} will be shipped on {v}. / We expect {e} on {v}.", "订单{e}定于{v}交付。/{e}将于{v}发货。/{e}预计{v}到货。", "When is {e} due? / When will {e} be shipped? / delivery date {e}", "{e}什么时候到货？/订单{e}哪天交付？/{e}发货日期"),
    _frame("identifier", "person", "owner=负责人", "{e} is handled by {v}. / {v} is in charge of {e}. / For {e} ask {v}.", "{e}由{v}处理。/{v}负责{e}。/{e}请找{v}。", "Who handles {e}? / Who is in charge of {e}? / {e} contact", "{e}由谁负责？/谁在处理{e}？/{e}负责人"),
    _frame("identifier", "money", "price=价格", "Part {e} costs {v}. / {e} is sold at {v}. / The price of {e} is {v}.", "零件{e}售价{v}。/{e}的价格为{v}。/{e}单价{v}。", "How much is {e}? / What does part {e} cost? / price {e}", "{e}多少钱？/零件{e}的价格是多少？/{e}单价"),
    _frame("identifier", "place", "gate=目的地", "{e} goes to {v}. / {e} is bound for {v}. / The destination of {e} is {v}.", "{e}开往{v}。/{e}的目的地是{v}。/{e}发往{v}。", "Where does {e} go? / What is the destination of {e}? / {e} destination", "{e}开往哪里？/{e}的目的地是哪？/{e}到哪儿"),
    _frame("identifier", "count", "stock=库存", "There are {v} of {e} in stock. / {e}: {v} left. / We still hold {v} pieces of {e}.", "{e}库存{v}件。/{e}还剩{v}。/{e}现有{v}件。", "How many of {e} are in stock? / How many {e} are left? / stock of {e}", "{e}还有多少库存？/{e}剩多少件？/{e}库存"),
    _frame("identifier", "clock", "departure=发车", "{e} leaves at {v}. / Departure of {e} is at {v}. / {e} departs {v}.", "{e}{v}出发。/{e}的发车时间为{v}。/{e}于{v}离站。", "When does {e} leave? / What time is the departure of {e}? / {e} departure", "{e}几点出发？/{e}的发车时间？/{e}几点走"),
    _frame("identifier", "identifier", "replacement=替代件", "{e} was replaced by {v}. / Instead of {e}, take {v}. / The successor of {e} is {v}.", "{e}已由{v}替代。/{e}的替代型号为{v}。/请用{v}代替{e}。", "What replaces {e}? / Which part is used instead of {e}? / successor of {e}", "{e}用什么替代？/{e}的替代型号是什么？/{e}替代件"),
    _frame("thing", "money", "price=价格", "The {e} costs {v}. / We paid {v} for the {e}. / {v} is what the {e} sells for.", "{e}的价格是{v}。/{e}花了{v}。/{e}售价{v}。", "How much does the {e} cost? / What is the price of the {e}? / {e} price", "{e}多少钱？/{e}的价格是多少？/{e}价格"),
    _frame("thing", "weight", "weight=重量", "The {e} weighs {v}. / {v} is the weight of the {e}. / At {v}, the {e} is heavy enough.", "{e}重{v}。/{e}的重量为{v}。/{e}净重{v}。", "How heavy is the {e}? / What does the {e} weigh? / weight of the {e}", "{e}有多重？/{e}的重量是多少？/{e}重量"),
    _frame("thing", "place", "store=存放地", "The {e} is kept in {v}. / In {v} stands the {e}. / We moved the {e} to {v}.", "{e}存放在{v}。/{e}已搬到{v}。/{v}放着{e}。", "Where is the {e} kept? / Where did they move the {e}? / {e} location", "{e}放在哪里？/{e}搬到了哪里？/{e}存放地"),
    _frame("thing", "person", "maker=制造者", "The {e} was made by {v}. / {v} built the {e}. / {v} is the maker of the {e}.", "{e}由{v}制作。/{v}造了{e}。/{e}的制作者是{v}。", "Who made the {e}? / Who built the {e}? / maker of the {e}", "{e}是谁做的？/{e}的制作者是谁？/谁造了{e}"),
    _frame("thing", "year", "bought=购置", "The {e} was bought in {v}. / We have had the {e} since {v}. / In {v} the {e} was purchased.", "{e}购于{v}。/{v}购置了{e}。/{e}自{v}使用至今。", "When was the {e} bought? / Since what year is the {e} in use? / {e} bought when", "{e}是哪年买的？/{e}什么时候购置？/{e}购置年份"),
    _frame("thing", "duration", "interval=间隔", "The {e} is serviced every {v}. / Every {v} the {e} is looked at. / Service interval of the {e}: {v}.", "{e}每{v}保养一次。/{e}的保养间隔为{v}。/每隔{v}检修{e}。", "How often is the {e} serviced? / What is the service interval of the {e}?", "{e}多久保养一次？/{e}的保养间隔是多少？/{e}保养周期"),
    _frame("thing", "length", "length=长度", "The {e} is {v} long. / Length of the {e}: {v}. / The {e} measures {v}.", "{e}长{v}。/{e}的长度为{v}。/{e}全长{v}。", "How long is the {e}? / What is the length of the {e}?", "{e}有多长？/{e}长度是多少？/{e}全长"),
    _frame("document", "person", "author=作者", "The {e} was written by {v}. / {v} signed the {e}. / Author of the {e} is {v}.", "{e}由{v}撰写。/{v}签署了{e}。/{e}的作者是{v}。", "Who wrote the {e}? / Who signed the {e}? / author of the {e}", "{e}是谁写的？/谁签署了{e}？/{e}作者"),
    _frame("document", "day", "signed=签署", "The {e} is dated {v}. / On {v} the {e} was signed. / The {e} took effect on {v}.", "{e}签于{v}。/{v}签署了{e}。/{e}自{v}起生效。", "What is the date of the {e}? / When was the {e} signed? / {e} date", "{e}是哪天签的？/{e}什么时候签署？/{e}日期"),
    _frame("document", "duration", "term=期限", "The {e} runs for {v}. / The term of the {e} is {v}. / The {e} holds for {v}.", "{e}的期限为{v}。/{e}有效{v}。/{e}为期{v}。", "How long does the {e} run? / What is the term of the {e}? / term {e}", "{e}的期限多长？/{e}有效多久？/{e}期限"),
    _frame("role", "duration", "notice=通知期", "{e} must give notice {v} in advance. / The notice period of {e} is {v}. / For {e} a period of {v} holds.", "{e}须提前{v}通知。/{e}的通知期为{v}。/{e}的期限为{v}。",
           "How long before must {e} give notice? / What is the notice period of {e}? / notice {e}", "{e}须提前多久通知？/{e}的通知期是多长？/{e}通知期",
           "the landlord=出租人,the tenant=承租人,the subtenant=转租承租人"),
    _frame("role", "money", "penalty=违约金", "{e} pays a penalty of {v} for a breach. / In case of breach {e} owes {v}. / The penalty for {e} is {v}.", "{e}违约的，支付违约金{v}。/{e}违约应赔偿{v}。/{e}的违约金为{v}。",
           "What penalty does {e} pay? / How much does {e} owe in case of breach? / penalty {e}", "{e}违约要付多少？/{e}的违约金是多少？/{e}违约金",
           "the buyer=买方,the seller=卖方,the carrier=承运人"),
    _frame("role", "percent", "share=份额", "{e} bears {v} of the costs. / {v} of the costs fall on {e}. / The share of {e} is {v}.", "{e}承担费用的{v}。/费用的{v}由{e}承担。/{e}的份额为{v}。",
           "What part of the costs does {e} bear? / How much of the costs falls on {e}? / share of {e}", "{e}承担多少费用？/{e}的份额是多少？/{e}承担比例",
           "the lender=贷款人,the borrower=借款人,the guarantor=担保人"),
    _frame("role", "days", "payment=付款期限", "{e} pays within {v}. / Payment by {e} is due after {v}. / {e} has {v} to pay.", "{e}应在{v}内付款。/{e}的付款期限为{v}。/{e}有{v}的付款时间。",
           "Within how many days must {e} pay? / How long has {e} to pay? / payment period of {e}", "{e}多少天内付款？/{e}的付款期限是几天？/{e}付款期限",
           "the principal=委托人,the agent=受托人,the publisher=出版方,the author=作者方"),
    _frame("role", "days", "reply=答复期限", "{e} answers within {v}. / The answer of {e} must come within {v}. / {e} is given {v} for a reply.", "{e}应在{v}内答复。/{e}的答复期限为{v}。/给{e}的答复时间是{v}。",
           "Within what time must {e} answer? / How long is {e} given for a reply?", "{e}多久内答复？/{e}的答复期限多长？/{e}答复期限",
           "the insurer=保险人,the insured=被保险人,the broker=经纪人,the beneficiary=受益人"),
    _frame("role", "person", "name=姓名", "{e} is {v}. / {v} appears as {e}. / {v} signs for {e}.", "{e}是{v}。/{e}为{v}。/{e}一方由{v}签字。", "Who is {e}? / Who signs for {e}? / name of {e}", "{e}是谁？/谁代表{e}签字？/{e}姓名",
           "the plaintiff=原告,the defendant=被告,the witness=证人,the notary=公证人"),
    _frame("role", "count", "votes=票数", "{e} got {v} votes. / {v} votes were cast for {e}. / The count for {e} was {v}.", "{e}获得{v}票。/投给{e}的有{v}票。/{e}得票{v}。", "How many votes did {e} get? / What was the count for {e}?", "{e}得了多少票？/{e}票数是多少？/{e}得票",
           "the treasurer=司库,the secretary=秘书,the deputy chair=副主席,the auditor=审计员"),
)  # fmt: skip


def names() -> list[str]:
    """All parts of names and things, in both languages; single characters and everyday words for trades and forms left out."""
    given = [side for item in _GIVEN.split(",") for side in item.split("=") if len(side) > 1]
    groups = (_FIRST, _LAST, _STEMS, _PLACES, _THINGS, _DOCUMENTS)
    return [side for group in groups for item in group for side in item.values()] + given
