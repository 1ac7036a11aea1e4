"""The sign-ins of the demonstration county. They exist only where `seed_demo` made them."""

PASSWORD = "mianduimian-2026"

# (role, user name, password): one per role.
SIGN_INS: list[tuple[str, str, str]] = [
    ("cadre", "ganbu", PASSWORD),
    ("coordinator", "lianluo", PASSWORD),
    ("county", "xianban", PASSWORD),
    ("admin", "admin", PASSWORD),
]

# A second person of each role except the administrator, cadre and coordinator in another unit.
OTHER_SIGN_INS: list[tuple[str, str, str]] = [
    ("cadre", "ganbu2", PASSWORD),
    ("coordinator", "lianluo2", PASSWORD),
    ("county", "xianban2", PASSWORD),
]
