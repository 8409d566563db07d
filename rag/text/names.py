"""Text → the countries it names, in English and Chinese, by any of their forms: "French" and "法国" are France.

The commonest kind of near miss asks for another country's figure; this is what tells one country from another.
"""

from __future__ import annotations

import re
from functools import lru_cache

_FORMS = """
China/Chinese/PRC/中国; Japan/Japanese/日本; South Korea/South Korean/South Koreans/ROK/Republic of Korea/韩国;
North Korea/North Korean/North Koreans/DPRK/朝鲜; United States/American/Americans/America/U.S./US/USA/美国;
United Kingdom/British/Britain/UK/U.K./英国; England/English/英格兰; Scotland/Scottish/苏格兰; Ireland/Irish/爱尔兰;
France/French/法国; Germany/German/Germans/德国; Russia/Russian/Russians/俄罗斯; Soviet Union/Soviet/Soviets/USSR/苏联; Italy/Italian/Italians/意大利;
Spain/Spanish/西班牙; Portugal/Portuguese/葡萄牙; Netherlands/Dutch/荷兰; Belgium/Belgian/比利时; Switzerland/Swiss/瑞士; Austria/Austrian/奥地利;
Poland/Polish/波兰; Hungary/Hungarian/匈牙利; Czech Republic/Czech/捷克; Greece/Greek/希腊; Turkey/Turkish/Türkiye/土耳其; Ukraine/Ukrainian/乌克兰;
Sweden/Swedish/瑞典; Norway/Norwegian/挪威; Denmark/Danish/丹麦; Finland/Finnish/芬兰; Iceland/Icelandic/冰岛; Romania/Romanian/罗马尼亚;
Canada/Canadian/Canadians/加拿大; Mexico/Mexican/Mexicans/墨西哥; Brazil/Brazilian/巴西; Argentina/Argentine/阿根廷; Chile/Chilean/智利; Peru/Peruvian/秘鲁;
Colombia/Colombian/哥伦比亚; Venezuela/Venezuelan/委内瑞拉; Cuba/Cuban/古巴; Australia/Australian/Australians/澳大利亚; New Zealand/新西兰;
India/Indian/Indians/印度; Pakistan/Pakistani/巴基斯坦; Bangladesh/Bangladeshi/孟加拉国; Sri Lanka/斯里兰卡; Nepal/尼泊尔; Afghanistan/Afghan/阿富汗;
Indonesia/Indonesian/印度尼西亚/印尼; Malaysia/Malaysian/马来西亚; Singapore/新加坡; Thailand/Thai/泰国; Vietnam/Vietnamese/越南; Philippines/Philippine/Filipino/菲律宾;
Myanmar/Burma/缅甸; Cambodia/Cambodian/柬埔寨; Laos/老挝; Mongolia/Mongolian/蒙古; Kazakhstan/哈萨克斯坦; Iran/Iranian/伊朗; Iraq/Iraqi/伊拉克;
Israel/Israeli/以色列; Saudi Arabia/Saudi/沙特/沙特阿拉伯; Syria/Syrian/叙利亚; Egypt/Egyptian/埃及; Morocco/Moroccan/摩洛哥; Nigeria/Nigerian/尼日利亚;
Kenya/Kenyan/肯尼亚; Ethiopia/Ethiopian/埃塞俄比亚; South Africa/South African/南非; European Union/EU/欧盟; ASEAN/东盟
"""
_NATION = {
    form: forms[0]
    for forms in ([form.strip() for form in line.split("/")] for line in _FORMS.replace("\n", " ").split(";"))
    for form in forms
}
_BY_LENGTH = sorted(_NATION, key=len, reverse=True)
_SPACE = "[ \u00a0]"
_LATIN = re.compile(
    rf"(?<![\w.])(?:{'|'.join(_SPACE.join(map(re.escape, form.split())) for form in _BY_LENGTH if form < '一')})(?!\w)"
)
_HAN = re.compile("|".join(form for form in _BY_LENGTH if form >= "一"))
_FIRST_CHARACTERS = {"中": "China", "日": "Japan", "韩": "South Korea", "朝": "North Korea", "美": "United States", "俄": "Russia",
                     "英": "United Kingdom", "法": "France", "德": "Germany", "印": "India", "欧": "European Union"}  # fmt: skip
_TOGETHER = re.compile(f"[{''.join(_FIRST_CHARACTERS)}]{{2,}}")


@lru_cache(maxsize=2000)
def nations(text: str) -> frozenset[str]:
    """English names of the countries that `text` names; 中日韩 names three."""
    found = {_NATION[match.group().replace("\u00a0", " ")] for match in _LATIN.finditer(text)}
    found |= {_NATION[match.group()] for match in _HAN.finditer(text)}
    return frozenset(found | {_FIRST_CHARACTERS[c] for run in _TOGETHER.findall(text) for c in run})


def is_nation(text: str) -> bool:
    """Whether a text is the name of a country and nothing else."""
    return re.sub(r"^[Tt]he\s", "", text.replace("\u00a0", " ")) in _NATION


def nation_words(text: str) -> list[str]:
    """The Chinese country names in `text`, as written."""
    return [match.group() for match in _HAN.finditer(text)]
