# ruff: noqa: E501 (prose, one paragraph a line)
"""The words of the two lesson recordings and of the conference. Nobody in them exists."""

from __future__ import annotations

from script import Beat, Line

#: Grade 5, 3/4 of 24: every board goes up, the class regroups by answer (submission 7F3A-21).
EVERY_BOARD = (
    Beat(4.0, "Synthetic sample: no real people"),
    Line("teacher", "Here is our question. Three quarters of twenty-four.", "question"),
    Line(
        "teacher",
        "Write your own answer on your board. Nobody says it aloud. Everyone commits before we hear one.",
        "commit",
    ),
    Beat(9.0, "Students draw and write on mini whiteboards", "writing"),
    Line("teacher", "Three, two, one. Boards up.", "boards_up", 1.4),
    Line("teacher", "Keep them high. I am reading every board, front and back.", "reading", 0.9),
    Line("teacher", "I see eighteen on twelve boards.", "tally_18", 0.9),
    Line("teacher", "Six on four boards.", "tally_6", 0.9),
    Line("teacher", "And eight on four boards.", "tally_8", 0.9),
    Line(
        "teacher",
        "Nobody tells yet which one is right. I see three ways of thinking, so we work in three groups.",
        "adjust",
    ),
    Line("teacher", "If you wrote eight, come to the blue table. If you wrote six, the yellow one.", "blue"),
    Line(
        "teacher",
        "If you wrote eighteen, take a green card. Write a story that fits, then try five quarters of twenty-four.",
    ),
    Beat(8.0, "Students move to tables by their answer", "regroup"),
    Line("teacher", "Tell me about your bar.", "feedback_1", 0.8),
    Line("first", "I shared it in three, because of the three. Twenty-four shared by three is eight."),
    Line(
        "teacher",
        "Your bar has three parts. Which number in three quarters says how many equal parts there are?",
        "points_to_step",
        1.8,
    ),
    Line("first", "The four. So it has to be four parts."),
    Line("teacher", "Show me."),
    Beat(8.0, "The student wipes the bar and draws four parts", "redraw"),
    Line("first", "Six in each part. Three of them is eighteen.", "eighteen_1"),
    Beat(2.2, "The teacher walks to the yellow table", "to_yellow"),
    Line("teacher", "You have six. Where is the six in your picture?", "feedback_2", 1.4),
    Line("second", "It is one box. Oh. That is only one quarter."),
    Line("teacher", "So what will you do with the other boxes?", after=1.2),
    Line("second", "Shade three of them. Six, twelve, eighteen.", "shades"),
    Beat(5.0, "The student shades two more boxes and changes 6 to 18", "shading"),
    Line("teacher", "Pens down, please. Look at the board again.", "compare"),
    Line("teacher", "What does the four tell us?", "four", 0.7),
    Line("class", "How many equal parts."),
    Line("teacher", "And the three?", "three", 0.7),
    Line("class", "How many parts we want."),
    Line(
        "teacher",
        "On the exit ticket, find two thirds of eighteen. Draw the bar, and say what each number tells you.",
        "exit_ticket",
    ),
    Beat(3.0, "Students take the exit ticket", "end"),
)

