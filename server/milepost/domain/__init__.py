"""The rules of a mission, pure: standard library and pydantic only, no clock, no chance, no effects.

mission: one goal, from words to sealed result. brief: the goal with every requirement and answer.
contract: the assertions agreed before work starts. assertion: one behaviour that can be shown true or false.
surface: where an assertion is observed. milestone: features validated together; sealed once it passes.
feature: work for one worker, owning assertions. seat: a place at the table: prompt, skills, tools, model, limits.
attempt: one sitting of one seat at one piece of work. turn: one model call and its tool calls.
step: one thing the runner does next. handoff: what an attempt leaves behind.
finding: something held against the work, at a file and line. item: anything open that blocks until resolved.
validator: a seat that judges and never edits. verdict: passed, failed, blocked, waived or stale, for one assertion.
receipt: what the engine itself saw. evidence: a receipt, screen, request or file, kept by its hash.
guidance: a standing order every later attempt reads. proposal: an offer to change contract, plan or interface.
budget: limits on money, tokens, turns and time.
"""
