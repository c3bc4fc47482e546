"""An alert is a question with a memory: rules, findings, cases."""
