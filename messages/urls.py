from django.urls import path

from messages.pages import line, outbox, receipts

urlpatterns = [
    path("line/webhook/", line.webhook, name="line-webhook"),
    path("sms/receipts/", receipts.report, name="sms-receipts"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<uuid:token>/", outbox.message, name="message"),
    path("outbox/<uuid:token>/disclosure/", outbox.disclosure, name="message-disclosure"),
    path("outbox/<uuid:token>/resending/", outbox.resending, name="message-resending"),
]
