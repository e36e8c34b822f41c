import { expect } from "vitest";
import type { TestApp } from "./test-app.ts";

/** A service that may introspect: its secret. */
export async function introspector(test: TestApp, name = "introspector"): Promise<string> {
  const operator = { id: null, name: "test", requestId: null };
  const input = { name, scopes: ["sessions.introspect_token"], networks: [], lifeSeconds: null };
  return (await test.app.services.add(operator, input)).secret;
}

/** Asks whether a token is active; of one that is not, nothing else may be said. */
export async function introspectionOf(test: TestApp): Promise<(token: string) => Promise<boolean>> {
  const headers = { authorization: `Bearer ${await introspector(test)}` };
  return async (token) => {
    const answer = await test.anonymous({
      ...{ method: "POST", url: "/token/introspect/", headers, payload: { token } },
    });
    expect(answer.statusCode, answer.body).toBe(200);
    if (answer.json().active !== true) expect(answer.body).toBe('{"active":false}');
    return answer.json().active;
  };
}
