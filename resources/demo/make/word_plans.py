# ruff: noqa: E501 (prose, one paragraph a line)
"""The Word documents of the sample submissions."""

from __future__ import annotations

from documents import Block, Grid, Heading, NewPage, Picture, Words
from figures import Bar


def _numbered(*steps: str) -> list[Block]:
    return [Words(step, "List Number") for step in steps]


def _bullets(*points: str) -> list[Block]:
    return [Words(point, "List Bullet") for point in points]


LESSON_PLAN: tuple[Block, ...] = (
    Heading("A fraction of a set: 3/4 of 24", 0),
    Words(
        "Grade 5 mathematics, 45 minutes, 20 students at five tables. Third lesson of seven on fractions as operators."
    ),
    Heading("Learning goal"),
    Words(
        "Students find a fraction of a whole number with a bar model and say what the numerator and the denominator each tell them."
    ),
    *_bullets(
        "I can cut a bar into as many equal parts as the denominator says.",
        "I can find one part and then as many parts as the numerator says.",
        "I can say what each number tells me, in a sentence with “because”.",
    ),
    Heading("What students can do already"),
    Words(
        "In lesson 2, 17 of 20 found unit fractions of a set (1/3 of 12, 1/4 of 20). Three shared into the right number of parts "
        "but the parts were not equal. Nobody has yet been asked for more than one part."
    ),
    Heading("Lesson at a glance"),
    Grid(
        (
            ("Minute", "What happens", "How I will know"),
            (
                "0–8",
                "Warm-up at the number line: fourths from 0 to 2, forwards and back.",
                "Choral answers; listen for 4/4 = 1.",
            ),
            (
                "8–12",
                "Check 1. “What is 1/4 of 24?” on mini whiteboards.",
                "All boards up. See the table below.",
            ),
            (
                "12–17",
                "Check 2. “What is 3/4 of 24?” on mini whiteboards, nobody speaks first.",
                "All boards up; tally on the board.",
            ),
            (
                "17–32",
                "Three groups by answer, one task card each. I start at the blue table, then go to the yellow table.",
                "Bars redrawn; students explain the 4.",
            ),
            (
                "32–38",
                "Two bars side by side on the board: what does the 4 tell us, and what the 3?",
                "Choral answer, then three cold calls.",
            ),
            ("38–45", "Exit ticket: 2/3 of 18.", "Sorted tonight by the thinking shown."),
        ),
        (2.0, 9.0, 5.6),
    ),
    NewPage(),
    Heading("Check 1, minute 8"),
    Words(
        "Goal: one equal part of a set. Ask, with these words: “What is 1/4 of 24? Draw it on your board and write the number.”"
    ),
    Grid(
        (
            ("Expected answer", "What it may show", "What happens next"),
            ("6", "Shares 24 into four equal parts.", "Go on to check 2."),
            (
                "20",
                "Takes 4 away: reads the fraction as a subtraction.",
                "Share 24 counters into four cups with me before check 2.",
            ),
            (
                "4",
                "Takes the denominator for the answer.",
                "Partner asks “four what?”; draw the bar before check 2.",
            ),
        ),
        (3.2, 6.6, 6.8),
    ),
    Heading("Check 2, minute 12"),
    Words(
        "Goal: several equal parts of a set. Ask, with these words: “Three quarters of twenty-four. Write your own answer on your board. "
        "Nobody says it aloud.” Boards up on a count of three. I read every board, front and back, and tally before anyone is called on."
    ),
    Grid(
        (
            ("Expected answer", "What it may show", "What happens next"),
            ("18", "Finds one part and takes three.", "Green card: write a story that fits; then 5/4 of 24."),
            (
                "6",
                "Finds one part and stops: the 3 has no work to do yet.",
                "Yellow card: “Where is your 6 in the bar? What about the other boxes?”",
            ),
            (
                "8",
                "Misconception: reads the 3 as the number of parts.",
                "Blue card: “Which number tells how many equal parts?” Draw the bar again.",
            ),
            ("another", "To be asked.", "Carpet with me for two minutes, then the nearest card."),
        ),
        (3.2, 6.6, 6.8),
    ),
    Heading("Anticipated pictures", 2),
    Picture(
        Bar(4, 3, "6", written=1),
        "The bar for 3/4 of 24: four equal parts of 6, three of them shaded.",
        "A bar cut into four equal parts, each labelled 6; the first three are shaded.",
    ),
    Picture(
        Bar(3, 3, "8", written=1, tint="#f0d9b0"),
        "The bar behind the answer 8: the 3 was read as the number of parts.",
        "A bar cut into three equal parts, each labelled 8; all three are shaded.",
    ),
    NewPage(),
    Heading("Steps for the group time"),
    *_numbered(
        "Name what the boards show: “I see three ways of thinking.” Do not say which one is right.",
        "Blue table (answers of 8): students tell me about their bar. I ask which number tells how many equal parts. They draw it again.",
        "Yellow table (answers of 6): students show where the 6 is. I ask what they will do with the other boxes.",
        "Green tables (answers of 18): one story problem each, swapped and solved; then 5/4 of 24, with the question why it is more than 24.",
        "Write one question, never the answer, on a page where the bar does not fit the fraction. Students revise below it.",
    ),
    Heading("Feedback I plan to give"),
    Words("I will point at one step of the bar and ask. I will not write the number 18 on anybody's page."),
    Grid(
        (
            ("If I see", "I ask"),
            ("Three parts for 3/4", "Which number tells how many equal parts?"),
            ("One part shaded, answer 6", "What will you do with the others?"),
            ("Parts of different width", "Do your four parts look equal?"),
            ("Right bar, no sentence", "What would you tell somebody who drew three parts?"),
        ),
        (6.6, 10.0),
    ),
    Heading("Materials"),
    *_bullets(
        "20 mini whiteboards with pens",
        "Task cards: 4 blue, 4 yellow, 12 green",
        "24 counters and four cups for each table",
        "Exit tickets on squared or lined paper, as each student likes",
    ),
    Heading("Access"),
    *_bullets(
        "The question stays on the board and is read twice; a strip with an empty bar lies on each table.",
        "Four students use the sentence frame “The ___ tells me ___ because ___”.",
        "Cards differ in colour and carry a shape as well: circle, square, triangle.",
    ),
    NewPage(),
    Heading("Exit ticket, minute 38"),
    Words("“Find 2/3 of 18. Draw the bar, and say what each number tells you.”"),
    Grid(
        (
            ("Expected answer", "What it may show", "Tomorrow"),
            ("12, bar in three parts", "Transfers to a new denominator.", "Mixed numbers as operators."),
            (
                "9, bar in two parts",
                "The numerator still makes the parts.",
                "Small group: one bar, three fractions (1/3, 2/3, 3/3).",
            ),
            ("6, one part shaded", "Stops at the unit fraction.", "Pair task: count on in parts, aloud."),
            (
                "right number, unequal parts",
                "Counts parts, not their size.",
                "Fold paper strips before drawing.",
            ),
        ),
        (4.2, 6.2, 6.2),
    ),
    Heading("If time runs short"),
    Words("Drop the swap of stories at the green tables. Keep check 2 and the exit ticket."),
)

