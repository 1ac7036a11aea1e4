"""The headers without which no page and no download leaves."""

# Their address names their content: the reader's own browser keeps them.
KEPT = {"visit_photo_file"}
# Nothing of anybody stands in their answers.
OF_NOBODY = ("language", "theme", "logout", "healthz", "readyz")


def unsafe(response):
    """What is missing among the response's safety headers."""
    policy = response.get("Content-Security-Policy", "")
    wanted = {
        "a policy": "default-src 'self'" in policy,
        "no inline code": "unsafe" not in policy,
        "no frames": "frame-ancestors 'none'" in policy
        and response.get("X-Frame-Options") == "DENY",
        "no plug-ins": "object-src 'none'" in policy,
        "no foreign base": "base-uri 'self'" in policy and "form-action 'self'" in policy,
        "no sniffing": response.get("X-Content-Type-Options") == "nosniff",
        "a referrer policy": response.get("Referrer-Policy") in ("same-origin", "no-referrer"),
        "an opener policy": response.get("Cross-Origin-Opener-Policy") == "same-origin",
        "a number": bool(response.get("X-Request-ID")),
    }
    return [name for name, there in wanted.items() if not there]


def lacking(response, name, *, is_person):
    """The same, and for who is signed in that no cache keeps the answer."""
    found = unsafe(response)
    kept = response.get("Cache-Control", "")
    if name in KEPT and response.status_code == 200:
        if "private" not in kept or "Cookie" not in response["Vary"]:
            found.append("cache of the reader alone")
    elif is_person and not name.endswith(OF_NOBODY) and "no-store" not in kept:
        found.append("word that nothing is kept")
    return found
