"""The live pipeline. Today: rehearsed on history (`rehearse`)."""
