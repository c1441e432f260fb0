"""Synthetic texts and names, made of word lists by a random generator that the caller owns."""

from random import Random

from selection.seeding import words

LONG_TEXT_SHARE = 0.1
LONGEST_SHARE_OF_LIMIT = 0.9


def seeded(*parts: object) -> Random:
    """Return a generator that gives the same numbers for the same parts."""
    return Random(":".join(map(str, parts)))  # noqa: S311 - demo texts, no secrets


def narrative(key: str, limit: int | None, group: str, city: str, rng: Random) -> str:
    """Return 40 to 120 words (one in ten longer, never above `limit`) on the question `key`."""
    wanted = rng.randint(40, 120)
    limit = limit or 400
    if rng.random() < LONG_TEXT_SHARE:
        wanted = int(limit * LONGEST_SHARE_OF_LIMIT)
    kind = key.rpartition("_")[2]
    bank = words.SENTENCES.get(kind, ())
    sentences = rng.sample(bank, len(bank))
    if kind != words.FALLBACK:
        sentences += rng.sample(words.SENTENCES[words.FALLBACK], len(words.SENTENCES["general"]))
    slots = _slots(group, city, rng)
    parts, count = [words.LEAD_IN], 2
    for sentence in sentences:
        text = sentence.format_map(slots)
        length = len(text.split())
        if count + length > limit:
            break
        parts.append(text)
        count += length
        if count >= wanted:
            break
    return " ".join(parts)


def sentence(bank: str, rng: Random) -> str:
    """Return one sentence of a bank, marked as synthetic."""
    return f"{words.LEAD_IN} {rng.choice(words.SENTENCES[bank])}"


def person_name(rng: Random) -> str:
    """Return a first and a last name."""
    return f"{rng.choice(words.FIRST_NAMES)} {rng.choice(words.LAST_NAMES)}"


def practice_name(
    city: str, types: tuple[str, ...], population: str, taken: set[str], rng: Random
) -> str:
    """Return a name such as “Fresno Family Medicine” that is not in `taken`, and add it there."""
    kinds = words.KINDS[types[-1]]
    special = words.KIND_OF_POPULATION.get(population)
    kind = rng.choice(kinds)
    if special and types == ("small_independent",) and rng.random() < 0.5:
        kind = special
    middles = rng.sample(words.MIDDLES, 5)
    tries = [" ".join(filter(None, (city, middle, kind))) for middle in middles]
    name = next((one for one in tries if one not in taken), "")
    suffix = 2
    while not name:
        numbered = f"{tries[-1]} {suffix}"
        name, suffix = ("" if numbered in taken else numbered), suffix + 1
    taken.add(name)
    return name


def _slots(group: str, city: str, rng: Random) -> dict[str, object]:
    who = rng.choice(words.HELPERS)
    pct = rng.randint(24, 68)
    return {
        "group": group,
        "city": city,
        "who": who,
        "who_cap": who[0].upper() + who[1:],
        "pct": pct,
        "more": pct + rng.randint(6, 24),
        "few": rng.randint(2, 9),
        "count": rng.randint(12, 90),
        "month": rng.choice(words.MONTHS),
    }
