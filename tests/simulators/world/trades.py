# ruff: noqa: RUF001 -- other scripts have letters that look like ours, that is what they are for
"""What firms are called, one entry a country of ``people_places``.

``{n}`` becomes somebody's last name, ``{c}`` a town.
"""

TRADES: dict[str, tuple[str, ...]] = {
    "Germany": ("{n} & Söhne GmbH", "{c}er Straßenbau {n} KG", "Bäckerei {n}", "{n} Öltechnik AG"),
    "France": ("Société {n} & Cie", "L'Atelier {n}", "Les Caves de {c} SARL", "{n} Frères S.A."),
    "Ireland": ("{n} & Daughters Ltd", "{c} Dairies", "{n}'s Software House", "The {n} Group plc"),
    "Japan": ("株式会社{n}製作所", "{n}電機", "{c}商事株式会社", "{n}トレーディング"),
    "China": ("{c}{n}科技有限公司", "{n}氏物流", "{c}远洋贸易公司", "{n}記酒家"),
    "Spain": ("{n} Hermanos S.L.", "Diseños {n}", "Compañía de Aguas de {c}", "Peña & {n} S.A."),
    "Indonesia": ("PT {n} Jaya", "CV Sumber {n}", "PT {c} Makmur Tbk", "Toko {n}"),
    "Poland": ("{n} i Synowie sp. z o.o.", "Zakłady {c} S.A.", "{n}-Bud", "Księgarnia „{n}”"),
    "Korea": ("{n}소프트", "주식회사 {n}물산", "{c} 전자", "{n} & Partners"),
    "Greece": ("{n} & Υιοί", "Ναυπηγεία {c} Α.Ε.", "Αφοί {n} Ο.Ε.", "{n} Shipping"),
    "Saudi Arabia": ("شركة {n} للتجارة", "مؤسسة {c}", "{n} Trading Est.", "مجموعة {n} القابضة"),
    "United States": ("{n}, Jones & Co.", "{c} <Labs>", "100% {n}, Inc.", 'The "{n}" Company LLC'),
}
SUFFIXES = ("", "", "", " Holding", " II", " International", " (inactive)")
"""What makes two firms of one name two firms."""