#: Grade 5, 2/5 of 30: three hands answer, then the class chooses between two answers it has heard (submission 91BB-02).
THREE_HANDS = (
    Beat(4.0, "Synthetic sample: no real people"),
    Line("teacher", "Two fifths of thirty. I would like you to think about this bar.", "question"),
    Beat(4.5, "The teacher draws a bar with five parts", "draws"),
    Line("teacher", "Who can tell me how many that is?", "who_can", 1.0),
    Beat(5.0, "Three hands go up, all at the front", "three_hands"),
    Line("teacher", "Yes, at the front.", "calls", 0.6),
    Line("first", "Twelve. Thirty shared by five is six, and two sixes make twelve.", "twelve"),
    Line("teacher", "Somebody else?", "else", 0.8),
    Line("second", "I had fifteen, because two fifths is nearly half.", "fifteen"),
    Line("teacher", "And your hand was up too?", after=0.6),
    Line("third", "Twelve as well.", "third_hand"),
    Line(
        "teacher",
        "I am writing both up. Twelve, and fifteen. They part at one point, what the five does to the bar.",
        "both",
    ),
    Line(
        "teacher",
        "If you go with twelve, stay and test fifteen with a strip of paper. If you go with fifteen, come to the window and share out "
        "thirty counters in five cups.",
        "choose",
    ),
    Beat(8.0, "Most students stay; some go to the tables by the window", "move"),
    Line("teacher", "You have five cups. How many counters are in each?", "feedback_1", 1.4),
    Line("second", "Six in every cup."),
    Line("teacher", "Which cups are two fifths?", "which_cups", 1.6),
    Line("second", "These two. That is twelve, not fifteen."),
    Beat(6.0, "The student crosses out 15 and writes 12", "changes_1"),
    Line("teacher", "You tested fifteen on the strip. What did the fold show?", "feedback_2", 1.2),
    Line("fourth", "Fifteen is two and a half parts. It does not stop at a fold."),
    Line("teacher", "Write that under your strip, with the number of each fold.", "write_it"),
    Beat(5.0, "The student labels the folds 6, 12, 18, 24, 30", "changes_2"),
    Line("teacher", "Back to the whole class. Does everybody follow?", "follow", 1.5),
    Line("class", "Yes."),
    Line("teacher", "Then finish the sheet, questions one to four.", "sheet"),
    Beat(4.5, "Students work on the sheet", "end"),
)

#: A conference between a teacher and one student about a science report (submission A93F-30).
CONFERENCE = (
    Line(
        "notice",
        "This is a synthetic sample. The voices are made by a program. No real people.",
        "notice",
        1.2,
    ),
    Line(
        "teacher",
        "Thanks for coming by. I have read your report on the bridge. How did it go for you?",
        "open",
        1.6,
    ),
    Line(
        "first",
        "It was okay. The building part was good. The writing part, I sort of lose my place.",
        after=1.2,
    ),
    Line("teacher", "You lose your place. Tell me what that is like.", "takes_up_1", 2.4),
    Line(
        "first",
        "I know what I want to say, and then somebody drops something, and it is gone. On the bus it is easier.",
        after=1.4,
    ),
    Line(
        "teacher",
        "Easier on the bus. I would not have guessed that. What is different there?",
        "takes_up_2",
        2.6,
    ),
    Line(
        "first",
        "Nobody talks to me for forty minutes. I talk it into my phone first. My brother says I sound like the news.",
        after=1.0,
    ),
    Line("teacher", "So the news voice comes first, and the writing comes after it.", "summary", 1.2),
    Line(
        "first",
        "No, the other way. I write three words, then I say it, then I write it all.",
        "corrects",
        1.4,
    ),
    Line(
        "teacher",
        "Three words, then say it, then write it all. I had that the wrong way round.",
        "restates",
        1.2,
    ),
    Line(
        "teacher",
        "Look at your second paragraph. You wrote that the beam bent because the load sat in the middle. That has a cause in it.",
        "reason",
        1.0,
    ),
    Line("first", "That one I did on the bus.", after=1.2),
    Line(
        "teacher",
        "Then here is what I would like. Paragraph one and paragraph three, each with a cause like that one.",
        "goal",
        1.4,
    ),
    Line("first", "Both? By when?", after=0.8),
    Line(
        "teacher",
        "By Thursday. You may use the small room at lunch on Tuesday and on Wednesday. It is quiet, and I will be next door.",
        "support",
        1.2,
    ),
    Line("first", "Can I use my phone to talk it in?", after=0.9),
    Line(
        "teacher",
        "Yes. On Thursday at lunch we read all three together. What will you do first?",
        "plan",
        2.2,
    ),
    Line("first", "Three words for paragraph one. On the bus today.", after=1.0),
    Line("teacher", "Good, that is a start you chose. See you Tuesday.", "close", 1.5),
)