REFLECTION: tuple[Block, ...] = (
    Heading("Reflection on the 3/4 of 24 lesson", 0),
    Heading("What the boards told me"),
    Words(
        "At 0:35 I counted 12 boards with 18, four with 6 and four with 8. I had expected two or three eights, not four. Because the four "
        "eights came from four different tables, I would not have met them by asking for hands. So I kept the plan for three groups but began at the blue "
        "table and stayed there longer than planned (1:14 to 1:47)."
    ),
    Heading("What I changed"),
    Words(
        "The plan had a swap of stories at the green tables. I dropped it and used the minutes to put the two bars side by side (2:11), because "
        "both the blue and the yellow group had trouble with the same thing: which number makes the parts."
    ),
    Heading("What the six pieces of work show"),
    Grid(
        (
            ("Pieces", "A feature I can point to", "What it suggests", "Next step"),
            (
                "A and B (above the goal)",
                "Both write what each number says; A adds 5/4 of 24 = 30 “because 5/4 is more than 1”.",
                "The denominator makes the part, the numerator counts it, beyond one whole too.",
                "Mixed numbers as operators: 1 1/4 of 24.",
            ),
            (
                "C and D (at the goal)",
                "C rubbed out a bar of three 8s and drew four 6s; D crossed out 6 and wrote 18. Both bars for 2/3 of 18 are right the first time.",
                "The error was in reading the fraction, and the question was enough to change it.",
                "Pair task tomorrow: explain a wrong bar that is not their own.",
            ),
            (
                "E and F (not yet)",
                "E has the right count of parts, but their widths differ on both bars; F drew 2/3 of 18 in two halves, “because of the 2”.",
                "E counts parts and does not look at their size. F reads the numerator as the number of parts when the fraction is new.",
                "E folds strips before drawing. F gets one bar and three fractions (1/3, 2/3, 3/3) with me.",
            ),
        ),
        (2.6, 5.4, 4.6, 4.2),
    ),
    Heading("What I would do again, and what not"),
    Words(
        "I would ask for the boards again before anybody speaks. I would not walk off before E's second bar: I asked whether the parts look equal, E drew "
        "again, and I did not come back to see that the new parts were not equal either. That needs a second look in the same lesson."
    ),
)

