"""What each step of the story does, by the services of the application."""

from outreach.management.demo.verbs import evaluation, matters, opinions, programme, visits
from outreach.management.demo.verbs.dispatch import do

__all__ = ["do", "evaluation", "matters", "opinions", "programme", "visits"]
