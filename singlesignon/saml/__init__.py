"""SAML 2.0 Web Browser SSO and single logout, for systems that are too old for OpenID Connect (docs/decisions/0021).

The messages are pysaml2's classes, the XML signatures signxml's; here is what a provider has to weigh and to say.
Standards: SAML 2.0 Core, Bindings, Profiles and Metadata (OASIS, 2005).
"""
