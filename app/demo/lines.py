"""What the demo's people say. The show: a fashion house presents its winter collection."""

from __future__ import annotations

from dataclasses import dataclass

BRAND = "Maison Orme"
TITLE = "La collection d’hiver, en vrai"
SLUG = "demo"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the audience: who they are decides what they say."""

    name: str
    language: str
    segment: str
    spams: bool = False


PEOPLE: tuple[Person, ...] = (
    Person("renard-vif", "fr", "customer"),
    Person("Maggie", "en", "prospect"),
    Person("Inès", "fr", "prospect"),
    Person("Tom H.", "en", "customer"),
    Person("Camille (atelier)", "fr", "ambassador"),
    Person("Noor wears", "en", "influencer"),
    Person("jo_les_bons_plans", "fr", "general", spams=True),
    Person("Lucas", "fr", "customer"),
    Person("Priya", "en", "prospect"),
    Person("Maëlle", "fr", "general"),
    Person("Ben from Leeds", "en", "general"),
    Person("Aïcha", "fr", "prospect"),
    Person("Sofia", "en", "customer"),
    Person("Théo", "fr", "general"),
    Person("Grace (support)", "en", "ambassador"),
    Person("Le Dressing de Paul", "fr", "influencer"),
    Person("Hannah", "en", "prospect"),
    Person("Mireille", "fr", "customer"),
    Person("Oscar", "en", "general"),
    Person("Yasmine", "fr", "customer"),
)

_ANYONE = "*"

CHAT: dict[str, dict[str, tuple[str, ...]]] = {
    "fr": {
        _ANYONE: (
            "Bonsoir tout le monde, contente d’être là",
            "le son est parfait de mon côté",
            "Bonjour de Lyon",
            "c’est tellement mieux qu’une vidéo montée",
            "j’arrive en retard, on en est où ?",
            "la lumière est superbe ce soir",
            "merci de prendre le temps de répondre",
            "oh le vert, il est magnifique",
            "on peut revoir le dos du manteau svp",
            "je note, je note",
            "première fois sur un direct comme ça, j’aime bien",
            "haha la chute du cintre",
            "ça donne envie qu’il fasse froid",
        ),
        "customer": (
            "j’ai le modèle de l’an dernier, il n’a pas bougé",
            "le mien a perdu un bouton la première semaine",
            "reçu hier, la coupe est impeccable",
            "le service client m’a répondu en dix minutes, bravo",
            "la doublure est vraiment chaude, je confirme",
            "troisième hiver avec l’écharpe et toujours aussi douce",
            "je l’ai lavé en machine et il va très bien, programme laine",
        ),
        "prospect": (
            "j’hésite entre le 38 et le 40",
            "400 euros c’est un budget quand même",
            "il me le faudrait avant Noël",
            "la couleur en vrai est plus sombre que sur le site, non ?",
            "je craque je crois",
            "il existe en plus court ?",
            "je compare avec une autre marque, vous me faites hésiter",
        ),
        "ambassador": (
            "c’est toute l’équipe de l’atelier qui regarde avec vous",
            "les coutures sont faites à la main, j’y ai passé mon automne",
            "fière de voir la collection en lumière",
            "le tissu vient d’une filature des Vosges, on y était mardi",
        ),
        "influencer": (
            "je prépare une story sur les finitions",
            "mes abonnés me demandent déjà le lien",
            "superbe matière à filmer, on voit le grain de la laine",
            "je passe au showroom jeudi, hâte de toucher tout ça",
        ),
        "general": (
            "bon, je n’y connais rien mais c’est beau",
            "quelqu’un d’autre regarde en mangeant ?",
            "le chien derrière, on peut le voir aussi ?",
            "je suis venue pour la musique, je reste pour les manteaux",
        ),
    },
    "en": {
        _ANYONE: (
            "Evening everyone, lovely to be here",
            "sound is perfect on my side",
            "hello from Manchester",
            "so much better than an edited video",
            "just joined, what did I miss?",
            "that lighting though",
            "thank you for taking real questions",
            "oh that green is gorgeous",
            "could you show the back of the coat again please",
            "taking notes over here",
            "first live show I have stayed for this long",
            "the hanger falling off, I laughed out loud",
            "makes me wish for colder weather",
        ),
        "customer": (
            "had mine for two winters, still looks new",
            "mine arrived with a loose button, otherwise perfect",
            "got it yesterday and the fit is spot on",
            "support answered me within the hour, impressed",
            "the lining is properly warm, can confirm",
            "the scarf is the softest thing I own",
            "washed mine on the wool cycle, no problem at all",
        ),
        "prospect": (
            "torn between a 10 and a 12",
            "it is a lot of money for a coat, convince me",
            "I would need it before Christmas",
            "is the colour darker in person? looks like it",
            "I think I am about to order",
            "does it come in a shorter cut?",
            "comparing with another brand right now, this is close",
        ),
        "ambassador": (
            "the whole support team is watching with you",
            "I packed some of these parcels this morning",
            "so proud to see the collection out there",
            "ask us anything, we read all of it",
        ),
        "influencer": (
            "working on a reel about the stitching",
            "my followers are asking for the link already",
            "that fabric films so well, you can see the weave",
            "visiting the showroom on Thursday, cannot wait",
        ),
        "general": (
            "I know nothing about fashion and I am enjoying this",
            "anyone else watching over dinner?",
            "can we see the dog in the background too?",
            "came for the music, staying for the coats",
        ),
    },
}

QUESTIONS: tuple[dict[str, tuple[str, ...]], ...] = (
    {
        "fr": (
            "Livrez-vous en Belgique avant Noël ?",
            "Est-ce que la livraison en Belgique arrivera avant les fêtes ?",
        ),
        "en": ("Do you ship to Belgium before Christmas?",),
    },
    {
        "fr": ("La laine gratte-t-elle quand on a la peau sensible ?",),
        "en": ("Is the wool itchy on sensitive skin?", "Will the wool scratch if my skin reacts?"),
    },
    {
        "fr": ("Peut-on échanger en boutique un achat fait en ligne ?",),
        "en": ("Can I exchange an online order in a shop?",),
    },
    {
        "fr": ("Le vert est-il plus sombre en vrai ?", "La couleur verte est fidèle à l’écran ?"),
        "en": ("Is the green darker in real life?",),
    },
    {
        "fr": ("Le manteau vert existe-t-il en taille 34 ?",),
        "en": ("Does the green coat come in a UK size 6?",),
    },
    {
        "fr": ("J’ai reçu mon manteau avec un bouton en moins, je fais comment ?",),
        "en": ("My coat arrived with a button missing, what should I do?",),
    },
    {
        "fr": ("Combien coûte la livraison ?", "Quel est le prix de la livraison ?"),
        "en": ("How much is delivery?",),
    },
    {
        "fr": ("Où est fabriquée la doublure ?",),
        "en": ("Where is the lining made?",),
    },
    {
        "fr": ("Y aura-t-il du bleu nuit cette saison ?",),
        "en": ("Will there be a midnight blue this season?",),
    },
    {
        "fr": ("Est-ce que je peux montrer les coulisses dans ma story ?",),
        "en": ("May I show the backstage in a story?",),
    },
    {
        "fr": ("Faut-il prendre une taille au-dessus avec un gros pull ?",),
        "en": ("Should I size up to wear a thick jumper under it?",),
    },
)

SPAM: tuple[str, ...] = (
    "GAGNEZ 500€ PAR JOUR depuis chez vous → orme-promo(.)shop",
    "manteaux de marque à -80 % sur dressing-pas-cher point com",
    "Abonnez-vous à ma chaîne, cadeaux toutes les heures http://cadeaux.example/live",
    "GAGNEZ 500€ PAR JOUR depuis chez vous → orme-promo(.)shop !!",
)

REPLIES: dict[str, tuple[str, ...]] = {
    "fr": ("pareil pour moi", "merci, bonne question", "exactement ce que je pensais", "oui !"),
    "en": ("same here", "thanks, good question", "exactly what I was thinking", "agreed"),
}


def chat_lines(person: Person) -> tuple[str, ...]:
    """Everything that this person might say, their own segment's lines first."""
    spoken = CHAT[person.language]
    return spoken[person.segment] + spoken[_ANYONE]
