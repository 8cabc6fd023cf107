"""Names of the sample company's customers, by language.

Given names (women first, men after the ``/``) and family names. Where the script is not Latin each
name carries, after ``=``, the Latin spelling that its owner uses in an email address.
"""

from typing import Final

GIVEN: Final[dict[str, str]] = {
    "nb": "Ingrid Anne Kari Solveig Åse Nora Emma Ragnhild Marit Silje Tuva Astrid Bjørg Live / "
    "Lars Ola Bjørn Øyvind Håkon Sindre Magnus Jonas Kjell Terje Espen Henrik Pål Even",
    "sv": "Anna Maja Elsa Karin Åsa Linnéa Ebba Märta Britt Saga Agnes Ylva Göta Hanna / "
    "Erik Gustav Åke Björn Nils Oskar Hugo Göran Sven Axel Jörgen Lennart Viktor Mattias",
    "da": "Mette Sofie Freja Kirsten Signe Maren Ida Line Rikke Bodil Karla Søs / "
    "Søren Jens Mads Rasmus Niels Anders Kåre Frederik Mikkel Jørgen Troels Asger",
    "fi": "Aino Helmi Päivi Kaisa Sanna Tuuli Anna-Liisa Veera Elina Marjatta Noora Ilona / "
    "Mikko Juhani Väinö Eero Ville Timo Pekka Antti Jukka Aleksi Onni Heikki",
    "is": "Guðrún Sigríður Kristín Þóra Hildur Birna Ásdís Elín / "
    "Jón Sigurður Guðmundur Ólafur Þór Einar Árni Björgvin",
    "de": "Anna Lena Jürgen-Maria Sabine Käthe Ursula Mia Hannah Grete Brigitte Heike Jule / "
    "Jürgen Max Paul Günther Lukas Felix Björn Wolfgang Jonas Stefan Uwe Matthias",
    "nl": "Sanne Femke Anouk Lotte Marijke Eva Noor Tess Ingrid Fleur / "
    "Daan Jeroen Bram Pieter Sjoerd Thijs Ruben Kees Willem Niek",
    "en": "Olivia Amelia Grace Charlotte Sophie Emily Siobhán Zoë Harriet Megan Ruby Isla / "
    "Oliver Jack Harry George Seán Thomas Liam James Callum Noah Dylan Alfie",
    "fr": "Camille Chloé Zoé Élodie Françoise Léa Manon Aurélie Inès Geneviève Margaux Anaïs / "
    "Lucas Jérôme François Rémi Noël Hugo Mathéo Gaël Benoît Étienne Loïc Théo",
    "es": "Lucía María Sofía Inés Begoña Carmen Paula Concepción Marta Nuria / "
    "José Íñigo Álvaro Pablo Javier Andrés Raúl Hugo Joaquín Sergio",
    "it": "Giulia Sofia Chiara Aurora Martina Francesca Elena Ginevra Noemi Beatrice / "
    "Marco Niccolò Lorenzo Alessandro Matteo Luca Giosuè Davide Andrea Pietro",
    "pt": "Maria Inês Beatriz Conceição Leonor Matilde Joana / "
    "João Tomás Gonçalo Duarte Martim Simão Luís",
    "pl": "Zofia Małgorzata Agnieszka Łucja Julia Grażyna Hanna Bożena Żaneta Kinga / "
    "Łukasz Paweł Michał Stanisław Jakub Wojciech Krzysztof Bartłomiej Adam Szymon",
    "cs": "Jana Tereza Lucie Věra Kateřina Anežka Zdeňka Šárka / "
    "Jiří Tomáš Ondřej Vojtěch Luboš Petr Matěj Řehoř",
    "tr": "Ayşe Zeynep Elif Gülşen Çiğdem İrem Şeyma / Mehmet Oğuz Çağrı İbrahim Yiğit Emre Şükrü",
    "uk": "Олена=olena Наталія=nataliia Ірина=iryna Софія=sofiia Оксана=oksana Юлія=yuliia "
    "Ганна=hanna Соломія=solomiia / Олександр=oleksandr Тарас=taras Андрій=andrii Богдан=bohdan "
    "Дмитро=dmytro Юрій=yurii Максим=maksym Назар=nazar",
    "bg": "Мария=maria Елена=elena Цветелина=tsvetelina Десислава=desislava Йоана=yoana / "
    "Георги=georgi Иван=ivan Димитър=dimitar Николай=nikolay Стоян=stoyan",
    "el": "Μαρία=maria Ελένη=eleni Κατερίνα=katerina Βασιλική=vasiliki Σοφία=sofia Ιωάννα=ioanna / "
    "Γιώργος=giorgos Νίκος=nikos Δημήτρης=dimitris Κώστας=kostas Γιάννης=giannis Παύλος=pavlos",
    "ar": "فاطمة=fatima مريم=maryam نور=nour ليلى=layla عائشة=aisha سارة=sara / "
    "محمد=mohamed أحمد=ahmed عمر=omar يوسف=youssef خالد=khaled علي=ali",
    "he": "נועה=noa תמר=tamar יעל=yael מאיה=maya שירה=shira / "
    "דוד=david יוסי=yossi אורי=uri איתי=itai נועם=noam",
    "hi": "आराध्या=aaradhya अनन्या=ananya प्रिया=priya दिव्या=divya कविता=kavita / "
    "आरव=aarav विवान=vivaan राहुल=rahul अर्जुन=arjun संजय=sanjay",
    "ja": "陽葵=himari 結衣=yui さくら=sakura 美咲=misaki 葵=aoi 花子=hanako / "
    "蓮=ren 大翔=hiroto 健太=kenta 悠真=yuma 太郎=taro 翔=sho",
    "zh": "芳=fang 秀英=xiuying 娜=na 静=jing 欣怡=xinyi 丽=li / "
    "伟=wei 强=qiang 磊=lei 军=jun 浩然=haoran 杰=jie",
    "ko": "서연=seoyeon 민서=minseo 지우=jiwoo 하은=haeun 수아=sua / "
    "민준=minjun 서준=seojun 도윤=doyun 지호=jiho 현우=hyunwoo",
}

