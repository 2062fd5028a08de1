// A small system of an agency: people sign in through the city hall, at a level, and are signed out by it.
import { randomBytes } from "node:crypto"
import express from "express"
import session from "express-session"
import { createRemoteJWKSet, jwtVerify } from "jose"
import * as oidc from "openid-client"

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT = "3000" } = process.env
const HOME = process.env.HOME_URL ?? `http://localhost:${PORT}`
const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

const loopback = new URL(ISSUER).protocol === "http:" ? { execute: [oidc.allowInsecureRequests] } : undefined
const city = await oidc.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, loopback)
const keys = createRemoteJWKSet(new URL(city.serverMetadata().jwks_uri))
const signedOut = new Set() // sids of sessions that the city hall has ended; a real system keeps them in its store

const app = express()
app.use(session({ secret: process.env.SECRET_KEY ?? randomBytes(32).toString("hex"), resave: false, saveUninitialized: false,
  cookie: { httpOnly: true, sameSite: "lax" } }))
app.use((request, _response, next) => {
  if (request.session.user && signedOut.has(request.session.user.sid)) delete request.session.user
  next()
})

const escape = (text) => String(text ?? "").replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
const page = (body) =>
  `<!doctype html><html lang="zh-Hant-TW"><meta name="viewport" content="width=device-width"><title>研習報名</title>${body}`

app.get("/", (request, response) => {
  const { user } = request.session
  response.send(page(user
    ? `<h1>研習報名</h1><p id="who">${escape(user.name)}，第 ${escape(user.acr)} 級</p>
       <p><a id="grave" href="/contract">簽訂合約（需要第 3 級）</a></p><p><a id="out" href="/logout">登出</a></p>`
    : `<h1>研習報名</h1><p><a id="in" href="/login">用市府帳號登入</a></p>`))
})

app.get("/login", (request, response) => toTheCityHall(request, response, "/"))

app.get("/contract", (request, response) => {
  const { user } = request.session
  // The answer's level is believed, not the wish.
  if (!user || Number(user.acr) < 3) return toTheCityHall(request, response, "/contract", { acr_values: "3" })
  response.send(page(`<h1 id="signed">合約已經簽訂</h1><p>${escape(user.name)}</p>`))
})

async function toTheCityHall(request, response, next, wishes = {}) {
  const verifier = oidc.randomPKCECodeVerifier()
  request.session.asked = { verifier, state: oidc.randomState(), nonce: oidc.randomNonce(), next }
  response.redirect(oidc.buildAuthorizationUrl(city, {
    redirect_uri: `${HOME}/callback`, scope: "openid profile", code_challenge_method: "S256",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    state: request.session.asked.state, nonce: request.session.asked.nonce, ...wishes,
  }).href)
}

app.get("/callback", async (request, response) => {
  const asked = request.session.asked
  if (!asked) return response.redirect("/")
  delete request.session.asked
  let tokens
  try {
    // Checks state, issuer, signature, audience, nonce and times.
    tokens = await oidc.authorizationCodeGrant(city, new URL(request.originalUrl, HOME), {
      pkceCodeVerifier: asked.verifier, expectedState: asked.state, expectedNonce: asked.nonce, idTokenExpected: true,
    })
  } catch (error) {
    return response.status(400).send(page(`<h1 id="error">${escape(error.error ?? error.code)}</h1><a href="/">←</a>`))
  }
  const { sub, sid, acr } = tokens.claims()
  const { name } = await oidc.fetchUserInfo(city, tokens.access_token, sub)
  request.session.regenerate(() => {
    request.session.user = { sub, sid, acr, name }
    request.session.idToken = tokens.id_token
    response.redirect(asked.next)
  })
})

app.get("/logout", (request, response) => {
  const hint = request.session.idToken
  request.session.destroy(() => response.redirect(
    oidc.buildEndSessionUrl(city, { id_token_hint: hint ?? "", post_logout_redirect_uri: `${HOME}/` }).href))
})

// OpenID Connect Back-Channel Logout 1.0, 2.6: every check, then the session ends.
app.post("/backchannel-logout", express.urlencoded({ extended: false }), async (request, response) => {
  try {
    const { payload } = await jwtVerify(request.body.logout_token ?? "", keys, {
      issuer: city.serverMetadata().issuer, audience: CLIENT_ID, algorithms: ["RS256"],
      requiredClaims: ["iat", "exp", "jti", "events", "sid"],
    })
    if (!(LOGOUT_EVENT in payload.events) || "nonce" in payload) throw new Error("no logout token")
    signedOut.add(payload.sid)
  } catch {
    return response.status(400).end()
  }
  response.set("Cache-Control", "no-store").status(200).end()
})

app.listen(Number(PORT), "127.0.0.1")
