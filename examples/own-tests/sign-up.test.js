import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestServer } from "meiduo-accounts/testing";

/** A site's own suite: the account server runs inside it, on free ports, with an empty database. */
let server;
before(async () => {
  server = await startTestServer({
    accounts: [
      { username: "python01", email: "python01@example.com" },
      { username: "boss", isSuperuser: true },
    ],
  });
});
after(() => server.stop());

const askForCode = (email) =>
  fetch(`${server.apiUrl}/verifications/email_codes/${email}/?send_type=register`);

const signUp = (username, email, email_code) =>
  fetch(`${server.apiUrl}/users/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      username,
      email,
      email_code,
      password: "12345678aA",
      password2: "12345678aA",
      allow: "true",
    }),
  });

test("somebody signs up with the code from the mail", async () => {
  await askForCode("new@example.com");
  const code = await server.codeFor("new@example.com");
  assert.equal((await signUp("newcomer", "new@example.com", code)).status, 201);
});

test("a code is worth nothing a day later", async () => {
  await askForCode("late@example.com");
  const code = await server.codeFor("late@example.com");
  server.clock.advance(24 * 3600);
  assert.equal((await signUp("latecomer", "late@example.com", code)).status, 400);
});

test("an account that was there from the start has a token", async () => {
  const { token } = await server.addAccount({ username: "python02" });
  const answer = await fetch(`${server.apiUrl}/user/`, { headers: { authorization: `JWT ${token}` } });
  assert.equal((await answer.json()).username, "python02");
});
