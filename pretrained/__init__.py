"""Other people's trained models for the site: fetched, checked, written where a build finds them.

`python -m pretrained`, or `make models`, needs a network once; the site builds without it.
"""
