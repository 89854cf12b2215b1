"""Rules that tell from the weights alone, while a network is trained, that something is wrong.

`diagnosis.py` folds measurements one by one into a bounded past of each matrix (`past.py`) and asks every rule about
it. A rule is a pure function of that past and of the limits; the rules live in one file per family. Neither loss nor
accuracy is ever looked at, so that either can be used to prove the rules.
"""
