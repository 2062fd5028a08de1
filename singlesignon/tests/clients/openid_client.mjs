// npm's openid-client against the provider: ISSUER CLIENT_ID CLIENT_SECRET REDIRECT_URI COOKIE. Prints what it learned as JSON.
import { pathToFileURL } from "node:url"

const [issuer, id, secret, redirect_uri, cookie, library] = process.argv.slice(2)
const client = await import(pathToFileURL(library))

const config = await client.discovery(new URL(issuer), id, secret, undefined, {
  execute: [client.allowInsecureRequests], // loopback
})
const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const nonce = client.randomNonce()
const asked = await client.buildAuthorizationUrlWithPAR(config, {
  redirect_uri,
  scope: "openid",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
  max_age: "3600",
})
const browser = await fetch(asked, { headers: { cookie }, redirect: "manual" })
const back = new URL(browser.headers.get("location"))
const tokens = await client.authorizationCodeGrant(config, back, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  maxAge: 3600,
  idTokenExpected: true,
})
const claims = tokens.claims()
const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const active = (await client.tokenIntrospection(config, tokens.access_token)).active
await client.tokenRevocation(config, tokens.access_token)
const after = (await client.tokenIntrospection(config, tokens.access_token)).active
console.log(JSON.stringify({ sub: info.sub, acr: claims.acr, active, after }))
