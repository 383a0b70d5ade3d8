"""What is said in every shop: greetings, thanks, reasons, praise and blame."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

GREETINGS: Sequence[str] = (
    "Hi, {expert} here. I have had mine since {year} and know this one.",
    "Hello! I'm {expert}, a fellow owner since {year}.",
    "Hi! {expert}, not from the firm, just somebody who uses the same thing every day.",
    "Hello, this is {expert}.",
    "Hey,",
    "Good question.",
    "",
    "",
)
FAREWELLS: Sequence[str] = (
    "Tell me how it went!",
    "Good luck, and write back if it doesn't help.",
    "Let me know, please, I'm curious.",
    "I stay on this until it works.",
    "",
    "",
    "",
)
QUESTIONS: Sequence[tuple[str, str]] = (
    (
        "Before I guess: what have you tried so far, and did anything change it at all?",
        "Off and on again, and cleaned what I could reach. No change.",
    ),
    (
        "Since when, exactly? And was there anything new on that day, a part, an update, a move?",
        "Since the weekend. Nothing new that I could think of.",
    ),
    (
        "Does it happen each time, or only now and then? Please try it three times in a row.",
        "Tried it three times: twice yes, once no.",
    ),
    (
        "Could you describe what you see and hear in the order in which it happens?",
        "First it's normal, then after maybe ten seconds it begins. No noise, no light.",
    ),
)
"""What is asked where a thread has no question of its own, and what the customer says to it."""
THANKS: Sequence[str] = (
    "That worked, thank you so much!",
    "Solved. Thanks a lot for the quick help.",
    "Works again, you're great.",
    "perfect thx",
    "I would not have found that in a hundred years. Thanks.",
    "Done, and it's fine now. Have a nice evening!",
    "Brilliant, thank you. It's good to talk to somebody who has one too.",
    "ok did that, works",
    "Thank you! My husband says I should have asked two weeks ago.",
    "Tried it twice to be sure: it's gone. Thanks!",
)
COME_BACK: Sequence[str] = (
    "Sorry, I was too quick: it's back again since this morning.",
    "It was fine for a day and now the same thing happens again :(",
    "Hello again. I confirmed it, but today it's as bad as before.",
    "One day it worked. Then the same as in the beginning. What now?",
)
SECOND_TRY: Sequence[str] = (
    (
        "Sorry that it's back. Then let's do it once more from the start and slower: do each step"
        " of my list and wait ten minutes between the second and the third; most people (me, too,"
        " the first time) skip that one. If it's not gone by then it's a part and not a setting."
    ),
    (
        "Too bad! It mostly comes back when the last step was cut short. Please repeat it, all the"
        " way to the end, and switch off at the wall for a minute afterwards."
    ),
    (
        "Thank you for telling me. It worked for a day, so we're on the right track. Do the"
        " same again and this time clean the contact surfaces with a dry cloth before you close it."
    ),
)
HAND_BACKS: Sequence[str] = (
    (
        "Asked the first questions, the answers are above. I don't have this model and would be"
        " guessing from here on."
    ),
    "The usual cause is ruled out (see thread). Somebody with more experience on this one, please.",
    "I'm out of ideas: settings are right, cleaned, still the same. Not user error.",
)
ESCALATIONS: Sequence[str] = (
    "Needs a part that only the brand can send.",
    "This looks like a warranty case to me, not something that can be solved by writing.",
    "The customer wants a decision about a replacement, which is not mine to make.",
)
NOTES: Sequence[str] = (
    "Seen by the workshop: approved as goodwill.",
    "Known with this series. Part is on stock.",
    "Called the customer, friendly, wants it by the weekend.",
    "Checked the registration: within warranty.",
)
STAFF_ANSWERS: Sequence[str] = (
    (
        "Thank you both for the good preparation, that saves us a lot of time. The part is on the"
        " way to you, free of charge, and should be there in two or three days. Instructions are"
        " in the box."
    ),
    (
        "I've read the thread, you did everything right. It's a case for our workshop: a label is"
        " in your mail, we turn it around within a week, and shipping is on us."
    ),
    (
        "Taking over from here. We replace it under warranty; the new one leaves tomorrow, you have"
        " two weeks to send the old one back in the same box."
    ),
)
COMMENTS: Mapping[int, Sequence[str]] = MappingProxyType(
    {
        5: (
            "Fast, friendly, and it worked at once.",
            "Somebody who really owns the thing. You notice the difference.",
            "Best support I've had anywhere.",
            "Didn't make me feel stupid. Thank you.",
            "Answered in the evening within minutes!",
            "explained so that even i get it",
            "10/10 would break it again",
            "Patient and exact. Please give this person a raise.",
            "Solved in two messages.",
        ),
        4: (
            "Good answer, took a little while.",
            "Helped, the steps could have been a bit shorter.",
            "Very friendly. One detail was different on my model.",
            "Works. It should be in the manual, though.",
        ),
        3: (
            "OK in the end, but I had to explain everything twice.",
            "Solved, I think. Let's see for how long.",
            "Friendly but slow.",
        ),
        2: (
            "First answer was from a template I think.",
            "Half an answer, the rest I found by myself.",
        ),
        1: (
            "Did not help, and I waited for a day.",
            "It's still broken. I want my money back.",
        ),
    }
)
HOLD_REASON = "The bank account's name differs from the registration; we have asked the expert."
