from django.urls import path

from identity.pages import account, again, api_keys, certificate, disclosures, one_time_link, people, sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/demo/", sign_in.sign_in_to_demo, name="sign-in-demo"),
    path("sign-in/again/", again.again, name="sign-in-again"),
    path("sign-in/certificate/", certificate.certificate_sign_in, name="certificate-sign-in"),
    path("sign-in/certificate/waiting/", certificate.certificate_waiting, name="certificate-waiting"),
    path("sign-in/certificate/account/", certificate.certificate_account, name="certificate-account"),
    path("sign-in/cards/", certificate.card_readers, name="card-readers"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("set-password/<int:pk>/<str:token>/", one_time_link.set_password, name="set-password"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="account-password"),
    path("account/certificate/", certificate.account_certificate, name="account-certificate"),
    path("account/certificate/removal/", certificate.account_certificate_removal, name="account-certificate-removal"),
    path("account/disclosures/", account.my_disclosures, name="account-disclosures"),
    path("disclosures/", disclosures.disclosures, name="disclosures"),
    path("disclosures.csv", disclosures.disclosures_csv, name="disclosures-csv"),
    path("people/", people.people, name="people"),
    path("people/new/", people.person_new, name="person-new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/link/", people.person_link, name="person-link"),
    path("people/<int:pk>/deactivation/", people.person_deactivation, name="person-deactivation"),
    path("people/<int:pk>/activation/", people.person_activation, name="person-activation"),
    path("api-keys/", api_keys.api_keys, name="api-keys"),
    path("api-keys/new/", api_keys.api_key_new, name="api-key-new"),
    path("api-keys/<int:pk>/", api_keys.api_key, name="api-key"),
    path("api-keys/<int:pk>/change/", api_keys.api_key_change, name="api-key-change"),
    path("api-keys/<int:pk>/withdrawal/", api_keys.api_key_withdrawal, name="api-key-withdrawal"),
]
