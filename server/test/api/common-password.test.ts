import { afterAll, beforeAll, expect, test } from "vitest";
import { password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A breached password is refused wherever a new one is set, and nothing is set or used up by the try. */
const breached = "Taekwondo";
const refusal = ["这个密码太常见了，请换一个。"];
let server: TestApp;
beforeAll(async () => {
  server = await startTestApp();
});
afterAll(() => server.close());

test("at sign-up, reset and change", async () => {
  const both = { password: breached, password2: breached };
  const email = "common@example.com";
  const email_code = await server.codeFor(email);
  const person = { username: "common01", email, email_code, allow: "true" };
  const signUp = (passwords: object) =>
    server.anonymous({ method: "POST", url: "/users/", payload: { ...person, ...passwords } });
  expect((await signUp(both)).json()).toMatchObject({ password: refusal });
  expect((await signUp({ password, password2: password })).statusCode).toBe(201);

  const token = await tokenOf(server, "common01");
  const change = await server.as(token)({
    method: "PUT",
    url: "/user/password/",
    payload: { current_password: password, ...both },
  });
  expect([change.statusCode, change.json().password]).toEqual([400, refusal]);

  server.clock.advance(61);
  const code = await server.codeFor(email, "resetpwd");
  const reset = await server.anonymous({
    method: "POST",
    url: "/users/password/",
    payload: { email, email_code: code, ...both },
  });
  expect([reset.statusCode, reset.json().password]).toEqual([400, refusal]);
  await expect(tokenOf(server, "common01")).resolves.toBeTypeOf("string");
});
