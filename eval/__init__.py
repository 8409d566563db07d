"""Are the answers, the citations and the refusals right? Measured on any folder, without a language model as judge.

question file ─ questions ─┐
baselines (ours and others) ─ run: ask, compare quotes ─ metrics ─ report ─┬─ report.json, the gate
                                                                          └─ html (plots) ─ report.html
cli puts it together; authoring adds questions; bench measures time and memory.
"""
