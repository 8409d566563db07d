import pytest

from rag.text.cldr import NATIONS
from rag.text.names import nation_words, nations


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("French and German envoys met in the U.S. capital.", {"France", "Germany", "United States"}),
        ("South Korea's exports", {"South Korea"}),
        ("between South\xa0Korea and the US", {"South Korea", "United States"}),
        ("the US-China talks, a UK-based firm", {"United States", "China", "United Kingdom"}),
        ("Tell us about Chinatown, a turkey and polish.", set()),
        ("Polish exports rose. Polish the table.", {"Poland"}),
        ("Qatar's exports fell 7.4 percent", {"Qatar"}),
        ("Bosnia and Herzegovina, St. Lucia, Côte d'Ivoire", {"Bosnia & Herzegovina", "St. Lucia", "Ivory Coast"}),
        ("Michael Jordan met Chad Smith in Savannah, Georgia.", set()),
        (
            "Jordan and Chad signed; so did Armenia, Georgia and Azerbaijan.",
            {"Jordan", "Chad", "Armenia", "Georgia", "Azerbaijan"},
        ),
        ("Papua New Guinea is not Guinea, nor Guinea-Bissau", {"Papua New Guinea", "Guinea", "Guinea-Bissau"}),
        ("New England lies far from the Indian Ocean.", set()),
        ("EU, ASEAN, Soviet and British envoys", {"European Union", "ASEAN", "Soviet Union", "United Kingdom"}),
        ("中日韩合作与欧盟", {"China", "Japan", "South Korea", "European Union"}),
        ("印度尼西亚不是印度", {"Indonesia", "India"}),
        ("卡塔尔和阿联酋的出口", {"Qatar", "United Arab Emirates"}),
        ("日期和中间", set()),
        ("美丽的内蒙古, 印度洋, 中美洲", set()),
    ],
)
def test_countries_are_found_by_any_form(text: str, named: set[str]) -> None:
    assert nations(text) == named


@pytest.mark.parametrize("name", NATIONS)
def test_every_form_of_a_country_names_it(name: str) -> None:
    assert [form for form in NATIONS[name] if nations(f"In {form}, it rained.") != {name}] == []


def test_all_countries_are_known() -> None:
    assert len(NATIONS) >= 249


def test_chinese_names_as_written() -> None:
    assert nation_words("韩国和美国的贸易") == ["韩国", "美国"]
