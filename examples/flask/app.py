"""A small system of an agency: people sign in through the city hall, at a level, and are signed out by it."""

import os
import secrets
from urllib.parse import urlencode

import requests
from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, redirect, render_template_string, request, session, url_for
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ISSUER = os.environ["ISSUER"].rstrip("/")
CLIENT_ID = os.environ["CLIENT_ID"]
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

app = Flask(__name__)
app.secret_key = os.environ.get("SECRET_KEY") or secrets.token_hex(32)
oauth = OAuth(app)
city = oauth.register(
    "city",
    client_id=CLIENT_ID,
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile agency", "code_challenge_method": "S256"},
)
signed_out: set[str] = set()  # sids of sessions that the city hall has ended; a real system keeps them in its store

PAGE = """<!doctype html><html lang="zh-Hant-TW"><meta name="viewport" content="width=device-width">
<title>場地租借</title>
<h1>場地租借</h1>
{% if user %}<p id="who">{{ user.name }}，第 {{ user.acr }} 級</p>
{% for post in user.agencies or [] %}<p>{{ post.agency_name }}{{ post.unit_name }}</p>{% endfor %}
<p><a id="grave" href="{{ url_for("contract") }}">簽訂租約（需要第 3 級）</a></p>
<p><a id="out" href="{{ url_for("logout") }}">登出</a></p>
{% else %}<p><a id="in" href="{{ url_for("login") }}">用市府帳號登入</a></p>{% endif %}"""


def person() -> dict | None:
    """Who is signed in here, unless the city hall has ended their session."""
    user = session.get("user")
    if user and user["sid"] in signed_out:
        session.clear()
        return None
    return user


@app.get("/")
def home():
    return render_template_string(PAGE, user=person())


@app.get("/login")
def login():
    return _to_the_city_hall()


def _to_the_city_hall(**wishes: str):
    return city.authorize_redirect(url_for("callback", _external=True), nonce=secrets.token_urlsafe(16), **wishes)


@app.get("/contract")
def contract():
    """A grave act: the city hall is asked for level 3, and the answer is believed, not the wish."""
    user = person()
    if not user or int(user["acr"]) < 3:
        session["next"] = "contract"
        return _to_the_city_hall(acr_values="3")
    return render_template_string("<!doctype html><h1 id='signed'>租約已經簽訂</h1><p>{{ user.name }}</p>", user=user)


@app.get("/callback")
def callback():
    if "error" in request.args:
        return render_template_string("<h1 id='error'>{{ e }}</h1><a href='/'>←</a>", e=request.args["error"]), 400
    token = city.authorize_access_token()
    claims = token["userinfo"]  # of the ID token, whose signature, nonce, audience and times the library has checked
    info = city.userinfo(token=token)
    session["user"] = {key: claims[key] for key in ("sub", "sid", "acr")} | dict(info)
    session["id_token"] = token["id_token"]
    return redirect(url_for(session.pop("next", "home")))


@app.get("/logout")
def logout():
    hint = session.get("id_token", "")
    session.clear()
    end = city.load_server_metadata()["end_session_endpoint"]
    back = url_for("home", _external=True)
    return redirect(f"{end}?{urlencode({'id_token_hint': hint, 'post_logout_redirect_uri': back})}")


@app.post("/backchannel-logout")
def backchannel_logout():
    """OpenID Connect Back-Channel Logout 1.0, 2.6: every check, then the session ends."""
    keys = KeySet.import_key_set(requests.get(city.load_server_metadata()["jwks_uri"], timeout=5).json())
    rules = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": ISSUER}, aud={"essential": True, "value": CLIENT_ID},
        iat={"essential": True}, exp={"essential": True}, events={"essential": True},
    )  # fmt: skip
    try:
        claims = jwt.decode(request.form.get("logout_token", ""), keys, algorithms=["RS256"]).claims
        rules.validate(claims)
    except (JoseError, ValueError):
        abort(400)
    if LOGOUT_EVENT not in claims["events"] or "nonce" in claims or not claims.get("sid"):
        abort(400)
    signed_out.add(claims["sid"])
    return "", 200, {"Cache-Control": "no-store"}


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "5000")))
