import { makePerson, type Person, password, type Standing } from "./people.ts";
import type { TestApp } from "./test-app.ts";

/** Two accounts of one person, and the four calls that make one of them. */
type Caller = Pick<TestApp, "as">;
export const joiningUrl = "/user/joining/";

const post = (site: Caller, token: string, end: string, payload: object, proof?: string) =>
  site.as(token)({
    ...{ method: "POST", url: `${joiningUrl}${end}`, payload },
    ...(proof === undefined ? {} : { headers: { "x-meiduo-proof": proof } }),
  });

export async function offerOf(site: Caller, kept: Pick<Person, "token">): Promise<string> {
  const answer = await post(site, kept.token, "offer/", {});
  if (answer.statusCode !== 201) throw new Error(`no offer: ${answer.statusCode} ${answer.body}`);
  return answer.json().offer;
}

/** `old_sms_code`: to the proved number of the account that goes. */
interface Shown {
  readonly old_sms_code?: string;
}

export const askTicket = (site: Caller, joined: Pick<Person, "token">, offer: string, shown: Shown = {}) =>
  post(site, joined.token, "ticket/", { offer, current_password: password, ...shown });

/** Both accounts' word for it. */
export async function ticketOf(
  site: Caller,
  kept: Pick<Person, "token">,
  joined: Pick<Person, "token">,
  shown: Shown = {},
): Promise<string> {
  const answer = await askTicket(site, joined, await offerOf(site, kept), shown);
  if (answer.statusCode !== 201) throw new Error(`no ticket: ${answer.statusCode} ${answer.body}`);
  return answer.json().ticket;
}

export const preview = (site: Caller, kept: Pick<Person, "token">, ticket: string) =>
  post(site, kept.token, "preview/", { ticket });

export const join = (site: Caller, kept: Pick<Person, "token">, sent: { ticket: string; digest: string }) =>
  post(site, kept.token, "", { ...sent, current_password: password });

/** As far as the last press: what `join` takes. */
export async function ready(
  site: Caller,
  kept: Pick<Person, "token">,
  joined: Pick<Person, "token">,
  shown: Shown = {},
): Promise<{ ticket: string; digest: string }> {
  const ticket = await ticketOf(site, kept, joined, shown);
  const seen = await preview(site, kept, ticket);
  if (seen.statusCode !== 200) throw new Error(`no preview: ${seen.statusCode} ${seen.body}`);
  return { ticket, digest: seen.json().digest };
}

let keys = 0;

/** An account with a third party bound to it. */
export async function makeBound(
  test: TestApp,
  username: string,
  standing: Standing & { readonly unproved?: 0 | 1 } = {},
): Promise<Person & { readonly accountKey: string }> {
  const person = await makePerson(test, username, standing);
  const accountKey = `unionid:${username}${++keys}`;
  await test.app.db.kysely
    .insertInto("bindings")
    .values({
      ...{ provider: "qq", account_key: accountKey, user_id: person.id, is_alias: 0 },
      ...{ nickname: `QQ of ${username}`, avatar: "https://thirdqq.qlogo.cn/a.png" },
      ...{ created_at: test.clock.now() - 86_400_000, last_login_at: null, unproved: standing.unproved ?? 0 },
    })
    .execute();
  return { ...person, accountKey };
}
