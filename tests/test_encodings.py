"""Texts in the encodings of their languages: read right, or refused with the reason; never read wrong."""

from __future__ import annotations

import pytest

from rag.errors import FileSkipped
from rag.formats.encodings import decode

FRENCH = (
    "Le château de Bréval fut bâti au début du quinzième siècle par une famille de drapiers. "
    "Ses deux tours ont brûlé en 1612, et l’on n’en releva qu’une. "
    "L’entrée coûte 7,50 € ; elle est gratuite pour les élèves. "
    "Une sœur du dernier maître y vécut jusqu’à sa mort, à l’âge de quatre-vingt-onze ans.",
    "La fête du village a lieu chaque année au mois d’août, près de l’étang. "
    "On y sert des crêpes, du pâté et un vin léger. "
    "Le maire prononce un discours très court, puis l’orchestre joue jusqu’à minuit. "
    "L’année passée, il a plu sans arrêt : personne n’est resté.",
)
GERMAN = (
    "Die Brücke über die Bräll wurde im Jahre 1832 für Fußgänger geöffnet. Zwölf Männer bauten sie in fünf Jahren. "
    "Heute prüft die Behörde sie alle drei Jahre, weil größere Schäden möglich sind. "
    "Die Überfahrt kostete früher einen Groschen, heute ist sie kostenlos.",
    "Bitte schließen Sie nach der Übung alle Türen und löschen Sie das Licht. "
    "Die Schlüssel hängen im Büro von Frau Köhler. Wer später kommt, muß draußen warten. "
    "Für Getränke zahlt jeder 2 € in die Kasse. Übrigens: Der Ofen bleibt über Nacht aus.",
)
TURKISH = (
    "Köyümüzün eski değirmeni on sekizinci yüzyılda yapılmıştır. "
    "Taşları dağdan getirilmiş, çatısı ise iki kez yenilenmiştir. "
    "Bugün değirmende küçük bir müze vardır; giriş ücreti yirmi liradır. Çocuklar için giriş ücretsizdir. "
    "Işıklar akşam sekizde söner.",
    "Toplantı salı günü saat üçte belediye binasında başlayacak. "
    "Gündemde yeni köprü, çöp toplama ve içme suyu var. "
    "Katılmak isteyenlerin adlarını muhtara yazdırması gerekiyor. Şimdiye kadar kırk beş kişi yazıldı. "
    "İstasyondan otobüs kalkacak.",
)
SIMPLIFIED = (
    "这座石桥建于明朝末年，长四十二米，宽五米。桥上的石狮共有二十六只，其中三只在洪水中丢失。"
    "二〇一五年，市政府出资三百万元修缮。现在桥上只许行人通过，车辆须绕行。",
    "请各位同事在周五下午三点以前提交报告。会议改在二楼的小会议室举行，由王经理主持。茶水由办公室准备，请自带杯子。"
    "若有问题，请打电话给前台。",
)
TRADITIONAL = (
    "這座石橋建於明朝末年，長四十二公尺，寬五公尺。橋上的石獅共有二十六隻，其中三隻在洪水中遺失。"
    "去年市政府出資三百萬元修繕。現在橋上只許行人通過，車輛須繞行。",
    "請各位同事在週五下午三點以前提交報告。會議改在二樓的小會議室舉行，由王經理主持。茶水由辦公室準備，請自備杯子。"
    "若有問題，請打電話給櫃檯。",
)
JAPANESE = (
    "この石の橋は江戸時代の終わりに造られた。長さは四十二メートル、幅は五メートルである。"
    "昭和の洪水で欄干が流され、翌年に木で直された。"
    "今は歩行者だけが渡ることができ、車は下流の橋へ回らなければならない。",
    "報告書は金曜日の午後三時までに提出してください。会議は二階の小さな部屋に変更になりました。"
    "お茶は事務所で用意しますが、カップはご持参ください。ご不明な点は受付までお電話ください。",
)
KOREAN = (
    "이 돌다리는 조선 시대 말에 세워졌다. 길이는 마흔두 미터이고 너비는 다섯 미터이다. "
    "홍수로 난간이 떠내려가서 이듬해 나무로 고쳤다. "
    "지금은 사람만 건널 수 있으며, 자동차는 아래쪽 다리로 돌아가야 한다.",
    "보고서는 금요일 오후 세 시까지 제출해 주십시오. 회의는 이층 작은 방으로 바뀌었습니다. "
    "차는 사무실에서 준비하지만 컵은 가져오시기 바랍니다. 궁금한 점이 있으면 안내로 전화해 주세요.",
)
WRITTEN = {
    "mac_roman": (*FRENCH, *GERMAN),
    "iso8859_15": (*FRENCH, *GERMAN),
    "cp1252": (*FRENCH, *GERMAN),
    "cp1254": TURKISH,
    "gb18030": SIMPLIFIED,
    "big5": TRADITIONAL,
    "iso2022_jp": JAPANESE,
    "shift_jis": JAPANESE,
    "euc_jp": JAPANESE,
    "euc_kr": KOREAN,
}
EVERY = (*FRENCH, *GERMAN, *TURKISH, *SIMPLIFIED, *TRADITIONAL, *JAPANESE, *KOREAN)


@pytest.mark.parametrize("encoding", WRITTEN)
def test_a_text_is_read_in_the_encoding_that_it_is_written_in(encoding: str) -> None:
    for whole in WRITTEN[encoding]:
        whole = whole.replace("’", "'").replace("œ", "oe") if encoding == "iso8859_15" else whole
        first = whole[: whole.index("。" if "。" in whole else ".") + 1]
        for text in (whole, f"{whole}\n" * 5, "Name: Ada\nPort: 80\n\n" * 50 + whole, first):
            assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize("text", EVERY)
def test_damaged_utf8_stays_utf8(text: str) -> None:
    raw, odd = text.encode(), " naïve € 5."
    assert decode(raw)[0] == text
    assert decode(raw + odd.encode("cp1252"))[0] == text + odd
    last = max(at for at, character in enumerate(text) if character > "\x7f")
    assert decode(text[: last + 1].encode()[:-1])[0] == text[:last]
    for at in range(len(raw)):
        found = decode(raw[:at] + b"\xff" + raw[at:])[0]
        assert found.startswith(raw[:at].decode("utf-8", "ignore")) and found.endswith(raw[at:].decode("utf-8", "ignore"))


def test_one_stray_byte_makes_no_text_binary() -> None:
    assert decode("Un café noir, ".encode() + b"na\xefve") == ("Un café noir, naïve", "utf-8 with cp1252")
    assert decode(b"The bridge was op\x81ened.") == ("The bridge was op\ufffdened.", "damaged utf-8")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Straße für Fußgänger, Grüße aus Köln. " * 3, "cp850"),
        ("Мост был открыт в прошлом веке, вход бесплатный. " * 3, "koi8_r"),
        ("Η γέφυρα άνοιξε πριν από χρόνια και η είσοδος είναι δωρεάν. " * 3, "cp1253"),
        ("הגשר נפתח לפני שנים רבות והכניסה חינם לתלמידים. " * 3, "cp1255"),
        ("สะพานเปิดเมื่อหลายปีก่อน เข้าชมฟรีสำหรับนักเรียน " * 3, "cp874"),
    ],
)
def test_what_reads_as_no_known_encoding_is_refused(text: str, encoding: str) -> None:
    with pytest.raises(FileSkipped, match="unknown encoding"):
        decode(text.encode(encoding))
