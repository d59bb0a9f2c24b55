"""Which languages had constraints: the 43 of the open table (`train stats`); every other one of a test set is unseen.
"""

SEEN = frozenset(
    "ar af "
    "bg bn de el en es et eu fa fi fr gu he hi hu id it ja ka kk ko lt ml ms nl pl pt qu ro ru sw ta te th tl tr uk "
    "ur vi wo zh".split()
)
# Codes of three letters in the names of XLSIM's and Tatoeba's files.
SHORT = dict(
    pair.split("=")
    for pair in (
        "afr=af ara=ar bul=bg cat=ca cmn=zh cym=cy deu=de ell=el eng=en epo=eo est=et eus=eu fin=fi fra=fr heb=he "
        "hin=hi hrv=hr "
        "hun=hu "
        "ind=id ita=it jpn=ja kat=ka kor=ko lit=lt nld=nl nob=no pol=pl por=pt ron=ro rus=ru spa=es swa=sw "
        "swh=sw tam=ta "
        "tha=th tur=tr "
        "ukr=uk urd=ur vie=vi zsm=ms"
    ).split()
)


def seen(pair):
    """How many of a pair's two languages had constraints: 0, 1 or 2. 'deu-eng' and 'de-en' are the same."""
    return sum(SHORT.get(code.lower(), code.lower()) in SEEN for code in pair.split("-"))
