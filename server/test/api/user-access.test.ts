import { afterAll, beforeAll, expect, test } from "vitest";
import { makePerson, type Person } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let server: TestApp;
let root: Person;
beforeAll(async () => {
  server = await startTestApp();
  root = await makePerson(server, "rootuser", { is_superuser: 1 });
});
afterAll(() => server.close());

const accessOf = async (id: number) =>
  (await server.as(root.token)({ url: `/admin/users/${id}/access/` })).json();

test("says by what an account is opened, and nothing where nothing is in the way", async () => {
  const person = await makePerson(server, "plain", { email: "plain@example.com" });
  expect(await accessOf(person.id)).toEqual({
    ...{ has_password: true, bindings: [], refusals: [], findings: [], disabled: null },
    second_factor: { enabled: false, since: null, recovery_codes_left: 0, methods: [] },
  });
});

test("names each thing that keeps its owner out", async () => {
  const person = await makePerson(server, "kept", { email: null });
  await switchOnSecondFactor(server, "kept");
  const change = { is_active: 0 as const, password_hash: "!" };
  await server.app.db.kysely.updateTable("users").set(change).where("id", "=", person.id).execute();
  const access = await accessOf(person.id);
  expect(access.findings).toEqual(["disabled", "no_way_in", "second_factor", "no_address"]);
  expect(access.second_factor).toMatchObject({ enabled: true, methods: ["totp", "recovery_code"] });
  expect((await server.as(root.token)({ url: "/admin/users/999999/access/" })).statusCode).toBe(404);
});

test("somebody else's tries that fill a name are named, without a whole network", async () => {
  const person = await makePerson(server, "hunted", { email: "hunted@example.com" });
  for (let at = 0; at < 250; at++) {
    await server.anonymous({
      ...{ method: "POST", url: "/users/authorizations/", remoteAddress: `198.51.${at % 10}.7` },
      payload: { username: "hunted", password: "wrong password" },
    });
  }
  expect((await accessOf(person.id)).findings).toContain("throttled_strangers");
});
