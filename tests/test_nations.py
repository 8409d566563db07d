import pytest

from rag.text.names import nation_words, nations


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("French and German envoys met in the U.S. capital.", {"France", "Germany", "United States"}),
        ("South Korea's exports", {"South Korea"}),
        ("between South\xa0Korea and the US", {"South Korea", "United States"}),
        ("Tell us about Chinatown, a turkey and polish.", set()),
        ("中日韩合作与欧盟", {"China", "Japan", "South Korea", "European Union"}),
        ("印度尼西亚不是印度", {"Indonesia", "India"}),
        ("日期和中间", set()),
    ],
)
def test_countries_are_found_by_any_form(text: str, named: set[str]) -> None:
    assert nations(text) == named


def test_chinese_names_as_written() -> None:
    assert nation_words("韩国和美国的贸易") == ["韩国", "美国"]
