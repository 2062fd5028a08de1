"""The citizen's certificate on the phone (行動自然人憑證, TW FidO), beside the card readers yet to come.

``wire``       what the Ministry's service is asked and answers: names, codes, checksum. Provisional, in this one file.
``statement``  what the phone signs, and the form of an identity number.
``cms``        a signature as PKCS#7; ``trust`` whether signature, certificate and revocation list hold.
``adapter``    the one way in which the product speaks to such a service.
``simulator``  the same service on loopback, with a certificate authority and a phone of its own.

Nothing here knows accounts: those are ``identity.actions.certificate``. Why the checksum proves nothing to us:
docs/decisions/0019.
"""
