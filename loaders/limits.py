"""Limits on what is taken from outside: strangers write it, and a valid answer can be monstrous.

Each limit lies far beyond what the Hub sends, and bounds what an answer costs in memory and time.
"""

# A page of the Hub has some 2 MB. Larger ones are taken, and one that is larger than this would
# cost more memory than a machine for this work has.
MAX_PAGE_BYTES = 100_000_000
# Ten times what a page is asked for; a page of millions of empty records would fill the memory.
MAX_PAGE_RECORDS = 10_000
# A record without its files, config and card is about 1 kB; one chat template may be 100 kB.
MAX_RECORD_BYTES = 5_000_000
# Characters of a name; the Hub allows 96 and 96 in that of a repository.
MAX_NAME_LENGTH = 1_000
# Every count of the Hub is far below. The sum of 9,000 such counts still fits 64 bits.
MAX_COUNT = 10**15
# Number formats in one model's parameters; a few are in use.
MAX_NUMBER_FORMATS = 1_000
# Twice what the most multilingual dataset that is known declares (DCAD-2000, 2,282 languages), and
# of the length of a tag, twice what the longest names of two repositories make: base_model:…:ID.
MAX_TAGS = 5_000
MAX_TAG_LENGTH = 500
