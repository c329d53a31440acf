"""Who may enter what: the endpoints that are public by name, and the surfaces with the actors they let in."""

PUBLIC = {
    "public.verification.show",
    "public.system.healthz",
    "public.system.readyz",
    "public.system.metrics",
    "account.sign_in.show",
    "account.sign_out.show",
    "account.sign_out.leave",
    "account.activation.show",
}
GUARDED = {
    "own": {"learner", "head", "author", "admin"},
    "learn": {"learner", "head", "author", "admin"},
    "team": {"head"},
    "studio": {"author"},
    "admin": {"admin"},
}
ACTORS = ("anonymous", "learner", "other learner", "head", "other head", "author", "admin", "disabled", "signed out")
"""Nine actors of the rights matrix."""
