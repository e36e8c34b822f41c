/** An API of one account, as far as sessions ask it: `fetch` for a client. */
import type { Fetch } from "../../src/exchange.ts";

const account = { id: 7, username: "ada", email: "ada@example.com" };

/** Knows the token `good` alone. `password` of a log-in is right if it is `right`. */
export const imitatedApi: Fetch = async (url, init) => {
  const path = new URL(String(url)).pathname;
  if (path === "/users/authorizations/") {
    const { password } = JSON.parse(String(init?.body)) as { password: string };
    if (password !== "right") {
      return Response.json({ code: "wrong_credentials", detail: "Wrong." }, { status: 400 });
    }
    return Response.json({ token: "good", username: account.username, user_id: account.id });
  }
  if (new Headers(init?.headers).get("authorization") === "JWT good") return Response.json(account);
  return Response.json({ code: "not_authenticated", detail: "Log in." }, { status: 401 });
};
