import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("a POST that stands for a PATCH", () => {
  let test: TestApp;
  let ada: Person;
  let staff: Person;
  beforeAll(async () => {
    test = await startTestApp();
    ada = await makePerson(test, "ada_reader");
    staff = await makePerson(test, "staff_reader", { is_staff: 1, permissions: ["users.view_user"] });
  });
  afterAll(() => test.close());

  const send = (token: string, url: string, stated: string, method: "POST" | "GET" | "PUT" = "POST") =>
    test.as(token)({
      method,
      url,
      headers: { "x-http-method-override": stated },
      ...(method !== "GET" && { payload: { first_name: "Ada" } }),
    });

  it("changes what a PATCH changes", async () => {
    const answer = await send(ada.token, "/user/", "PATCH");
    expect([answer.statusCode, answer.json().first_name]).toEqual([200, "Ada"]);
  });

  it("needs the rights that a PATCH needs", async () => {
    expect((await send("", "/user/", "PATCH")).statusCode).toBe(401);
    const answers = [
      await send(ada.token, `/admin/users/${ada.id}/`, "PATCH"),
      await send(staff.token, `/admin/users/${ada.id}/`, "PATCH"),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403]);
  });

  it.each([
    ["POST", "DELETE"],
    ["POST", "PUT"],
    ["POST", "patch"],
    ["POST", "PATCH, PATCH"],
    ["PUT", "PATCH"],
  ] as const)("no %s stands for anything by %s", async (method, stated) => {
    const answer = await send(ada.token, "/user/", stated, method);
    expect(answer.statusCode).toBe(405);
  });

  it("a GET stays a GET", async () => {
    expect((await send(ada.token, "/user/", "PATCH", "GET")).json().username).toBe("ada_reader");
  });

  it("can't be sent by a page of another origin", async () => {
    const answer = await test.anonymous({
      method: "OPTIONS",
      url: "/user/",
      headers: { origin: "http://www.meiduo.com:8080", "access-control-request-method": "POST" },
    });
    expect(answer.headers["access-control-allow-headers"]).toBeTypeOf("string");
    expect(answer.headers["access-control-allow-headers"]).not.toMatch(/override/i);
  });
});
