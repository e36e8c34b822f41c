import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/app/app.ts";
import type { AppContext, AppOverrides } from "../../src/app/app-interface.ts";
import type { Api } from "../../src/http/server.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Whatever is under /admin/ is for staff, also a route that says nothing, also of a program that embeds the server. */
let server: TestApp;
let people: Record<"ordinary" | "clerk" | "staff" | "root", Person>;
let handled = 0;

const handler = async () => {
  handled++;
  return { message: "OK" };
};

async function withRoutes(context: AppContext, overrides: AppOverrides) {
  const app = await createApp(context, {
    ...overrides,
    permissions: [{ app: "mall", model: "order", codename: "close_order", name: "Can close order" }],
  });
  const { api } = app;
  api.route({ method: ["GET", "POST"], url: "/admin/silent/", handler });
  api.route({ method: "GET", url: "/admin/orders/:id/close/", config: { auth: "required" }, handler });
  api.route({ method: "GET", url: "/admin/own/", config: { permission: "mall.close_order" }, handler });
  api.get("/admin", handler);
  api.get("/admin/files/*", handler);
  await api.register(async (scope) => void scope.get("/in-a-plugin/", handler), { prefix: "/admin" });
  api.route({ method: "GET", url: "/administrators/", config: { auth: "optional" }, handler });
  return app;
}

beforeAll(async () => {
  server = await startTestApp({ create: withRoutes });
  people = {
    ordinary: await makePerson(server, "ordinary"),
    clerk: await makePerson(server, "clerk", { permissions: ["mall.close_order"] }),
    staff: await makePerson(server, "staffuser", { is_staff: 1 }),
    root: await makePerson(server, "rootuser", { is_superuser: 1 }),
  };
});
afterAll(() => server.close());

const silent = [
  "/admin/silent/",
  "/admin/orders/5/close/",
  "/admin",
  "/admin/files/a/b",
  "/admin/in-a-plugin/",
];

describe.each(silent)("%s, which asks for nothing itself", (url) => {
  test.each(["GET", "HEAD"] as const)(
    "lets staff and superusers in by %s, and nobody else",
    async (method) => {
      handled = 0;
      expect((await server.anonymous({ method, url })).statusCode).toBe(401);
      for (const [person, status] of [
        ...[["ordinary", 403] as const, ["clerk", 403] as const],
        ...[["staff", 200] as const, ["root", 200] as const],
      ]) {
        const answer = await server.as(people[person].token)({ method, url });
        expect(answer.statusCode, person).toBe(status);
      }
      expect(handled).toBe(2);
    },
  );
});

test("a refusal comes before anything that was sent is looked at", async () => {
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", url: "/admin/silent/", headers, payload: "{ not json" } as const;
  expect((await server.anonymous(request)).statusCode).toBe(401);
  expect((await server.as(people.ordinary.token)(request)).statusCode).toBe(403);
  expect((await server.as(people.staff.token)(request)).statusCode).toBe(400);
});

test("a route's own permission is asked for besides", async () => {
  const status = async (person: Person) => (await server.as(person.token)({ url: "/admin/own/" })).statusCode;
  expect(await status(people.clerk)).toBe(403);
  expect(await status(people.staff)).toBe(403);
  expect(await status(people.root)).toBe(200);
});

test("a path that only begins alike is not administration", async () => {
  expect((await server.anonymous({ url: "/administrators/" })).statusCode).toBe(200);
});

test.each(["optional", "ignored"] as const)(
  "a route under it that declares %s fails at the start",
  async (auth) => {
    const opened = startTestApp({
      async create(context, overrides) {
        const app = await createApp(context, overrides);
        try {
          (app.api as Api).route({ method: "GET", url: "/admin/open/", config: { auth }, handler });
        } catch (error) {
          await app.close();
          throw error;
        }
        return app;
      },
    });
    await expect(opened).rejects.toThrow(
      `route GET /admin/open/ is for staff, so config.auth can't be "${auth}"`,
    );
  },
);
