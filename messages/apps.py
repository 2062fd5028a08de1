from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "messages"
    label = "citymessages"  # django.contrib.messages owns the label "messages"
