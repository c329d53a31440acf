"""Who may enter what: the endpoints that are public by name, and the surfaces with the actors they let in."""

PUBLIC = {
    "public.verification.show",
    "public.logo.show",
    "public.privacy.show",
    "public.system.healthz",
    "public.system.readyz",
    "public.system.metrics",
    "account.sign_in.show",
    "account.sign_out.show",
    "account.sign_out.leave",
    "account.activation.show",
}
GUARDED = {
    "own": {"learner", "head", "author", "admin", "mentor"},
    "learn": {"learner", "head", "author", "admin", "mentor"},
    "team": {"head"},
    "studio": {"author"},
    "marking": {"head", "author", "mentor"},
    "admin": {"admin"},
}
ACTORS = ("anonymous", "learner", "other learner", "head", "other head", "author", "admin", "mentor", "disabled", "signed out")
"""Ten actors of the rights matrix."""
