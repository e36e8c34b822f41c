import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorCodes } from "../../src/errors/error-codes.ts";
import { impersonationOn, makeHelper, tokenFor } from "../support/impersonation.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { routesOf } from "../support/routes.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { provesItself } from "../support/unasked-routes.ts";

/**
 * Every route of the API, of both contracts, with the token of somebody who acts in an owner's place. It is refused, unless it is in one
 * of these tables: what it may call (`allowed`), and what looks at no token (`deaf`, and what proves itself in the call). A new route is
 * in neither, so it is refused or fails the test.
 */
const allowed: readonly string[] = [
  ...["GET /user", "GET /users/user/detail", "PATCH /user", "DELETE /user/sessions/current"],
  ...["sessions", "log-ins", "bindings", "consents", "second-factor", "passkeys", "remembered-devices"].map(
    (name) => `GET /user/${name}`,
  ),
  ...["permissions", "export", "mobile/leave"].map((name) => `GET /user/${name}`),
  ...["/addresses", "/users/addresses", "/browse_histories"].map((path) => `GET ${path}`),
  // Open to everybody.
  ...["/test", "/oauth/providers", "/areas", "/areas/:id"].map((path) => `GET ${path}`),
  ...["change-password", "webauthn"].map((name) => `GET /.well-known/${name}`),
];

const deaf: ReadonlySet<string> = new Set([
  ...["GET /healthz", "GET /readyz", "GET /.well-known/jwks.json", "GET /avatars/:file"],
  "GET /mails/previews/:ticket",
  // A log-in begun; a token in the body, which is looked at and changes nothing.
  ...["POST /users/passkeys/options", "POST /token/verify", "POST /api/token/verify"],
  // A provider's form, which is handed on to a page and changes nothing.
  "POST /oauth/callback/:provider",
  // For services, by their own credential.
  ...["POST /token/introspect", "PUT /users/:id/deletion/hold", "DELETE /users/:id/deletion/hold"],
  // Of the classic contract: a mail's link, pictures, and a password found by number and code.
  ...["GET", "PUT", "POST"].map((method) => `${method} /emails/verification`),
  ...["sms_codes", "image_codes/:id", "image_code/:id"].map((path) => `GET /${path}`),
  ...["GET /accounts/:name/sms/token", "GET /accounts/:name/password/token", "POST /users/:id/password"],
]);
const without = (route: string) => route.replace(/(.)\/$/, "$1");
const proved = new Set(provesItself.map(({ route }) => without(route)));

const seen = new Set<string>();
const heard = new Set(deaf);
const words = errorCodes.impersonated.zh;

describe.each(["email", "classic"] as const)("every route with CONTRACT=%s", (contract) => {
  let test: TestApp;
  let helper: Person;
  beforeAll(async () => {
    test = await startTestApp({ env: { ...impersonationOn, CONTRACT: contract } });
    helper = await makeHelper(test, "helper");
  });
  afterAll(() => test.close());

  it("refuses whoever acts in an owner's place, but for the tables above", async () => {
    const wrong: string[] = [];
    const owner = await makePerson(test, "owner");
    let token = await tokenFor(test, helper, owner.id);
    for (const [method, path] of routesOf(test.app.api.printRoutes({ commonPrefix: false }))) {
      if (method === "HEAD" || method === "OPTIONS" || path.startsWith("/docs")) continue;
      const route = `${method} ${path}`;
      const call: InjectOptions = { method: method as "GET", url: path.replaceAll(/:\w+/g, "1") };
      const answer = await test.as(token)(call);
      if (answer.statusCode === 405) continue;
      const isRefused = answer.statusCode === 403 && answer.json().message === words;
      heard.delete(route);
      const isAllowed = allowed.includes(route);
      if (isAllowed) seen.add(route);
      // A change of nothing is a bad request.
      const isRight = isAllowed
        ? !isRefused && answer.statusCode < 500
        : isRefused || deaf.has(route) || proved.has(route);
      if (!isRight) wrong.push(`${route} answers ${answer.statusCode} ${answer.body.slice(0, 60)}`);
      if (route === "DELETE /user/sessions/current") token = await tokenFor(test, helper, owner.id);
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it("lets them change names, and nothing by which the account is opened", async () => {
    const owner = await makePerson(test, "changed");
    const token = await tokenFor(test, helper, owner.id);
    const patch = (payload: object) => test.as(token)({ method: "PATCH", url: "/user/", payload });
    expect((await patch({ first_name: "Lan", nickname: "lan" })).statusCode).toBe(200);
    for (const more of [{ mobile: "13800138000" }, { mobile: null }, { username_due: false }]) {
      const answer = await patch({ first_name: "Xin", ...more });
      expect([answer.statusCode, answer.json().message]).toEqual([403, words]);
    }
    // No guess at the password either.
    expect((await patch({ first_name: "Xin", current_password: password })).statusCode).toBe(403);
    expect(await test.app.users.byId(owner.id)).toMatchObject({ first_name: "Lan", mobile: null });
  });
});

it("has only rows that are routes", () => {
  expect(allowed.filter((route) => !seen.has(route))).toEqual([]);
  expect([...heard]).toEqual([]);
  expect(allowed.filter((route) => !route.startsWith("GET "))).toEqual([
    ...["PATCH /user", "DELETE /user/sessions/current"],
  ]);
});
