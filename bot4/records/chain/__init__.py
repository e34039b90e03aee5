"""The chain: every append to the records leaves a numbered, signed entry that holds the hash of the one before.

What is deleted, changed or swapped later is found with its entry's number (`verify`), what is cut off the end by the head kept beside
the store (`head`). It detects accidents and edits by whoever lacks the key, not by the key's owner, who can write a new chain.
Order: `key` signs -> `entry` links -> `rows` says what an entry stands for -> `write` appends -> `verify` reads everything again.
"""
