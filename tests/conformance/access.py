"""Who may enter what: the endpoints that are public by name, and the surfaces with the actors they let in."""

PUBLIC = {
    "public.verification.show",
    "public.languages.choose",
    "public.languages.keep",
    "public.logo.show",
    "public.privacy.show",
    "public.system.healthz",
    "public.system.readyz",
    "public.system.metrics",
    "account.sign_in.show",
    "account.sign_out.show",
    "account.sign_out.leave",
    "account.activation.show",
    "account.second_factor.show",
    "account.recovery.show",
    "account.recovery.renew",
    "account.oidc.start",
    "account.oidc.back",
    "account.oidc.finish",
}
GUARDED = {
    "own": {"learner", "head", "author", "admin", "mentor", "operator"},
    "learn": {"learner", "head", "author", "admin", "mentor", "operator"},
    "team": {"head"},
    "studio": {"author"},
    "marking": {"head", "author", "mentor"},
    "admin": {"admin"},
    "operator": {"admin", "operator"},
}
ACTORS = (
    "anonymous",
    "learner",
    "other learner",
    "head",
    "other head",
    "author",
    "admin",
    "mentor",
    "operator",
    "disabled",
    "signed out",
    "half signed in",
    "half signed in admin",
)
"""Thirteen actors of the rights matrix. The last two gave the password and owe the code of their second factor."""
