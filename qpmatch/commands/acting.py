"""What the four verbs and ``confirm`` share: a plan, made or read, that is carried out or staged."""
