from django.urls import path

from singlesignon.api import discovery
from singlesignon.pages import anomalies, authorize, devices, log, logout, mine, register, saml

urlpatterns = [
    path(".well-known/openid-configuration", discovery.configuration, name="openid-configuration"),
    path(".well-known/oauth-authorization-server", discovery.configuration, name="openid-metadata"),
    path("openid/authorize/", authorize.authorize, name="openid-authorize"),
    path("openid/resume/<str:token>/", authorize.resume, name="openid-resume"),
    path("openid/consent/<str:token>/", authorize.consent, name="openid-consent"),
    path("openid/logout/", logout.logout, name="openid-logout"),
    path("saml/metadata/", saml.own_metadata, name="saml-metadata"),
    path("saml/sso/", saml.sso, name="saml-sso"),
    path("saml/answer/<str:token>/", saml.answer, name="saml-answer"),
    path("saml/slo/", saml.slo, name="saml-slo"),
    path("device/", devices.device, name="openid-device-page"),
    path("account/systems/", mine.systems, name="my-systems"),
    path("account/systems/<int:pk>/withdrawal/", mine.withdrawal, name="my-system-withdrawal"),
    path("relying-systems/", register.systems, name="relying-systems"),
    path("relying-systems/new/", register.system_new, name="relying-system-new"),
    path("relying-systems/<int:pk>/", register.system, name="relying-system"),
    path("relying-systems/<int:pk>/change/", register.system_change, name="relying-system-change"),
    path("relying-systems/<int:pk>/verb/<str:verb>/", register.verb, name="relying-system-verb"),
    path("relying-systems/<int:pk>/<str:environment>/", register.client_change, name="relying-system-client"),
    path("relying-systems/<int:pk>/<str:environment>/secret/", register.secret, name="relying-system-secret"),
    path("anomalies/", anomalies.anomalies, name="anomalies"),
    path("anomalies/<int:pk>/", anomalies.anomaly, name="anomaly"),
    path("authentications/", log.authentications, name="authentications"),
]
