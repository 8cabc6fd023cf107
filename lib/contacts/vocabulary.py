"""What columns are called in several languages, as data."""

MEANINGS: dict[str, tuple[str, ...]] = {
    "email": (
        "email", "e-mail", "mail", "email address", "e-mail address", "emailaddress", "epost",
        "e-post", "epostadresse", "e-postadresse", "epostadress", "mailadresse", "e-mailadresse",
        "emailadresse", "correo", "correo electronico", "courriel", "adresse mail",
        "adresse electronique", "adresse email", "indirizzo email", "posta elettronica",
        "e-mailadres", "sahkoposti", "netfang", "adres email", "электронная почта", "почта",
        "эл почта", "メール", "メールアドレス", "邮箱", "电子邮件", "이메일",
    ),
    "first name": (
        "first name", "firstname", "fname", "first", "given name", "givenname", "forename",
        "fornavn", "fornamn", "förnamn", "prénom", "prenom", "vorname", "rufname", "nombre",
        "nome", "voornaam", "etunimi", "imię", "имя", "ім'я", "jméno", "όνομα",
        "名", "名字", "이름",
    ),
    "last name": (
        "last name", "lastname", "lname", "last", "surname", "family name", "familyname",
        "etternavn", "efternavn", "efternamn", "slektsnavn", "nom", "nom de famille", "nachname",
        "familienname", "apellido", "apellidos", "cognome", "sobrenome", "achternaam", "sukunimi",
        "nazwisko", "фамилия", "прізвище", "příjmení", "επώνυμο", "姓", "姓氏", "성",
    ),
    "birthday": (
        "birthday", "birthdate", "birth date", "date of birth", "dob", "born", "bday",
        "fødselsdag", "fodselsdag", "fødselsdato", "fodselsdato", "födelsedag", "födelsedatum",
        "date de naissance", "anniversaire", "geburtstag", "geburtsdatum", "fecha de nacimiento",
        "cumpleaños", "data di nascita", "compleanno", "data de nascimento", "geboortedatum",
        "syntymäaika", "data urodzenia", "дата рождения", "день рождения", "生年月日", "生日",
    ),
    "phone": (
        "phone", "phone number", "telephone", "mobile", "mobile phone", "cell", "cellphone",
        "tel", "telefon", "telefonnummer", "mobil", "mobilnummer", "mobiltelefon", "tlf",
        "téléphone", "portable", "handy", "handynummer", "teléfono", "móvil", "telefono",
        "cellulare", "telefone", "celular", "telefoon", "puhelin", "телефон", "電話", "电话",
    ),
    "address": (
        "address", "postal address", "mailing address", "adresse", "postadresse", "adress",
        "anschrift", "direccion", "dirección", "indirizzo", "endereço", "adres", "osoite", "адрес",
        "住所", "地址",
    ),
    "postal code": (
        "zip", "zip code", "zipcode", "postcode", "postal code", "postnr", "postnummer",
        "code postal", "plz", "postleitzahl", "código postal", "cap", "cep", "postinumero",
        "kod pocztowy", "индекс", "郵便番号", "邮编",
    ),
    "city": (
        "city", "town", "by", "poststed", "sted", "stad", "ort", "postort", "ville", "stadt",
        "ciudad", "città", "cidade", "plaats", "kaupunki", "miasto", "город", "市", "城市",
    ),
    "country": (
        "country", "country code", "land", "landkode", "pays", "país", "pais", "paese",
        "maa", "kraj", "страна", "国", "国家",
    ),
    "language": (
        "language", "lang", "locale", "språk", "sprak", "sprog", "langue", "sprache", "idioma",
        "lingua", "taal", "kieli", "język", "язык", "言語", "语言",
    ),
    "company": (
        "company", "organisation", "organization", "firma", "selskap", "bedrift", "företag",
        "virksomhed", "société", "entreprise", "unternehmen", "empresa", "azienda", "bedrijf",
        "yritys", "компания", "会社", "公司",
    ),
    "picture": ("picture", "photo", "avatar", "image", "image url", "bilde", "bild", "foto"),
    "website": ("website", "url", "homepage", "web", "nettside", "hjemmeside", "hemsida", "site"),
}  # fmt: skip
"""Names of columns by meaning; compared without case, accents, spaces and signs."""

TAGS = {
    "EMAIL": "email",
    "FNAME": "first name",
    "LNAME": "last name",
    "BIRTHDAY": "birthday",
    "PHONE": "phone",
    "SMSPHONE": "phone",
    "ADDRESS": "address",
    "ZIP": "postal code",
    "CITY": "city",
    "COUNTRY": "country",
    "LANGUAGE": "language",
    "COMPANY": "company",
    "WEBSITE": "website",
}
"""Meanings of the merge tags that Mailchimp gives or that are usual."""

PARTS: dict[str, tuple[str, ...]] = {
    "addr1": (
        "street", "street address", "address", "address 1", "address1", "addr1", "address line 1",
        "line1", "gate", "gateadresse", "adresse", "gata", "gatuadress", "rue", "strasse",
        "straße", "calle", "via", "rua", "straat", "postal address", "street name",
    ),
    "addr2": ("address 2", "address2", "addr2", "address line 2", "line2", "c/o", "co"),
    "city": MEANINGS["city"],
    "state": (
        "state", "province", "region", "county", "fylke", "län", "bundesland", "provincia",
        "estado", "kanton",
    ),
    "zip": MEANINGS["postal code"],
    "country": MEANINGS["country"],
}  # fmt: skip
"""Names of the columns an address can be made from."""
