"""What the county office returns most, saved so that one tap fills the reason.

A county that never saved one has the usual ones; its first change writes them down as its own.
"""

from feedback.models import ReviewPhrase
from outreach.models import User

# Chinese, as the reason itself is.
USUAL = (
    "请补充写明解决问题的办理结果。",
    "了解到的情况过于笼统，请写具体事例。",
    "请核对座谈对象和人数。",
    "意见建议请写明涉及的部门和地点。",
)


def phrases_for(user: User) -> list[ReviewPhrase]:
    """The phrases of the reader's county."""
    own = list(ReviewPhrase.objects.visible_to(user))
    return own or [ReviewPhrase(county_id=user.county_id, text=text) for text in USUAL]
