"""The hub: what an issuer runs, where submissions wait for their assessors and packets come back (DESIGN §8).

Nothing is imported here: the command line looks at this room without loading a web framework.
"""
