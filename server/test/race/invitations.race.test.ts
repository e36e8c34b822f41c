import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
let staff: Person;
beforeAll(async () => {
  test = await startTestApp({ env: { SIGN_UP: "invitation", INVITATIONS_PER_MAKER: "5" } });
  staff = await makePerson(test, "staffuser", { is_staff: 1, permissions: ["users.add_user"] });
});
afterAll(() => test.close());

const numbers = Array.from({ length: 20 }, (_, i) => i);
const invite = (payload: object) =>
  test.as(staff.token)({ method: "POST", url: "/admin/invitations/", payload });
const password = "12345678aA";

it("of twenty who bring one invitation for three at once, three get in", async () => {
  const invitation = /#invitation=(.+)$/.exec((await invite({ max_uses: 3 })).json().link)![1];
  const codes: string[] = [];
  for (const i of numbers) codes.push(await test.codeFor(`guest${i}@example.com`));
  const answers = await Promise.all(
    numbers.map((i) =>
      test.anonymous({
        method: "POST",
        url: "/users/",
        payload: {
          ...{ username: `guest_${i}`, email: `guest${i}@example.com`, email_code: codes[i], invitation },
          ...{ password, password2: password, allow: "true" },
        },
      }),
    ),
  );
  const won = answers.filter(({ statusCode }) => statusCode === 201);
  expect(won).toHaveLength(3);
  for (const answer of answers.filter((one) => !won.includes(one))) {
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, ["invitation", "message"]]);
  }
  const row = await test.app.db.kysely.selectFrom("invitations").select("uses").executeTakeFirst();
  expect(row?.uses).toBe(3);
  const made = await test.app.db.kysely.selectFrom("users").select("id").execute();
  expect(made).toHaveLength(4);
});

it("of twenty that one maker makes at once, as many are made as may be", async () => {
  const answers = await Promise.all(numbers.map(() => invite({})));
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(5);
  expect(answers.filter(({ statusCode }) => statusCode === 400)).toHaveLength(15);
});