ADVISORY_PLAN: tuple[Block, ...] = (
    Heading("Advisory plan: two minutes with everyone", 0),
    Words("Draft. Grade 8 advisory, 22 students, 25 minutes on Mondays, Wednesdays and Fridays."),
    Heading("Why"),
    Words(
        "In the first three weeks I noticed that I talk with the same six students. I do not know much about the others."
    ),
    Heading("What I know so far"),
    Words(
        "Students filled in a sheet of favourite foods, music and colours in the first week. I have kept the sheets in a folder."
    ),
    Grid(
        (
            ("Student", "Favourite music", "Favourite food"),
            ("1", "Drums, “anything loud”", "Rice with beans"),
            ("2", "None written", "Pizza"),
            ("3", "What my sister plays", "Mango"),
            ("4", "None written", "None written"),
            ("5 to 22", "On the sheets", "On the sheets"),
        ),
        (3.0, 7.0, 6.6),
    ),
    Heading("Plan for three weeks"),
    Grid(
        (
            ("Week", "Monday", "Wednesday", "Friday"),
            (
                "1",
                "Greeting at the door for all",
                "Two-minute talk with students 1 and 2",
                "Two-minute talk with students 3 and 4",
            ),
            ("2", "Greeting at the door for all", "Two-minute talk with students 5 and 6", "Game in the gym"),
            ("3", "Greeting at the door for all", "Talks with whoever is left", "Thank-you notes"),
        ),
        (2.0, 4.8, 5.0, 4.8),
    ),
    NewPage(),
    Heading("How a two-minute talk goes"),
    *_numbered(
        "Ask how the week is going.",
        "Ask what they did at the weekend.",
        "Ask what they like at school.",
        "Say that my door is always open.",
    ),
    Heading("A goal for each student"),
    Words("Every student tries their best in advisory, and I tell them that I believe in them."),
    Picture(
        Bar(11, 3, "", written=0, tint="#cfe3d3"),
        "Talks planned so far: six of 22 students by the end of week 2 (each part is two students).",
        "A bar of eleven parts, three of them shaded.",
    ),
    Heading("How I will know"),
    *_bullets(
        "Students smile more.",
        "Fewer students ask to go to the nurse on Mondays.",
        "At the end I ask two students how it went.",
    ),
    Heading("Questions for my coach"),
    *_bullets(
        "Is greeting at the door enough on Mondays, or should it be planned by student?",
        "How do I find out who is reached least without asking them to their face?",
        "What would count as a high expectation in advisory, where there is no grade?",
    ),
)
