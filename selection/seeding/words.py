"""Word lists of the synthetic cohort. Data only; every text made of them says that it is synthetic."""

FIRST_NAMES = (
    "Ana", "Andre", "Anjali", "Beatriz", "Bao", "Carmen", "Cedric", "Daniela", "David", "Elena",
    "Farah", "Gabriel", "Grace", "Hannah", "Hector", "Imani", "Isabel", "James", "Jasmine", "Jorge",
    "Karen", "Kenji", "Leticia", "Linh", "Luis", "Maria", "Marcus", "Mei", "Miguel", "Nadia",
    "Olivia", "Omar", "Patricia", "Priya", "Rafael", "Rosa", "Samuel", "Sofia", "Thomas", "Yolanda",
)  # fmt: skip
LAST_NAMES = (
    "Acosta", "Aguilar", "Ahmed", "Alvarez", "Baker", "Banerjee", "Castillo", "Chen", "Cruz", "Diaz",
    "Evans", "Flores", "Garcia", "Gutierrez", "Hernandez", "Hughes", "Ibrahim", "Jackson", "Kim",
    "Lee", "Lopez", "Martinez", "Mendoza", "Morales", "Nguyen", "Ortiz", "Park", "Patel", "Ramirez",
    "Reyes", "Robinson", "Santos", "Silva", "Singh", "Tanaka", "Torres", "Tran", "Vargas", "Xiong",
    "Yang",
)  # fmt: skip
STREETS = (
    "Main Street", "Oak Avenue", "Mission Street", "First Street", "Center Avenue", "Broadway",
    "Valley Boulevard", "Park Avenue", "Sierra Way", "Cesar Chavez Avenue", "Mill Road", "Elm Street",
)  # fmt: skip
MIDDLES = (
    "", "", "", "Valley", "Eastside", "Westside", "Oak Street", "Mission", "Central", "Sunrise",
    "Riverbend", "Hillside", "Parkview", "Orchard", "Sierra", "Plaza", "Northgate", "Southgate",
    "Harvest", "Canyon", "Cedar", "Golden Oak", "Mariposa", "Lakeside",
)  # fmt: skip
KINDS: dict[str, tuple[str, ...]] = {
    "small_independent": (
        "Family Medicine", "Medical Group", "Internal Medicine", "Primary Care Associates",
        "Family Practice", "Medical Clinic",
    ),
    "fqhc": (
        "Community Health Center", "Neighborhood Clinic", "Family Health Center",
        "Community Clinic", "Health Centers",
    ),
    "large_system": ("County Health Clinics", "District Medical Group", "Regional Health System"),
    "tribal_program": ("Tribal Health Program", "Tribal Health Clinic"),
}  # fmt: skip
KIND_OF_POPULATION = {"children_youth": "Pediatrics", "pregnant": "Women's Health"}
SITE_NAMES = ("Main site", "East site", "South site", "School-based site")
EHRS = ("OpenChart", "CarePath EHR", "ClinicNote", "HealthRecord One", "MedLedger")
JOBS = ("Medical director", "Chief executive officer", "Owner", "Clinic administrator")
GROUPS = {
    "children_youth": "children and teens",
    "pregnant": "pregnant patients",
    "adults_preventive": "adults who are due for screening",
    "adults_chronic": "adults with diabetes or high blood pressure",
    "behavioral_health": "patients with depression or substance use",
}
HELPERS = (
    "a nurse", "the front desk lead", "a medical assistant", "the quality manager",
    "a community health worker", "the clinic manager", "our data analyst", "a panel manager",
)  # fmt: skip
MONTHS = ("January", "March", "April", "June", "September", "October", "December")

