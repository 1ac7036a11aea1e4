"""Whether the process lives, and whether it can serve."""

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """Alive. Asks nobody else: a database outage must not restart every web process."""
    return JsonResponse({"live": True})


def _broker_answers() -> bool:
    url = settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://", 1)
    client = redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: database there and migrated. A missing broker only degrades, jobs wait for it."""
    try:
        executor = MigrationExecutor(connection)
        pending = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return JsonResponse({"ready": False, "database": False}, status=503)
    answer = {"ready": not pending, "database": True, "broker": _broker_answers()}
    return JsonResponse(answer, status=503 if pending else 200)
