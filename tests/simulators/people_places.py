# ruff: noqa: RUF001 -- other scripts have letters that look like ours, that is what they are for
"""Names, streets and towns that the generator of people draws from, one entry a culture.

Every name is paired with the spelling that an e-mail address of its bearer would use.
"""

from dataclasses import dataclass

Spelling = tuple[str, str]
"""(as its bearer writes it, as an e-mail address spells it)."""


@dataclass(frozen=True, slots=True)
class Culture:
    """What people of one country are called, and where they live and work."""

    country: str
    phone: str
    """A pattern: every ``#`` becomes a digit."""
    postal_code: str
    """A pattern: ``#`` becomes a digit, ``@`` a capital letter."""
    first: tuple[Spelling, ...]
    last: tuple[Spelling, ...]
    streets: tuple[str, ...]
    """Patterns: ``{n}`` becomes a house number."""
    cities: tuple[str, ...]
    companies: tuple[str, ...]


CULTURES: tuple[Culture, ...] = (
    Culture(
        country="Germany",
        phone="+49 30 #######",
        postal_code="1####",
        first=(("Jürgen", "juergen"), ("Käthe", "kaethe"), ("Lena", "lena"), ("Björn", "bjoern")),
        last=(
            ("Müller", "mueller"),
            ("Groß", "gross"),
            ("von der Heide", "vonderheide"),
            ("Schröder-Köpf", "schroeder-koepf"),
            ("Weiß", "weiss"),
        ),
        streets=("Schönhauser Allee {n}", "Große Straße {n}", "Am Mühlbach {n}"),
        cities=("Berlin", "München", "Köln"),
        companies=("Müller & Söhne GmbH", "Fördertechnik Groß AG", "Bäckerei Weiß"),
    ),
    Culture(
        country="France",
        phone="+33 1 ## ## ## ##",
        postal_code="75###",
        first=(
            ("Zoé", "zoe"),
            ("François", "francois"),
            ("Jean-Baptiste", "jean-baptiste"),
            ("Anaïs", "anais"),
        ),
        last=(
            ("Lefèvre", "lefevre"),
            ("D'Arcy", "darcy"),
            ("Saint-Exupéry", "saint-exupery"),
            ("Bœuf", "boeuf"),
        ),
        streets=("{n} rue de l'Église", "{n} bis, avenue des Champs-Élysées", "{n} quai Conti"),
        cities=("Paris", "Besançon", "Saint-Étienne"),
        companies=("Société Générale d'Études", "L'Épicerie Fine", "Atelier Bœuf & Cie"),
    ),
    Culture(
        country="Ireland",
        phone="+353 1 ### ####",
        postal_code="D## @@##",
        first=(("Aoife", "aoife"), ("Seán", "sean"), ("Siobhán", "siobhan"), ("Cian", "cian")),
        last=(
            ("O'Brien", "obrien"),
            ("Ó Súilleabháin", "osuilleabhain"),
            ("McCarthy", "mccarthy"),
            ("Byrne-O’Neill", "byrne-oneill"),
        ),
        streets=("{n} O'Connell Street", "{n} St Stephen's Green", "Flat {n}, Grafton House"),
        cities=("Dublin", "Dún Laoghaire", "Cork"),
        companies=("O'Brien & Daughters Ltd", "Emerald Dairies", "Liffey Software"),
    ),
    Culture(
        country="Japan",
        phone="+81 3-####-####",
        postal_code="1##-####",
        first=(("太郎", "taro"), ("美咲", "misaki"), ("さくら", "sakura"), ("健一", "kenichi")),
        last=(("山田", "yamada"), ("佐藤", "sato"), ("髙橋", "takahashi"), ("鈴木", "suzuki")),
        streets=("神田{n}丁目", "渋谷{n}-3-5", "Minami-Aoyama {n}-chōme"),
        cities=("東京都千代田区", "大阪市", "Kyōto"),
        companies=("株式会社山田製作所", "さくら電機", "髙橋商事"),
    ),
    Culture(
        country="China",
        phone="+86 10 #### ####",
        postal_code="10####",
        first=(("伟", "wei"), ("秀英", "xiuying"), ("子涵", "zihan"), ("芳", "fang")),
        last=(("王", "wang"), ("欧阳", "ouyang"), ("李", "li"), ("張", "zhang")),
        streets=("长安街{n}号", "南京西路{n}号", "中关村大街{n}号"),
        cities=("北京", "上海", "臺北"),
        companies=("北京智能科技有限公司", "上海远洋物流", "龍華紡織"),
    ),
    Culture(
        country="Spain",
        phone="+34 9## ### ###",
        postal_code="28###",
        first=(
            ("José", "jose"),
            ("Íñigo", "inigo"),
            ("María Ángeles", "mariaangeles"),
            ("Nuño", "nuno"),
        ),
        last=(
            ("Muñoz Ibáñez", "munoz"),
            ("Güell", "guell"),
            ("de la Peña", "delapena"),
            ("Núñez-Feijóo", "nunez-feijoo"),
        ),
        streets=(
            "Calle de Alcalá {n}, 3.º izq.",
            "Passeig de Gràcia {n}",
            "Avda. España s/n ({n})",
        ),
        cities=("Madrid", "A Coruña", "Málaga"),
        companies=("Peña Hermanos S.L.", "Compañía Ibérica", "Diseños Güell"),
    ),
    Culture(
        country="Indonesia",
        phone="+62 21 ### ####",
        postal_code="1####",
        first=(("", ""), ("Siti", "siti"), ("", ""), ("Budi", "budi")),
        last=(("Sukarno", "sukarno"), ("Suharto", "suharto"), ("Megawati", "megawati")),
        streets=("Jl. Jenderal Sudirman No. {n}", "Jl. M.H. Thamrin {n}"),
        cities=("Jakarta", "Yogyakarta"),
        companies=("PT Nusantara Jaya", "CV Sumber Rejeki"),
    ),
    Culture(
        country="Poland",
        phone="+48 22 ### ## ##",
        postal_code="0#-###",
        first=(("Łukasz", "lukasz"), ("Małgorzata", "malgorzata"), ("Zdzisław", "zdzislaw")),
        last=(
            ("Błaszczykowski", "blaszczykowski"),
            ("Żuk", "zuk"),
            ("Skłodowska-Curie", "sklodowska"),
        ),
        streets=("ul. Świętokrzyska {n}/4", "al. Jerozolimskie {n}", "Łąkowa {n}"),
        cities=("Łódź", "Gdańsk", "Kraków"),
        companies=("Żuk i Synowie sp. z o.o.", "Łódzkie Zakłady", "Kopalnia Soli"),
    ),
    Culture(
        country="Korea",
        phone="+82 2-####-####",
        postal_code="0####",
        first=(("민준", "minjun"), ("서연", "seoyeon"), ("Ji-hoon", "ji-hoon")),
        last=(("김", "kim"), ("박", "park"), ("이", "lee")),
        streets=("세종대로 {n}", "테헤란로 {n}길"),
        cities=("서울특별시", "부산"),
        companies=("한빛소프트", "대한물산 주식회사"),
    ),
    Culture(
        country="Greece",
        phone="+30 21# ### ####",
        postal_code="1## ##",
        first=(("Γιώργος", "giorgos"), ("Ελένη", "eleni")),
        last=(("Παπαδόπουλος", "papadopoulos"), ("Οικονόμου", "oikonomou")),
        streets=("Λεωφόρος Συγγρού {n}", "Ερμού {n}"),
        cities=("Αθήνα", "Θεσσαλονίκη"),
        companies=("Ελληνικά Ναυπηγεία Α.Ε.", "Οικονόμου & Υιοί"),
    ),
    Culture(
        country="Saudi Arabia",
        phone="+966 11 ### ####",
        postal_code="1####",
        first=(("محمد", "mohammed"), ("نورة", "noura"), ("Abdul-Rahman", "abdul-rahman")),
        last=(("العتيبي", "alotaibi"), ("Al-Saud", "al-saud")),
        streets=("شارع الملك فهد {n}", "King Fahd Rd {n}"),
        cities=("الرياض", "جدة"),
        companies=("شركة النور للتجارة", "Al-Saud Trading Est."),
    ),
    Culture(
        country="United States",
        phone="+1 (212) 555-####",
        postal_code="100##",
        first=(
            ("Mary-Jane", "mary-jane"),
            ("D'Angelo", "dangelo"),
            ("Bob", "bob"),
            ("Ada", "ada"),
            ("Renée", "renee"),
        ),
        last=(
            ("Smith", "smith"),
            ("O’Connor", "oconnor"),
            ("Null", "null"),
            ("Jones-Smythe", "jones-smythe"),
            ("Van Buren III", "vanburen"),
        ),
        streets=("{n} Main St, Apt #4", '{n} "Old" Mill Rd', "{n} 5th Ave"),
        cities=("New York", "Coeur d'Alene", "Winston-Salem"),
        companies=("AT&T <Labs>", "Smith, Jones & Co.", "100% Organic, Inc."),
    ),
)

TITLES: tuple[str, ...] = (
    "CEO",
    "Head of Sales, EMEA",
    "Développeuse",
    "Geschäftsführer",
    "部長",
    "R&D Engineer",
    "VP “Special Projects”",
    "Ingeniero Técnico",
    "",
)