LEAD_IN = "Synthetic text:"
SENTENCES: dict[str, tuple[str, ...]] = {
    "baseline": (
        "Today {pct} percent of {group} in {city} have a care team assigned to them.",
        "The list of each clinician was last checked in {month}, by hand, from a spreadsheet.",
        "The third next available visit is {count} days away at our busiest site.",
        "We answer {pct} percent of calls within two minutes and lose {few} percent of callers.",
        "Reports come from the health record once a month and take {who} most of a day.",
        "We get admission notices from two hospitals, but not from the third one in our county.",
        "About {few} percent of records lack race, ethnicity or preferred language.",
        "Care gaps are listed on paper before each visit, and many lists get lost.",
        "Our team is {few} clinicians, {few} medical assistants and one nurse for each shift.",
    ),
    "plan": (
        "In {month} {who} starts to check every list against the plan's own list of members.",
        "By {month} each of {group} has a named team, and the health record shows it.",
        "We train the whole team in two half days and repeat it for new staff.",
        "First we mend the data, then we build the list, and only then we begin to call people.",
        "{who_cap} calls {count} people a week who have not been seen for a year.",
        "From {month} we keep {pct} percent of visits open for the same or the next day.",
        "We agree on one way to record race, ethnicity and language at the front desk.",
        "A short meeting each morning looks at who comes today and what is due.",
        "The plan sends us its care gap file, and {who} loads it every second week.",
        "After {few} months we look at what worked and drop what did not.",
    ),
    "measures": (
        "We go from {pct} to {more} percent by {month} of the second year.",
        "The owner of this measure is {who}, who reports it to the whole team each month.",
        "Results are shown by race, ethnicity and language, with counts that are large enough.",
        "We stop and think again if the number does not move for {few} months.",
        "The baseline is the last full year; the source is our own health record.",
        "A second measure makes sure that waiting times do not grow meanwhile.",
        "Each site sees its own number, and the best site explains how it does it.",
        "We count {group} once, at the site where they were seen last.",
    ),
    "why": (
        "{count} of our patients belong to this group, most of them in and around {city}.",
        "They are the largest group among our new members, and the one we lose most often.",
        "Only {pct} percent of them had all the visits that they need last year.",
    ),
    "disparity": (
        "In our own numbers {pct} percent of one group and {more} percent of the other are up to date.",
        "The difference has stayed the same for {few} years and is largest among new members.",
        "The measure is the share of {group} with every service done in time.",
    ),
    "leadership": (
        "Our sponsor gives {few} hours a week, and {who} has a full day for this work.",
        "Staff chose this work in a meeting in {month}, and they review it every quarter.",
        "Leaders sit in the weekly meeting and remove what stands in the way.",
    ),
    "capacity": (
        "We finished a project on flu shots before and kept its results for two years.",
        "Our health record can make lists, and {who} knows how to build them.",
        "We have {few} medical assistants who were trained to call and to teach patients.",
    ),
    "vbp": (
        "We take part in our plan's quality program and want to learn to carry more risk.",
        "Last year {pct} percent of our quality payments were earned.",
        "By {month} we agree with our plan on one contract that rewards results.",
    ),
    "sustainability": (
        "The costs of the new role are in our budget from the third year on.",
        "A food bank and two schools in {city} have agreed to work with us.",
        "When staff leave, written steps make sure that the work goes on.",
    ),
    "funds": (
        "Most of the money pays for {who}, the rest for training and better reports.",
        "We set aside {few} percent for time that clinicians spend away from visits.",
        "A small part pays for text messages and for letters in the languages of {city}.",
    ),
    "general": (
        "Patients of {city} sit on our advisory group and read this plan before it was sent.",
        "We know which {few} steps failed last time, and why.",
        "Our plan helps with data and with a coach who visits each month.",
        "Each quarter {who} tells the whole team what has changed.",
        "We start at one site and move to the others when it works there.",
        "{who_cap} keeps one list of open questions and closes {few} of them a month.",
        "New staff learn this in their first week, with a short guide.",
        "What we learn we share with two other practices near {city}.",
        "Where patients prefer another language, we call them in that language.",
    ),
    "comment": (
        "The steps are in order and each has an owner.",
        "The baseline is honest and comes from the practice's own data.",
        "Dates are missing for some of the steps.",
        "The measure is named, but the target is not.",
        "The numbers of two answers do not agree with each other.",
        "The plan fits the gaps that the PhmCAT showed.",
        "It is not clear who does this when the lead is away.",
        "Good use of the plan's lists and of outreach staff.",
    ),
    "recommend": (
        "The plan is ready to begin and serves members who need it.",
        "Strong team, clear steps, and measures that we can follow.",
        "The practice knows its gaps and has the staff to close them.",
    ),
    "do_not_recommend": (
        "The plan has no baseline numbers, so progress could not be seen.",
        "Staff time for this work is not set aside, and the steps have no dates.",
        "The answers do not yet show how the required areas would be done.",
    ),
    "return": (
        "Check the number of members: it differs from our own list.",
        "The site in the second row has the ZIP code of another city.",
    ),
    "withdraw": ("We do not have the staff for this work this year.",),
}
# Words in the general bank follow every other bank when a text is to be longer.
FALLBACK = "general"