FAMILY: Final[dict[str, str]] = {
    "nb": "Hansen Johansen Olsen Larsen Bakke Haugen Østby Ødegård Lønning Sørlie Bråthen Nygård "
    "Kvåle Strøm Tangen Moen Aasen Skjærvø Hjelle Wærnes Dahl Myhre Ruud Gjerde",
    "sv": "Andersson Johansson Lindqvist Sjöberg Åkesson Öberg Ström Bergström Nyström Hällgren "
    "Ekström Söderlund Lundgren Grönlund Forsberg Hägg Blomqvist Sandström Wikström Norén",
    "da": "Jensen Nielsen Sørensen Møller Østergaard Kjær Nørgaard Ågård Bruun Skov Holm Toft "
    "Bæk Dam Krogh Lund",
    "fi": "Virtanen Korhonen Mäkinen Hämäläinen Nieminen Järvinen Lehtonen Heikkilä Kärkkäinen "
    "Saarinen Salminen Räsänen Niemelä Laaksonen",
    "is": "Jónsdóttir Sigurðsson Guðmundsdóttir Ólafsson Þórarinsson Árnadóttir Einarsson "
    "Björnsdóttir",
    "de": "Müller Schmidt Schneider Weiß Schäfer Krüger Köhler Lange Böhm Groß Vogel Jäger "
    "Schröder Hoffmann Kühn Neumann",
    "nl": "Jansen Bakker Visser Smit Mulder Dekker Vermeulen Hoekstra Dijkstra Brouwer Kuipers "
    "Postma",
    "en": "Smith Jones Taylor O'Brien O'Connor Walker Wright Hughes Edwards Thompson-Reed Bennett "
    "Foster MacLeod Fraser Whitfield Ashworth",
    "fr": "Martin Lefèvre Dubois Girard Béranger Moreau Lemaître Rousseau Fournier D'Aubigné "
    "Chevalier Gauthier Besançon Noël",
    "es": "García Fernández Núñez Ibáñez López Muñoz Peña Ortega Domínguez Vázquez Castaño Serrano",
    "it": "Rossi Bianchi Esposito Ferrari D'Angelo Colombo Marchetti Rinaldi Caruso Fontana "
    "Niccolai Greco",
    "pt": "Silva Conceição Gonçalves Araújo Mendonça Simões Magalhães Vasconcelos",
    "pl": "Kowalski Wiśniewski Wójcik Dąbrowski Zieliński Szczepański Źródłowski Król Łęcki "
    "Grzegorczyk Jabłoński Brzęczyszczykiewicz",
    "cs": "Novák Dvořák Černý Procházka Kučera Růžička Šimek Žák",
    "tr": "Yılmaz Kaya Demir Çelik Şahin Öztürk Aydın Güneş",
    "uk": "Шевченко=shevchenko Коваленко=kovalenko Бондар=bondar Ткачук=tkachuk Мельник=melnyk "
    "Кравчук=kravchuk Лисенко=lysenko Гриценко=hrytsenko",
    "bg": "Иванов=ivanov Георгиева=georgieva Димитров=dimitrov Петрова=petrova Тодоров=todorov",
    "el": "Παπαδόπουλος=papadopoulos Νικολάου=nikolaou Γεωργίου=georgiou Οικονόμου=oikonomou "
    "Αθανασίου=athanasiou Βλάχος=vlachos",
    "ar": "العلي=alali حسن=hassan الشريف=alsharif منصور=mansour الحربي=alharbi سليمان=suleiman",
    "he": "כהן=cohen לוי=levi מזרחי=mizrahi פרץ=peretz ביטון=biton",
    "hi": "शर्मा=sharma वर्मा=verma गुप्ता=gupta सिंह=singh पटेल=patel",
    "ja": "佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 渡辺=watanabe 伊藤=ito 山本=yamamoto",
    "zh": "王=wang 李=li 张=zhang 刘=liu 陈=chen 欧阳=ouyang 赵=zhao",
    "ko": "김=kim 이=lee 박=park 최=choi 정=jung 남궁=namgung",
}
