"""The words that made-up names are put together from. None of them was taken from anybody's customer list."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(","))


STEMS = _words(
    "Alder Amber Ash Aspen Birch Black Blue Bram Brant Bright Brook Cedar Clay Clear Cold Copper Crest Dun "
    "Eagle East Elder Elm Fair Falcon Fern Fox Glen Gold Gran Green Harbor Hart Hawk Hazel Heron High Holly "
    "Iron Kings Lake Larch Lang Mar Maple Mill Moss North Oak Otter Pine Quarry Raven Red River Rock Rose "
    "Rowan Sand Silver South Spring Stan Stone Summer Sun Swan Thorn Timber Wal West White Wild Willow "
    "Winter Wood Wren"
)
"""Front halves of place-like words."""

ENDINGS = _words(
    "borough bridge brook bury by combe cote crest croft dale den field fold ford gate grove hall ham haven "
    "hill holm hurst land leigh ley mark mead mere moor mouth point port ridge shaw shore side stead stoke "
    "ton vale view ville ward water way well wick wood worth"
)
"""Back halves of place-like words."""

SURNAMES = _words(
    "Abbott Adler Archer Bailey Barker Bennett Bishop Bowen Brandt Brennan Burke Calder Carver Castillo "
    "Chandler Conrad Cooper Dalton Delgado Dixon Doyle Ellison Farrell Fischer Fletcher Foster Garrison "
    "Gibbs Grady Hanley Harmon Hendricks Holloway Ibarra Jarvis Keller Kendrick Lambert Lindgren Lockhart "
    "Maddox Marlowe Mercer Moreno Navarro Norwood Okafor Osborne Pacheco Pemberton Prescott Quigley Ramsey "
    "Reyes Rutledge Sandoval Schaefer Sheridan Sinclair Stanton Sutter Tanaka Thornton Underhill Vance "
    "Vaughn Waverly Whitaker Winslow Yates Zimmer"
)

FORENAMES = _words(
    "Aaron Alice Amir Anna Ben Carla Chen Clara Daniel Dina Elena Eric Fatima Frank Grace Hugo Ines Ivan "
    "Jack Julia Karim Kate Leo Lucy Maria Max Nadia Noah Olga Omar Paula Peter Rosa Ruth Sam Sofia Tara Tom "
    "Uma Viktor Wanda Will Yusuf Zoe"
)

TRADES = _phrases(
    "Accounting, Advisors, Animal Hospital, Architects, Auto Body, Automation, Bakery, Brewing, Builders, "
    "Cabinetry, Capital, Chiropractic, Church, Civil Engineering, Clinic, Coffee Roasters, Components, "
    "Concrete, Construction, Consulting, Credit Union, Dental, Dental Care, Design, Dermatology, "
    "Distribution, Electric, Energy, Engineering, Equipment, Eye Care, Farms, Financial, Fire Protection, "
    "Flooring, Foods, Foundation, Freight, Glass, Golf Club, Hardware, Health, Heating, Holdings, Hotels, "
    "Housing, Imaging, Industries, Instruments, Insurance, Interiors, Irrigation, Landscaping, Law, "
    "Logistics, Lumber, Machine Works, Manufacturing, Marine, Media, Medical, Metals, Mortgage, Motors, "
    "Museum, Nursery, Optical, Orthodontics, Packaging, Paper, Partners, Pediatrics, Pharmacy, "
    "Physiotherapy, Plastics, Plumbing, Precision, Printing, Produce, Properties, Publishing, Radiology, "
    "Realty, Recycling, Rentals, Restoration, Roofing, School, Security, Seafood, Senior Living, Shipping, "
    "Signs, Software, Solar, Staffing, Steel, Storage, Studios, Supply, Surveying, Systems, Textiles, "
    "Theatre, Tool, Towing, Transport, Travel, Tutoring, Vending, Veterinary, Vineyards, Warehousing, "
    "Welding, Wellness, Windows, Winery, Woodworking"
)

FORMS = (
    "",
    "",
    "",
    " Inc",
    ", Inc.",
    " LLC",
    ", LLC",
    " Ltd",
    " Limited",
    " Corp.",
    " Co.",
    " Group",
    " LLP",
)
"""Legal forms as they are written behind a name; a third of all names has none."""

FORM_PAIRS = (
    (" Ltd", " Limited"),
    (", Inc.", " Incorporated"),
    (" Inc", ""),
    (" LLC", ""),
    (" Corp.", " Corporation"),
    (" GmbH", ""),
    (" Pty Ltd", " Pty. Limited"),
    (" S.A.", " SA"),
    (" GmbH & Co. KG", " GmbH"),
    (" Co.", " Company"),
)
"""One company, its legal form written in two ways."""

FORM_CLASHES = ((" Inc", " LLC"), (" Corp.", " Co."), (" Ltd", " LLP"), (" GmbH", " AG"))
"""Two companies: the same name, another legal form."""

ACCENTED = _words(
    "Ångström Béziers Björklund Brûlée Caféine Çelik Côté Dvořák Élysée Fjällräv Gärtner Gösta Hélène Íñigo "
    "Jørgensen Köhler Łódź Márquez Müller Núñez Núcleo Öresund Peña Pérez Rhône Señora Škoda Smørgås Strøm "
    "Théâtre Ünal Vidović Żubr Zürich"
)

CITIES = _phrases(
    "Albany, Austin, Bath, Boise, Bristol, Calgary, Cork, Dayton, Dover, Dundee, Durham, Eugene, Exeter, "
    "Fresno, Galway, Halifax, Hobart, Kelowna, Leeds, Lincoln, London, Madison, Malmo, Naples, Norwich, "
    "Omaha, Oslo, Ottawa, Perth, Porto, Reading, Reno, Salem, Tampa, Toledo, Troy, Utrecht, Vienna, York"
)

BRANCHES = ("East", "West", "North", "South", "Downtown", "Airport", "Warehouse", "Head Office")

SCRIPTS = (
    (
        _words("株式会社 有限会社"),
        _words("青木 石井 上田 遠藤 大野 木村 小林 佐々木 高橋 中村 原田 松本"),
        _words("商事 製作所 電機 運輸 歯科 建設 食品 印刷"),
    ),
    (
        _words("ООО АО"),
        _words("Берёзка Волна Восход Заря Импульс Маяк Полёт Радуга Рассвет Сокол Янтарь"),
        _words("Строй Транс Мед Софт Агро Логистик Сервис Торг"),
    ),
    (
        _words("شركة مؤسسة"),
        _words("النور الأمل الخليج الوفاء البركة الريادة السلام الفجر"),
        _words("للتجارة للنقل للمقاولات للأغذية"),
    ),
    (
        _words("חברת קבוצת"),
        _words("אלון ברק גלים דרור הדר כרמל נחל שקד"),
        _words("הנדסה שיווק תוכנה בניה"),
    ),
    (
        _words("北京 上海 深圳"),
        _words("华信 天成 东方 金桥 长城 明德 远航 瑞丰"),
        _words("科技 贸易 物流 医疗 教育"),
    ),
    (
        _words("주식회사"),
        _words("한빛 대성 미래 동원 새롬 우진 청솔 태양"),
        _words("산업 전자 물류 건설 식품"),
    ),
    (
        _words("Εταιρεία"),
        _words("Αιγαίο Απόλλων Δελφοί Ήλιος Κρήτη Όλυμπος"),
        _words("Εμπορική Ναυτιλιακή Τεχνική"),
    ),
)
"""Per script: what stands in front of a name, names, trades."""

EMOJI = ("🌊", "🍕", "🐾", "🌱", "🚲", "⚡")

PLACEHOLDERS = ("N/A", "Test", "-", "Unknown", "TBD", "zzz test account", "Misc", "DO NOT USE")

ODD = (
    "100% {}",
    "{} [West] {{0}}",
    'The "{}" People',
    "{}'s %s Shop",
    "=Sum of {}",
    "+{}",
    "@{}",
    "{}; & Sons | Co",
    "<b>{}</b>",
    "{} \\ Partners * ?",
)
"""Names that programs trip over when they are not treated as plain text (R9)."""

OWN_NAME = "Northbridge Managed IT"
"""The MSP itself: company ``0``."""
