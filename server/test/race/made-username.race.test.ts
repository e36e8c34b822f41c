import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { USERNAME: "optional" } });
});
afterAll(() => test.close());

it("of twenty who have one name before the @ and choose none, each gets a name of their own", async () => {
  const emails = Array.from({ length: 20 }, (_, i) => `zhangsan@shop${i}.example`);
  const codes: string[] = [];
  for (const email of emails) codes.push(await test.codeFor(email));
  const password = "12345678aA";
  const answers = await Promise.all(
    emails.map((email, i) =>
      test.anonymous({
        method: "POST",
        url: "/users/",
        payload: { email, email_code: codes[i], password, password2: password, allow: "true" },
      }),
    ),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(emails.map(() => 201));
  const names = answers.map((answer) => answer.json().username as string);
  expect(new Set(names).size).toBe(20);
  expect(names.filter((name) => name === "zhangsan")).toHaveLength(1);
  const rows = await test.app.db.kysely.selectFrom("login_names").selectAll().execute();
  expect(rows).toHaveLength(40);
});
