"""Reading what people answer to a task in a work chat: a sign-for, a report, a question, or nothing of the kind.

Nothing is guessed: what is not plainly one of these is unclear, and a person reads it.
"""

from lantian.dispatch.reply.numbers import Numbered, numbers_in
from lantian.dispatch.reply.reading import Label, Reading, read
from lantian.dispatch.reply.stead import Stead
from lantian.dispatch.reply.words import Words, words

__all__ = ["Label", "Numbered", "Reading", "Stead", "Words", "numbers_in", "read", "words"]
