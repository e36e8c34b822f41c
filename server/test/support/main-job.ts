import { expect } from "vitest";
import { waitUntil } from "./product-process.ts";

/** What the product is for, done over HTTP as a front end does it, with the code from the development mailbox. */
const password = "12345678aA";

interface SignedUp {
  readonly id: number;
  readonly token: string;
}

/** Signs up, logs in, reads the account. Returns what the log-in answered. */
export async function doMainJob(api: string, username: string): Promise<SignedUp> {
  const email = `${username}@example.com`;
  const asked = await fetch(`${api}/verifications/email_codes/${email}/?send_type=register`);
  expect([asked.status, await asked.clone().text()]).toEqual([200, expect.any(String)]);
  const code = await codeInMailbox(api, email);
  const signUp = { username, email, password, password2: password, email_code: code, allow: "true" };
  const made = await post(`${api}/users/`, signUp);
  expect([made.status, await made.clone().text()]).toEqual([201, expect.stringContaining(username)]);
  const loggedIn = await post(`${api}/users/authorizations/`, { username: email, password });
  const { token, user_id } = (await loggedIn.json()) as { token: string; user_id: number };
  const me = await fetch(`${api}/user/`, { headers: { authorization: `JWT ${token}` } });
  expect(await me.json()).toMatchObject({ id: user_id, username, email });
  return { id: user_id, token };
}

function post(url: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
}

async function codeInMailbox(api: string, address: string): Promise<string> {
  let code: string | null = null;
  await waitUntil(
    async () => {
      const answer = await fetch(`${api}/sandbox/mailbox/messages/?to=${encodeURIComponent(address)}`);
      const [newest] = (await answer.json()) as { code: string | null }[];
      code = newest?.code ?? null;
      return code !== null;
    },
    30,
    `a mail to ${address}`,
  );
  return code!;
}
