"""Where the sample company's customers live: one line per country.

The mail domains are invented, and look like what people have; none is one of the domains that
Mailchimp turns away as fake (those come in as dirt, in ``dirt.py``).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Country:
    """A country; ``|`` separates several of the same kind."""

    code: str
    """ISO 3166-1 alpha-2."""
    language: str
    """ISO 639-1, a key of the names."""
    weight: int
    """Share of the customers, in thousandths."""
    dial: str
    postcode: str
    """``9`` stands for a digit, ``A`` for a letter."""
    cities: str
    streets: str
    """``#`` stands for the house number."""
    domains: str


COUNTRIES: Final = (
    Country("NO", "nb", 216, "47", "9999", "Oslo|Bergen|Trondheim|Tromsø|Ålesund|Bodø|Hamar",
            "Storgata #|Kirkeveien #|Fjordgløttvegen #|Østre Åsvei #|Skogfaret #B",
            "kvitfjellpost.no|lyngheimbrev.no|tindeposten-epost.no|nordlysbrevet.no"),
    Country("SE", "sv", 150, "46", "999 99", "Stockholm|Göteborg|Malmö|Umeå|Västerås|Örebro",
            "Storgatan #|Björkvägen #|Ängsstigen #|Södra Kyrkogatan #",
            "norrskensbrev.se|bjorkabrevet.se|lingonposten-mejl.se"),
    Country("DK", "da", 90, "45", "9999", "København|Aarhus|Odense|Aalborg|Rønne",
            "Nørregade #|Strandvejen #|Ærøvej #, 2. tv.|Lærkevej #",
            "klitbrevet.dk|havbrisepost.dk"),
    Country("FI", "fi", 70, "358", "99999", "Helsinki|Tampere|Jyväskylä|Oulu|Hämeenlinna",
            "Mäkitie # A 4|Koivukuja #|Järvenrannantie #", "revontuliposti.fi|koivukirje.fi"),
    Country("IS", "is", 6, "354", "999", "Reykjavík|Akureyri|Ísafjörður",
            "Laugavegur #|Þórsgata #", "hraunpostur.is"),
    Country("DE", "de", 112, "49", "99999", "Berlin|München|Köln|Nürnberg|Düsseldorf|Kiel",
            "Hauptstraße #|Goethestr. #a|Mühlenweg #|Am Grünen Hügel #",
            "kuestenbrief.de|waldpostfach.de|bergmailkasten.de"),
    Country("GB", "en", 72, "44", "AA9 9AA", "London|Leeds|Edinburgh|Cardiff|Newcastle upon Tyne",
            "# High Street|Flat 3, # Station Road|# Church Lane",
            "heatherletters.co.uk|moorlandmail-post.co.uk"),
    Country("NL", "nl", 36, "31", "9999 AA", "Amsterdam|Utrecht|'s-Hertogenbosch|Groningen",
            "Dorpsstraat #|Prinsengracht #-hs|Molenweg #", "polderbrief.nl|tulpenpostbus.nl"),
    Country("FR", "fr", 46, "33", "99999", "Paris|Lyon|Besançon|Saint-Étienne|Nîmes",
            "# rue de l'Église|# bis avenue Jean-Jaurès|# allée des Tilleuls",
            "courrierdesalpes-mail.fr|lettrebleue-poste.fr"),
    Country("ES", "es", 31, "34", "99999", "Madrid|A Coruña|Málaga|Logroño",
            "Calle Mayor #, 3.º B|Avenida de la Constitución #", "cartasierra-correo.es"),
    Country("IT", "it", 31, "39", "99999", "Milano|Torino|Forlì|L'Aquila",
            "Via Roma #|Viale dell'Università #", "letteradolomiti-posta.it"),
    Country("PT", "pt", 8, "351", "9999-999", "Lisboa|Évora|Guimarães",
            "Rua da Conceição #, 1.º Esq.", "cartaazul-correio.pt"),
    Country("PL", "pl", 31, "48", "99-999", "Warszawa|Kraków|Łódź|Gdańsk",
            "ul. Długa #/12|os. Słoneczne #", "listtatrzanski.pl|bursztynpoczta.pl"),
    Country("CZ", "cs", 12, "420", "999 99", "Praha|Plzeň|České Budějovice",
            "Dlouhá #|Žižkova #/8", "lipovydopis.cz"),
    Country("TR", "tr", 6, "90", "99999", "İstanbul|İzmir|Eskişehir",
            "Çiçek Sokak No: #", "martimektup.com.tr"),
    Country("UA", "uk", 12, "380", "99999", "Київ|Львів|Одеса", "вул. Шевченка, #|пр. Свободи, #",
            "kalynalyst.com.ua"),
    Country("BG", "bg", 6, "359", "9999", "София|Пловдив|Варна", "ул. Витоша #", "rilapismo.bg"),
    Country("GR", "el", 12, "30", "999 99", "Αθήνα|Θεσσαλονίκη|Ηράκλειο", "Οδός Ερμού #",
            "aigaiogramma.gr"),
    Country("US", "en", 30, "1", "99999", "Minneapolis|Seattle|Boston|St. Paul|San José",
            "# Maple Ave Apt 4B|# W 5th St|# Viking Drive",
            "lakeshoreletters.us|pinemailbox-post.us"),
    Country("CA", "en", 7, "1", "A9A 9A9", "Toronto|Montréal|Halifax", "# Rue Saint-Denis|# King W",
            "mapleletterbox.ca"),
    Country("JP", "ja", 6, "81", "999-9999", "東京都渋谷区|大阪市北区|札幌市中央区",
            "道玄坂#丁目#-3",
            "yukiletter-mail.jp"),
    Country("CN", "zh", 3, "86", "999999", "上海市|北京市|杭州市", "南京路#号", "yunxinjian.cn"),
    Country("KR", "ko", 2, "82", "99999", "서울특별시|부산광역시",
            "테헤란로 #", "haneulpyeonji.kr"),
    Country("AE", "ar", 2, "971", "99999", "دبي|أبوظبي", "شارع الشيخ زايد #", "barqbarid.ae"),
    Country("EG", "ar", 1, "20", "99999", "القاهرة|الإسكندرية",
            "شارع التحرير #", "nilrisala.com.eg"),
    Country("IL", "he", 1, "972", "9999999", "תל אביב|חיפה", "רחוב הרצל #", "galmichtav.co.il"),
    Country("IN", "hi", 1, "91", "999999", "मुंबई|दिल्ली|पुणे",
            "महात्मा गांधी मार्ग #", "himpatra.in"),
)  # fmt: skip
"""The weights add up to 1,000."""
