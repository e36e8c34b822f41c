import { afterAll, beforeAll, expect, it } from "vitest";
import { nameKey } from "../../src/kernel/name-key.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Imported accounts that share an address confirm it at once: it becomes exactly one's. */
let server: TestApp;
beforeAll(async () => {
  server = await startTestApp();
});
afterAll(() => server.close());

const answersOf = async (people: readonly Person[], request: (person: Person) => object) =>
  Promise.all(
    people.map(async (person) => {
      const answer = await server.as(person.token)(request(person));
      return { person, status: answer.statusCode };
    }),
  );

async function share(prefix: string, column: "email" | "mobile", value: string): Promise<Person[]> {
  const people = [];
  for (const number of [1, 2, 3, 4]) people.push(await makePerson(server, `${prefix}${number}`));
  const ids = people.map(({ id }) => id);
  await server.app.db.kysely
    .updateTable("users")
    .set({ [column]: value, email_verified: 0 })
    .where("id", "in", ids)
    .execute();
  return people;
}

async function expectOneWinner(name: string, answers: { person: Person; status: number }[]) {
  const winners = answers.filter(({ status }) => status === 200);
  expect(winners).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 400)).toHaveLength(answers.length - 1);
  const owners = await server.app.db.kysely
    .selectFrom("login_names")
    .select("user_id")
    .where("name_key", "=", nameKey(name))
    .execute();
  expect(owners).toEqual([{ user_id: winners[0]!.person.id }]);
  const payload = { username: name, password };
  const logIn = await server.anonymous({ method: "POST", url: "/users/authorizations/", payload });
  expect(logIn.json()).toMatchObject({ username: winners[0]!.person.username });
}

it("an address, by the code that was sent to it", async () => {
  for (const round of [1, 2, 3]) {
    const email = `shared${round}@qq.com`;
    const people = await share(`mailed${round}`, "email", email);
    const email_code = await server.codeFor(email, "changeEmail", people[0]!.token);
    const payload = { email, email_code, current_password: password };
    const answers = await answersOf(people, () => ({ method: "PUT", url: "/user/email/", payload }));
    await expectOneWinner(email, answers);
    const rows = await server.app.db.kysely
      .selectFrom("users")
      .select("id")
      .where("email", "=", email)
      .where("email_verified", "=", 1)
      .execute();
    expect(rows).toHaveLength(1);
  }
});

it("a mobile number, by the password", async () => {
  const mobile = "13600000000";
  const people = await share("numbered", "mobile", mobile);
  const payload = { mobile, current_password: password };
  const answers = await answersOf(people, () => ({ method: "PATCH", url: "/user/", payload }));
  await expectOneWinner(mobile, answers);
});
