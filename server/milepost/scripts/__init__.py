"""Compiled user tests, pure: what a tester did and saw becomes a script that shows the same without a model.

script: the calls of one flow in order, each with what must be seen again. move: one of these calls.
promise: an assertion that a script shows. capture: a value that each run sees anew and later moves use.
observation: what one move came to in one run. draft: a script before anybody has played it.
"""
