import { afterAll, beforeAll, expect, it } from "vitest";
import { addPasskey, logInBy, logInOptions } from "../support/passkeys.ts";
import { makePerson, password } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { type SoftwarePasskey, softwarePasskey } from "../support/software-passkey.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database and one kv store, as two processes have them. */
const times = 50;
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
beforeAll(async () => {
  test = await startTestApp();
  second = await restartedSite(test, { secretKey: testSecretKey });
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const server = (i: number) => (i % 2 === 0 ? test : second);
const at = <Result>(call: (i: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: times }, (_, i) => call(i)));
const winners = (answers: readonly { statusCode: number }[], good = 200) => {
  const codes = answers.map(({ statusCode }) => statusCode);
  expect(
    codes.every((code) => [good, 400, 503].includes(code)),
    codes.join(),
  ).toBe(true);
  return codes.filter((code) => code === good).length;
};

it("one answer to one challenge, shown 50 times at once, logs in once", async () => {
  const { token } = await makePerson(test, "python01");
  const { device } = await addPasskey(test, token);
  const shown = device.show(await logInOptions(test));
  expect(winners(await at((i) => logInBy(server(i), shown)))).toBe(1);
});

it("50 answers to one challenge, of ten passkeys, log in once", async () => {
  const { token } = await makePerson(test, "python02");
  const devices: SoftwarePasskey[] = [];
  for (let i = 0; i < 10; i++) devices.push((await addPasskey(test, token)).device);
  const options = await logInOptions(test);
  expect(winners(await at((i) => logInBy(server(i), devices[i % 10]!.show(options))))).toBe(1);
});

it("one challenge of a step, shown 50 times, finishes it once", async () => {
  const { token } = await makePerson(test, "python03");
  const { device } = await addPasskey(test, token, { second_factor: true });
  const logIn = {
    method: "POST",
    url: "/users/authorizations/",
    payload: { username: "python03", password },
  } as const;
  const { step } = (await test.anonymous(logIn)).json();
  const asked = await test.anonymous({
    method: "POST",
    url: "/users/second-factor/passkey/",
    payload: { step },
  });
  const passkey = device.show(asked.json().options);
  const payload = { step, passkey };
  const answers = await at((i) =>
    server(i).anonymous({ method: "POST", url: "/users/second-factor/", payload }),
  );
  expect(winners(answers)).toBe(1);
});

it("one answer of a device's, added 50 times at once, is one passkey", async () => {
  const { token } = await makePerson(test, "python04");
  const begun = await test.as(token)({
    method: "POST",
    url: "/user/passkeys/options/",
    payload: { current_password: password },
  });
  const passkey = softwarePasskey().register(begun.json().options);
  const payload = { passkey };
  const answers = await at((i) => server(i).as(token)({ method: "POST", url: "/user/passkeys/", payload }));
  expect(winners(answers, 201)).toBe(1);
});

it("50 that begin at once are told one handle", async () => {
  const { token } = await makePerson(test, "python05");
  const url = "/user/passkeys/options/";
  const begun = await at((i) =>
    server(i).as(token)({ method: "POST", url, payload: { current_password: password } }),
  );
  const handles = begun
    .filter(({ statusCode }) => statusCode === 200)
    .map((one) => one.json().options.user.id);
  expect(handles.length).toBeGreaterThan(1);
  expect(new Set(handles).size).toBe(1);
});

it("an account that has nineteen gets one more of many at once", async () => {
  const { id, token } = await makePerson(test, "python06");
  await addPasskey(test, token);
  const { kysely } = test.app.db;
  const [row] = await kysely.selectFrom("passkeys").selectAll().where("user_id", "=", id).execute();
  const rows = Array.from({ length: 18 }, (_, n) => ({ ...row!, id: `more${n}`, credential_id: `more${n}` }));
  await kysely.insertInto("passkeys").values(rows).execute();
  const answers = [];
  for (let i = 0; i < 10; i++) {
    const begun = await test.as(token)({
      method: "POST",
      url: "/user/passkeys/options/",
      payload: { current_password: password },
    });
    answers.push(softwarePasskey().register(begun.json().options));
  }
  const added = await Promise.all(
    answers.map((passkey, i) =>
      server(i).as(token)({ method: "POST", url: "/user/passkeys/", payload: { passkey } }),
    ),
  );
  expect(winners(added, 201)).toBe(1);
});
