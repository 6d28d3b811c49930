"""The cellar: database, identifiers, clocks, money, states, events, jobs, audit, encryption, access, errors.

Nothing in here knows a word of the field; every other room stands on it.
"""
